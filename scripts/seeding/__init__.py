"""What `python -m scripts.seed` puts into the store, by family."""
