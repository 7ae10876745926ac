"""The list of what is in a backup, which is written last: one without it was cut off."""

from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

NAME = "manifest.json"
FORMAT = 1

Secret = Literal["included", "left out", "none"]


class BadBackup(Exception):
    """It can't be restored; the message says why, and what to do."""


class File(msgspec.Struct, frozen=True):
    """A file of a backup."""

    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a backup.

    `collections` counts documents. `jwt_secret` tells whether the secret that signs access
    tokens is in it, was left out, or was not in the data directory.
    """

    format: int = FORMAT
    began_at: datetime
    files: dict[str, File]
    collections: dict[str, int]
    jwt_secret: Secret


def write(manifest: Manifest, directory: Path) -> None:
    """Write the manifest of the backup in `directory`."""
    content = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    (directory / NAME).write_bytes(content + b"\n")


def read(directory: Path, *, store: str, others: Collection[str]) -> Manifest:
    """The manifest of a backup that has the file `store` and maybe `others`. Raises BadBackup."""
    try:
        content = (directory / NAME).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise BadBackup(
            f"{directory} is not a backup, or one that was cut off: it has no {NAME}. "
            "Name the directory that `python -m scripts.backup` was given."
        ) from None
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.MsgspecError as problem:
        raise BadBackup(f"{directory / NAME} is damaged ({problem}). Use another backup.") from None
    if manifest.format != FORMAT:
        raise BadBackup(
            f"{directory} has format {manifest.format}, and this Agora knows format {FORMAT}. "
            "Restore it with the version of Agora that made it."
        )
    if store not in manifest.files or manifest.files.keys() - {store, *others}:
        raise BadBackup(f"{directory / NAME} does not name the files of a backup. Use another one.")
    return manifest


def now() -> datetime:
    """The moment a backup begins, in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)
