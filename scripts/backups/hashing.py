"""SHA-256 of files of any size, on the way from one to another or just so."""

import hashlib
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from scripts.backups.manifest import BadBackup, File, Manifest

_PIECE_BYTES = 1 << 20

Progress = Callable[[int], object]
"""Called with how many bytes were read since the last time."""


def hashed(path: Path, progress: Progress, *, copy: Path | None = None) -> File:
    """How long a file is and its hash, writing what is read to the new file `copy` as well."""
    digest, length = hashlib.sha256(), 0
    with path.open("rb") as source, copy.open("xb") if copy else nullcontext() as target:
        while piece := source.read(_PIECE_BYTES):
            digest.update(piece)
            length += len(piece)
            if target is not None:
                target.write(piece)
            progress(len(piece))
    return File(length, digest.hexdigest())


def verified(
    directory: Path, name: str, manifest: Manifest, progress: Progress, *, copy: Path | None = None
) -> None:
    """Read a file of a backup whole. Raises BadBackup unless it is as the manifest says."""
    path = directory / name
    try:
        found = hashed(path, progress, copy=copy)
    except FileNotFoundError:
        raise BadBackup(f"{path} is missing. Use another backup.") from None
    if found != manifest.files[name]:
        raise BadBackup(
            f"{path} is damaged: it is not what was backed up. Nothing was restored from it; use "
            "another backup."
        )
