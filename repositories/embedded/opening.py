"""Opening the store's file: what it must look like, and the connections to it.

Whatever is wrong is found before the file is opened for writing, so that a file which is
not ours, or not whole, stays as it is to the last byte.
"""

import errno
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import apsw
from bson.errors import BSONError
from pymongo.errors import OperationFailure

from repositories.embedded.catalog import CREATE_CATALOG, Catalog
from repositories.embedded.errors import (
    CannotOpenStore,
    CorruptStore,
    ForeignFile,
    NewerFormat,
    ReadOnlyStore,
    StoreFull,
    UnsafeSQLite,
)

FILE_NAME: Final = "agora.db"
APPLICATION_ID: Final = 0x41474F52  # "AGOR"
FORMAT: Final = 1

_MAGIC: Final = b"SQLite format 3\x00"
_HEADER_BYTES: Final = 100
_PAGE_BYTES: Final = 4096
#: Together a quarter of the memory that the server may use.
_READER_CACHE_KIB: Final = 20 * 1024
_WRITER_CACHE_KIB: Final = 10 * 1024
_STATEMENTS: Final = 500
#: Pages in the WAL from which a commit copies them into the file: 32 MiB. A page that was
#: written often is copied once, so that fewer checkpoints are better, until recovering a long
#: WAL after a crash costs more.
_CHECKPOINT_PAGES: Final = 8192
_WAL_LIMIT_BYTES: Final = 64 * 1024 * 1024

_BAD_FILE: Final = (apsw.CorruptError, apsw.NotADBError, apsw.FormatError)


@dataclass(frozen=True, slots=True)
class Location:
    """A store's file, and how to reach and keep it.

    `synchronous` is FULL for a store that has to survive a power cut, OFF for one that ends
    with the process. `vfs` names an apsw VFS; tests put their failing disks there.
    """

    path: Path
    synchronous: str = "FULL"
    vfs: str | None = None


def refuse_unsafe_sqlite(version: str) -> None:
    """Raise UnsafeSQLite for versions in which a checkpoint can lose another's commit.

    Source: sqlite.org/wal.html, "The WAL-Reset Bug": 3.7.0 to 3.51.2, but for the fixed
    3.50.7 and 3.44.6.
    """
    number = tuple(map(int, version.split(".")))
    fixed_branch = (3, 50, 7) <= number < (3, 51) or (3, 44, 6) <= number < (3, 45)
    if number < (3, 51, 3) and not fixed_branch:
        raise UnsafeSQLite(
            f"SQLite {version} can lose acknowledged writes (its WAL-reset bug). Install the "
            "apsw that requirements.txt names, which brings its own SQLite."
        )


def prepare(location: Location) -> None:
    """Make the file if there is none, and check the one there is, without changing it.

    Raises a CannotOpenStore.
    """
    refuse_unsafe_sqlite(apsw.sqlite_lib_version())
    path = location.path
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise ForeignFile(f"{path} is a directory; the store keeps a file there. Move it away.")
        if _is_missing(path):
            _refuse_read_only(path.parent)
            with _alone_in(path.parent):
                # Looked at again: another process may have made it, and written to it, since.
                if _is_missing(path):
                    _refuse_lone_wal(path)
                    _create(location)
        check_header(path)
        _refuse_read_only(path.parent)
        _refuse_read_only(path)
        _check_catalog(location)


def connect_writer(location: Location) -> apsw.Connection:
    """The connection that writes. It never waits for a lock: its thread must not."""
    connection = _connect(location, apsw.SQLITE_OPEN_READWRITE)
    connection.pragma("synchronous", location.synchronous)
    connection.pragma("cache_size", -_WRITER_CACHE_KIB)
    connection.pragma("journal_size_limit", _WAL_LIMIT_BYTES)
    connection.wal_autocheckpoint(_CHECKPOINT_PAGES)
    connection.pragma("cell_size_check", True)
    return connection


def connect_reader(location: Location) -> apsw.Connection:
    """A connection that reads. Each statement of it sees one committed state."""
    connection = _connect(location, apsw.SQLITE_OPEN_READWRITE)
    connection.pragma("query_only", True)
    connection.pragma("cache_size", -_READER_CACHE_KIB)
    # In WAL mode a reader only meets a lock while a crashed process's WAL is recovered.
    connection.set_busy_timeout(5000)
    return connection


def _connect(location: Location, flags: int) -> apsw.Connection:
    connection = apsw.Connection(
        str(location.path), flags=flags, vfs=location.vfs, statementcachesize=_STATEMENTS
    )
    # Else SQLite plans a statement again each time a value is bound, in case that one suits
    # another index: 3 us of every query, and ours name their index anyway.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    return connection


def _refuse_lone_wal(path: Path) -> None:
    """A WAL without its file would be read into the new one, page by page."""
    wal = path.with_name(path.name + "-wal")
    if wal.exists() and wal.stat().st_size:
        raise CorruptStore(
            f"{wal} is there, and the {path.name} that it belongs to is not. Move that back, or "
            "restore it from a backup; to begin with an empty store, delete it."
        )


