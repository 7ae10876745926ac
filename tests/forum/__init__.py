"""The forum: posts, likes, replies, pictures and sleep records."""
