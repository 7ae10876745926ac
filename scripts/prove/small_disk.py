"""A real, small disk that can be filled up; making one needs the right to mount."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_DISK_BYTES = 128 * 1024 * 1024
_FILLER = "filler"


class SmallDisk:
    """A mounted file system, with a file of nothing in it that takes up space."""

    def __init__(self, directory: Path, kind: str):
        self.directory = directory
        self.kind = kind

    def fill(self, left_bytes: int) -> None:
        """Leave so much space, at most."""
        space = os.statvfs(self.directory)
        missing = space.f_bavail * space.f_frsize - left_bytes
        if missing > 0:
            with (self.directory / _FILLER).open("ab") as filler:
                os.posix_fallocate(filler.fileno(), filler.tell(), missing)

    def free(self) -> None:
        """Give all the space back."""
        (self.directory / _FILLER).unlink(missing_ok=True)


@contextmanager
def small_disk(directory: Path) -> Iterator[SmallDisk | None]:
    """An ext4 of its own, else a part of the memory, mounted at `directory`; else None."""
    directory.mkdir()
    kind = next((kind for kind in ("ext4", "tmpfs") if _mount(kind, directory)), None)
    if kind is None:
        yield None
        return
    try:
        yield SmallDisk(directory, kind)
    finally:
        _run("umount", str(directory))


def _mount(kind: str, directory: Path) -> bool:
    if kind == "tmpfs":
        return _run("mount", "-t", "tmpfs", "-o", f"size={_DISK_BYTES}", "none", str(directory))
    image = directory.with_name(f"{directory.name}.ext4")
    with image.open("wb") as file:
        file.truncate(_DISK_BYTES)
    is_made = _run("mkfs.ext4", "-q", "-m", "0", str(image))
    return is_made and _run("mount", "-o", "loop", str(image), str(directory))


def _run(command: str, *options: str) -> bool:
    """Whether a command of the system is there and does what it is told."""
    program = shutil.which(command)
    if program is None:
        return False
    # S603: the system's own programs, on files of ours.
    done = subprocess.run([program, *options], capture_output=True, check=False)  # noqa: S603
    return done.returncode == 0
