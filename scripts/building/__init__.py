"""What `python -m scripts.build` puts together."""
