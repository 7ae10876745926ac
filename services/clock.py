"""The time, as something that is handed in: rules and tests never read a global clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Gives the present moment as an aware UTC datetime."""


def system_clock() -> datetime:
    """The machine's time in UTC."""
    return datetime.now(UTC)


class MovableClock:
    """A clock that runs as another does, by `ahead` before it."""

    def __init__(self, base: Clock = system_clock):
        self._base = base
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return self._base() + self.ahead
