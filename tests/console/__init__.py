"""The console: its figures, what it can do about the outbox, its page."""
