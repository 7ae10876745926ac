"""Whom a storage tells how long its work takes."""

from typing import Protocol


class Meter(Protocol):
    """Takes times from any thread, but only one at a time; it must cost next to nothing."""

    def read(self, seconds: float) -> None:
        """A query was answered, or a batch of its documents."""

    def written(self, seconds: float, together: int | None) -> None:
        """Writes became durable: so many `together` in one commit, None where it is one write."""
