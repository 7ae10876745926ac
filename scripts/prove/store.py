"""The store that servers of a proof share, opened beside them."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from repositories.storage import Storage, open_storage

T = TypeVar("T")


async def with_storage(data_dir: Path, work: Callable[[Storage], Awaitable[T]]) -> T:
    """Do something with the embedded store of a data directory; servers may be using it."""
    storage = await open_storage("embedded", data_dir)
    try:
        return await work(storage)
    finally:
        await storage.close()


def on_store(data_dir: Path, work: Callable[[Storage], Awaitable[T]]) -> T:
    """`with_storage`, for who runs no event loop."""
    return asyncio.run(with_storage(data_dir, work))
