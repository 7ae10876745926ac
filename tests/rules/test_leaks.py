"""Opening and closing the application leaves no file and no thread behind."""

import asyncio
import gc
import os
import sys
import threading
from pathlib import Path

import pytest

from config.settings import Settings
from repositories.storage import open_storage
from tests import harness

ROUNDS = 50


def _open_files() -> set[str]:
    return {
        os.readlink(f"/proc/self/fd/{number}")
        for number in os.listdir("/proc/self/fd")
        if os.path.exists(f"/proc/self/fd/{number}")
    }


def _count_files() -> int:
    return len(os.listdir("/proc/self/fd"))


async def _round(storage: str, data_dir: Path) -> None:
    """Open, do something in every pool and on every socket, close."""
    # In memory as a copy of a store that was made once: making its indexes leaves nothing more.
    opened = None if storage == "memory" else await open_storage(storage, data_dir)
    api = await harness.start(opened)
    api.agora.start_workers()
    try:
        token = await api.sign_in()
        await api.create_post(token)
        assert (await api.get("/ready")).status == 200
    finally:
        await api.close()


@pytest.mark.skipif(sys.platform != "linux", reason="open files are read from /proc")
@pytest.mark.parametrize("storage", ["memory", Settings().storage])
def test_fifty_starts_and_stops_leave_nothing_behind(storage: str, tmp_path: Path):
    async def rounds(count: int) -> None:
        for _ in range(count):
            await _round(storage, tmp_path)

    asyncio.run(rounds(2))
    gc.collect()
    files, threads = _count_files(), threading.active_count()
    asyncio.run(rounds(ROUNDS))
    gc.collect()
    assert (_count_files(), threading.active_count()) == (files, threads), _open_files()
