"""The days that the console tells of: UTC days, the last one being today."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

DAY: Final = timedelta(days=1)
DAYS_SHOWN: Final = 30


def last_days(at: datetime) -> tuple[datetime, ...]:
    """The beginnings of the days shown, the oldest first."""
    today = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return tuple(today - DAY * ago for ago in reversed(range(DAYS_SHOWN)))


async def count_by_day(
    count: Callable[[datetime, datetime], Awaitable[int]], days: Sequence[datetime]
) -> tuple[int, ...]:
    """What `count` finds from the beginning of each day on and before its end."""
    counts = []
    for day in days:
        counts.append(await count(day, day + DAY))
        # Each is a short look into an index; requests come in between.
        await asyncio.sleep(0)
    return tuple(counts)
