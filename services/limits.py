"""Limits on how often something may be done, and what is left of them."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` in a window that begins with the first."""

    name: str
    count: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of a limit to who asks: `remaining` until the running window ends.

    `reset_seconds` is None while no window runs, as nothing was counted yet.
    """

    limit: Limit
    remaining: int
    reset_seconds: int | None
