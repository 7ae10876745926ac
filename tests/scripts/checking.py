"""What tests of `scripts.check` share: damaging a store, and looking into it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from repositories.forum.likes import LikeRepository
from repositories.forum.posts import PostRepository
from repositories.storage import Storage, open_storage
from scripts import check


def change(data_dir: Path, body: Callable[[Storage], Awaitable[Any]]) -> Any:
    """Change the store behind the back of the services."""

    async def with_storage() -> Any:
        storage = await open_storage("embedded", data_dir)
        try:
            return await body(storage)
        finally:
            await storage.close()

    return asyncio.run(with_storage())


def checked(data_dir: Path, capsys: pytest.CaptureFixture) -> tuple[int, list[str]]:
    code = check.main([f"--data-dir={data_dir}"])
    return code, capsys.readouterr().out.splitlines()


async def like_until(over: asyncio.Future[Any], storage: Storage) -> list[int]:
    """Have four like posts 1 to 20 until something is over; how often each of them did."""
    posts, likes = PostRepository(storage), LikeRepository(storage)

    async def like() -> int:
        count = 0
        while not over.done():
            async with storage.transaction() as tx:
                await likes.claim(ObjectId(), 1 + count % 20, tx=tx)
                await posts.count_like(1 + count % 20, 1, tx=tx)
            count += 1
        return count

    return await asyncio.gather(*(like() for _ in range(4)))
