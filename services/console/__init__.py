"""What administrators see of the whole product at `/console`: its figures, and what went wrong."""
