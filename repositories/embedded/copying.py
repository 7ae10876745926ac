"""Copies of a whole store as it was at one moment, and putting one in a store's place.

SQLite copies the pages (sqlite.org/backup.html) inside one read transaction of the WAL, so
that the copy is one moment, however long it takes, and nobody who writes waits for it, in this
process or another. Until it ends the WAL can't be used anew, and grows by what is written.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw

from repositories.embedded.errors import CannotOpenStore, CorruptStore
from repositories.embedded.opening import (
    FILE_NAME,
    Location,
    check_header,
    connect_reader,
    explained,
    prepare,
    sync_directory,
)
from repositories.embedded.sql import fetch
from repositories.embedded.view import View

#: Pages between two looks at how far it is: 4 MiB.
_STEP_PAGES: Final = 1024
_PAGE_BYTES: Final = 4096

Progress = Callable[[int, int], object]
"""Called with how many bytes are copied, and how many there are."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a copy holds: documents by collection, and what is wrong with its file."""

    documents: dict[str, int]
    problems: list[str]


def copy_moment(data_dir: Path, target: Path, progress: Progress) -> None:
    """Write the store in `data_dir`, as it is at this moment, to the new file `target`.

    It is one file, and on the disk, when this returns. Raises a CannotOpenStore.
    """
    location = existing(data_dir)
    with explained(target), closing(connect_reader(location)) as source:
        source.execute("BEGIN")
        # The snapshot is taken by the first read; from here on the copy is of this moment.
        source.execute("SELECT count(*) FROM collections").fetchall()
        with closing(apsw.Connection(str(target))) as copy:
            # A copy that is cut off is thrown away, so there is nothing to go back to.
            copy.pragma("journal_mode", "off")
            copy.pragma("synchronous", "off")
            _copy_pages(source, copy, progress)
            copy.pragma("journal_mode", "wal")  # as every store has it
        sync_file(target)


def _copy_pages(source: apsw.Connection, copy: apsw.Connection, progress: Progress) -> None:
    with copy.backup("main", source, "main") as backup:
        while not backup.done:
            backup.step(_STEP_PAGES)
            copied = backup.page_count - backup.remaining
            progress(copied * _PAGE_BYTES, backup.page_count * _PAGE_BYTES)


def existing(data_dir: Path) -> Location:
    """The store in a data directory. Raises a CannotOpenStore when there is none."""
    location = Location(data_dir / FILE_NAME)
    if not location.path.exists():
        raise CannotOpenStore(f"There is no store in {data_dir}. Name the server's --data-dir.")
    prepare(location)
    return location


def content_of(path: Path) -> Content:
    """What is in a copy that nobody else uses. Raises a CannotOpenStore."""
    check_header(path)
    with explained(path):
        with closing(connect_reader(Location(path))) as connection:
            damage = [text for (text,) in connection.execute("PRAGMA quick_check") if text != "ok"]
            documents = {} if damage else _counted(connection)
        _remove_companions(path)
    return Content(documents, [f"The file is damaged: {text}" for text in damage])


def _counted(connection: apsw.Connection) -> dict[str, int]:
    counts: dict[str, int] = {}
    for entry in View(connection).catalog.collections.values():
        sql = f"SELECT count(*) FROM {entry.table}"  # noqa: S608 - of the catalog's numbers
        ((count,),) = fetch(connection, sql)
        counts[entry.name] = int(count)
    return dict(sorted(counts.items()))


def refuse_if_used(data_dir: Path) -> None:
    """Raise a CannotOpenStore while anybody has the store open, or when it is another's."""
    with _alone(data_dir / FILE_NAME):
        pass


def put_in_place(copy: Path, data_dir: Path) -> None:
    """Make `copy`, a file in `data_dir`, the store there, in place of the one there may be.

    At every moment there is the old store or the new one, whole. Raises a CannotOpenStore
    when anybody has the old one open: what they wrote would be lost unseen.
    """
    path = data_dir / FILE_NAME
    with _alone(path), explained(path):
        if not path.exists():
            # A WAL that lost its file would be read into this one.
            _remove_companions(path)
        copy.replace(path)
        sync_directory(data_dir)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep everybody else out of a store; its WAL is in its file by then."""
    if not path.exists() or path.stat().st_size == 0:
        yield
        return
    with suppress(CorruptStore):  # a damaged one is what restoring is for
        check_header(path)
    with explained(path), closing(_taken(path)):
        yield


def _taken(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    # It must not remove the WAL when it is closed: by then that may be another store's.
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    try:
        # Before the first access, so that it needs the file for itself (sqlite.org/wal.html, 8).
        connection.pragma("locking_mode", "exclusive")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        # A WAL that stayed behind would be read into the file that comes in this one's place.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except (apsw.BusyError, apsw.LockedError) as problem:
        connection.close()
        raise CannotOpenStore(
            f"{path} is in use. Stop the server, and every script that works on it."
        ) from problem
    except (apsw.CorruptError, apsw.NotADBError):
        _remove_companions(path)
    return connection


def _remove_companions(path: Path) -> None:
    for suffix in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """Have the disk keep what was written to a file."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
