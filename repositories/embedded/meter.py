"""Whom a storage tells how long its work takes."""

from collections.abc import Callable
from typing import Protocol

Tell = Callable[[float], None]
"""Takes the seconds that something took."""


class Meter(Protocol):
    """Takes times from any thread, but only one at a time; it must cost next to nothing."""

    @property
    def read(self) -> Tell:
        """A query was answered, or a batch of its documents."""

    def written(self, seconds: float, together: int | None) -> None:
        """Writes became durable: so many `together` in one commit, None where it is one write."""


def untold(_seconds: float) -> None:
    """Nobody wants to know how long it took."""


class Unwatched:
    """The meter of a storage that nobody watches."""

    read = staticmethod(untold)

    def written(self, seconds: float, together: int | None) -> None:
        """Nothing is kept."""
