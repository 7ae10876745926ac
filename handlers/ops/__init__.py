"""What operators and developers look at: health, readiness, the outbox page."""
