"""Where a store in memory keeps its files, and how none are left behind."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

_PREFIX: Final = "agora-"
_SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - only its own, private directories in it

_mine: set[Path] = set()


def make_directory() -> Path:
    """A private directory, in memory where the system has a place for that.

    It goes with the process; those of processes that were killed are removed here.
    """
    parent = _parent()
    _sweep(parent)
    directory = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))
    if not _mine:
        atexit.register(_remove_all)
    _mine.add(directory)
    return directory


def remove_directory(directory: Path) -> None:
    """Remove a directory made here, with its files."""
    shutil.rmtree(directory, ignore_errors=True)
    _mine.discard(directory)


def _parent() -> Path:
    if _SHARED_MEMORY.is_dir() and os.access(_SHARED_MEMORY, os.W_OK):
        return _SHARED_MEMORY
    return Path(tempfile.gettempdir())


def _remove_all() -> None:
    for directory in list(_mine):
        remove_directory(directory)


def _sweep(parent: Path) -> None:
    for directory in parent.glob(f"{_PREFIX}[0-9]*-*"):
        process = directory.name.removeprefix(_PREFIX).partition("-")[0]
        if process.isdigit() and not _is_alive(int(process)):
            shutil.rmtree(directory, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
