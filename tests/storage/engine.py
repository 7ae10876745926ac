"""How the engine's tests run: one store, one event loop, nothing left behind."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from repositories.embedded import EmbeddedStore


def run(body: Callable[[EmbeddedStore], Awaitable[Any]], path: Path, **options: Any) -> Any:
    """What `body` answers on a durable store in `path`, which is closed again."""

    async def with_store() -> Any:
        store = await EmbeddedStore.open(path, **options)
        try:
            return await body(store)
        finally:
            await store.close()

    return asyncio.run(with_store())


def in_memory(body: Callable[[EmbeddedStore], Awaitable[Any]], **options: Any) -> Any:
    """What `body` answers on a store in memory."""

    async def with_store() -> Any:
        store = EmbeddedStore.in_memory(**options)
        try:
            return await body(store)
        finally:
            await store.close()

    return asyncio.run(with_store())