def _create(location: Location) -> None:
    """Write an empty store beside its place, then move it there: it appears whole or not."""
    path = location.path
    unfinished = path.with_name(f"{path.name}.new-{os.getpid()}")
    _remove(unfinished)
    try:
        connection = apsw.Connection(str(unfinished), vfs=location.vfs)
        try:
            connection.pragma("page_size", _PAGE_BYTES)
            connection.pragma("synchronous", location.synchronous)
            # Not `with connection`: its rollback would hide what the disk said, and a file that
            # is not finished goes away anyhow.
            connection.execute("BEGIN")
            connection.execute(CREATE_CATALOG)
            connection.pragma("application_id", APPLICATION_ID)
            connection.pragma("user_version", FORMAT)
            connection.execute("COMMIT")
            connection.pragma("journal_mode", "wal")
        finally:
            connection.close()
        _place(unfinished, path)
    finally:
        _remove(unfinished)


def _place(unfinished: Path, path: Path) -> None:
    # In place of nothing, or of the empty file of something that did not get far.
    unfinished.replace(path)
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Have the disk keep which files there are in a directory."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_missing(path: Path) -> bool:
    return not path.exists() or path.stat().st_size == 0


@contextmanager
def _alone_in(directory: Path) -> Iterator[None]:
    """Keep other processes from making a store in `directory` at the same time.

    The lock goes with the process that holds it. Windows has none of this kind.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _read_header(path: Path) -> bytes:
    """The first bytes of the file.

    By SQLite's own file object: closing a plain one would drop every lock that this process
    has on the file, if it has the store open already (sqlite.org/howtocorrupt.html, 2.2).
    """
    file = apsw.VFSFile("", str(path), [apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_MAIN_DB, 0])
    try:
        return file.xRead(min(file.xFileSize(), _HEADER_BYTES), 0)
    finally:
        file.xClose()


def check_header(path: Path) -> None:
    """Raise a CannotOpenStore when a file is not a store of ours, or is cut short."""
    header = _read_header(path)
    if not header.startswith(_MAGIC) or len(header) < _HEADER_BYTES:
        raise ForeignFile(
            f"{path} is not a store of Agora, nor any SQLite database. Move it away, or name "
            "another --data-dir."
        )
    page_bytes, pages = struct.unpack_from(">H", header, 16)[0], _big_endian(header, 28)
    version, application = _big_endian(header, 60), _big_endian(header, 68)
    if application != APPLICATION_ID:
        raise ForeignFile(
            f"{path} is a SQLite database of another program. Move it away, or name another "
            "--data-dir."
        )
    if version > FORMAT:
        raise NewerFormat(
            f"{path} has format {version}, and this Agora knows formats up to {FORMAT}. Start the "
            "later version of Agora that wrote it."
        )
    wal = path.with_name(path.name + "-wal")
    # A WAL may hold the pages that a checkpoint has not yet copied; without one, none may miss.
    if not (wal.exists() and wal.stat().st_size) and path.stat().st_size < page_bytes * pages:
        raise CorruptStore(f"{path} is cut short. {_RESTORE}")


_RESTORE: Final = (
    "Restore it from a backup; `python -m scripts.check` tells what is damaged. Nothing was changed"
    " in it."
)


def _big_endian(header: bytes, offset: int) -> int:
    return int(struct.unpack_from(">I", header, offset)[0])


def _refuse_read_only(path: Path) -> None:
    if not os.access(path, os.W_OK):
        kind = "directory" if path.is_dir() else "file"
        raise ReadOnlyStore(
            f"The {kind} {path} cannot be written. Give this user the right to, or name another "
            "--data-dir."
        )


def _check_catalog(location: Location) -> None:
    """Read what every open needs to read, by a connection that changes nothing."""
    connection = _connect(location, apsw.SQLITE_OPEN_READWRITE)
    try:
        # The last one to leave copies the WAL into the file; not if the file is damaged.
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        connection.pragma("query_only", True)
        connection.set_busy_timeout(5000)
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
        Catalog(connection).refresh()
    except (KeyError, TypeError, ValueError, BSONError, OperationFailure) as problem:
        # A row of the catalog is lost, or its definition is no longer one.
        raise CorruptStore(
            f"The catalog of {location.path} is damaged ({problem!r}). {_RESTORE}"
        ) from problem
    finally:
        connection.close()


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn the errors of the disk and of SQLite into a CannotOpenStore that says what to do."""
    try:
        yield
    except CannotOpenStore:
        raise
    except _BAD_FILE as problem:
        raise CorruptStore(f"{path} is damaged ({problem}). {_RESTORE}") from problem
    except apsw.SQLError as problem:
        raise CorruptStore(f"{path} lacks its catalog ({problem}). {_RESTORE}") from problem
    except (apsw.FullError, OSError, apsw.Error) as problem:
        raise _explanation(path, problem) from problem


def _explanation(path: Path, problem: Exception) -> CannotOpenStore:
    number = getattr(problem, "errno", None)
    if isinstance(problem, apsw.FullError) or number in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(f"There is no space left for {path}. Free some and start again.")
    if isinstance(problem, apsw.ReadOnlyError) or number in (errno.EROFS, errno.EACCES):
        return ReadOnlyStore(
            f"{path} cannot be written ({problem}). Give this user the right to, or name another "
            "--data-dir."
        )
    if number in (errno.ENOTDIR, errno.EEXIST):
        return ForeignFile(
            f"{path.parent} is not a directory ({problem}). Name another --data-dir."
        )
    return CannotOpenStore(f"{path} cannot be opened ({problem}). Check the disk and permissions.")
