"""What the server sees of itself while it runs: nothing of it is stored."""
