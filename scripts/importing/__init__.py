"""What `python -m scripts.import_catalog` reads."""
