"""Answers whose time must not tell what was done for them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

# What a timer of the loop may be late by: uvloop counts in whole milliseconds.
_TIMER_SECONDS: Final = 0.002


@asynccontextmanager
async def at_least(seconds: float) -> AsyncIterator[None]:
    """Let a block take no less than `seconds`, however it ends.

    Chosen well above what the longest way through it takes, it makes all ways equally
    long, which no care for the shorter ones would: they write nothing to disk.
    """
    ends_at = time.monotonic() + seconds
    try:
        yield
    finally:
        await _sleep_until(ends_at)


async def _sleep_until(ends_at: float) -> None:
    """Sleep to a moment of `time.monotonic`, much closer than a timer of the loop comes.

    A timer ends within a millisecond that begins when the loop last woke up, so that by its end
    alone the two ways of forgotten passwords were told apart (docs/reliability.md, P14).
    """
    await asyncio.sleep(max(0.0, ends_at - _TIMER_SECONDS - time.monotonic()))
    while time.monotonic() < ends_at:  # noqa: ASYNC110 - what it waits for is no event
        await asyncio.sleep(0)
