"""What tests of `scripts.check` share: damaging a store, and looking into it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

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
