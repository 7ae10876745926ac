"""What the server sees of itself."""
