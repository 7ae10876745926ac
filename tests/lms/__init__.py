"""The LMS."""
