"""`kill -9` under write load, again and again: is everything there that was acknowledged?"""
