"""What the repositories rely on, tested in the same words on every engine.

An engine that does otherwise has a known difference: a number and a sentence in
`differences.py`, and a test in `test_known_differences.py` that shows it.
"""
