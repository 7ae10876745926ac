"""LMS: where courses, what is in them, and what participants did are kept."""
