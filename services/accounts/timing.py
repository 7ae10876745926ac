"""Answers whose time must not tell what was done for them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def at_least(seconds: float) -> AsyncIterator[None]:
    """Let a block take no less than `seconds`, however it ends.

    Chosen well above what the longest way through it takes, it makes all ways equally
    long, which no care for the shorter ones would: they write nothing to disk.
    """
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + seconds
    try:
        yield
    finally:
        await asyncio.sleep(max(0.0, ends_at - loop.time()))
