"""What is run by hand: `python -m scripts.NAME`; each has `--help`."""
