"""Opening what is not a whole store: an error that says what to do, and nothing changed."""

import itertools
import os
import random
import shutil
import struct
from pathlib import Path

import apsw
import pytest

from repositories.embedded import (
    CannotOpenStore,
    CorruptStore,
    EmbeddedStore,
    ForeignFile,
    NewerFormat,
    ReadOnlyStore,
    StoreFull,
    UnsafeSQLite,
    opening,
)
from tests.storage.faults import Fault, error_of
from tests.storage.vfs import watched_disk

_PAGE_BYTES = 4096


def contents(directory: Path) -> dict[str, bytes]:
    """The files of a store, but for those that hold nothing: a lock table, an empty WAL."""
    files = [path for path in directory.iterdir() if path.is_file() and path.suffix != ".db-shm"]
    return {path.name: path.read_bytes() for path in files if path.stat().st_size}


async def make_store(directory: Path) -> Path:
    """A store of some pages, and its file."""
    store = await EmbeddedStore.open(directory)
    await store["notes"].create_index("text", unique=True)
    for number in range(200):
        await store["notes"].insert_one({"_id": number, "text": f"note {number} " * 10})
    await store.close()
    return store.path


async def refused(directory: Path) -> CannotOpenStore:
    """The error with which opening is refused; what is there must stay as it is."""
    before = contents(directory)
    with pytest.raises(CannotOpenStore) as refusal:
        await EmbeddedStore.open(directory)
    assert contents(directory) == before
    return refusal.value


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


@pytest.mark.parametrize(
    "content",
    [
        b"my diary\n" * 1000,
        random.Random(1).randbytes(20_000),
        b"SQLite format 3\x00",
        b"\x00" * 8192,
    ],
    ids=["text", "random", "cut in the header", "zeros"],
)
async def test_a_file_that_is_no_database_is_left_alone(content, tmp_path):
    (tmp_path / "agora.db").write_bytes(content)
    problem = await refused(tmp_path)
    assert type(problem) is ForeignFile
    assert str(problem) == (
        f"{tmp_path}/agora.db is not a store of Agora, nor any SQLite database. Move it away, or "
        "name another --data-dir."
    )


async def test_the_database_of_another_program_is_left_alone_with_its_wal(tmp_path):
    connection = apsw.Connection(str(tmp_path / "agora.db"))
    connection.pragma("journal_mode", "wal")
    connection.execute("CREATE TABLE bookmarks (url)")
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("agora.db", "agora.db-wal"):  # as it is after a crash of its program
        shutil.copyfile(tmp_path / name, copy / name)
    connection.close()
    problem = await refused(copy)
    assert type(problem) is ForeignFile
    assert "is a SQLite database of another program. Move it away" in str(problem)


async def test_a_later_format_is_left_to_the_later_version(tmp_path):
    path = await make_store(tmp_path)
    overwrite(path, 60, struct.pack(">I", opening.FORMAT + 1))
    problem = await refused(tmp_path)
    assert type(problem) is NewerFormat
    assert str(problem) == (
        f"{path} has format 2, and this Agora knows formats up to 1. Start the later version of "
        "Agora that wrote it."
    )


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
async def test_a_store_that_is_cut_short_is_refused(share, tmp_path):
    path = await make_store(tmp_path)
    os.truncate(path, int(path.stat().st_size * share))
    problem = await refused(tmp_path)
    assert type(problem) is CorruptStore
    assert str(problem) == (
        f"{path} is cut short. Restore it from a backup; `python -m scripts.check` tells what is "
        "damaged. Nothing was changed in it."
    )


async def test_a_damaged_page_is_found_at_opening_or_by_the_check(tmp_path):
    path = await make_store(tmp_path / "whole")
    chance = random.Random(2)
    refusals = 0
    for page in range(path.stat().st_size // _PAGE_BYTES):
        place = tmp_path / f"page-{page}"
        shutil.copytree(tmp_path / "whole", place)
        # The header of the file, in front of the first page, has tests of its own.
        first = 100 if page == 0 else 0
        damage = chance.randbytes(_PAGE_BYTES - first)
        overwrite(place / path.name, page * _PAGE_BYTES + first, damage)
        before = contents(place)
        problem = await error_of(_check_and_read(place))
        if problem is not None:
            assert "damaged" in str(problem)
            assert "Restore it from a backup" in str(problem)
            refusals += isinstance(problem, CorruptStore)
        assert contents(place) == before, page
    assert refusals > 0


async def _check_and_read(directory: Path) -> None:
    store = await EmbeddedStore.open(directory)
    try:
        assert await store.check() != []
        await store["notes"].find({"text": {"$gt": ""}}).to_list(None)
    finally:
        await store.close()


async def test_a_directory_in_the_place_of_the_file_is_named(tmp_path):
    (tmp_path / "agora.db").mkdir()
    problem = await refused(tmp_path)
    assert type(problem) is ForeignFile
    assert str(problem) == (
        f"{tmp_path}/agora.db is a directory; the store keeps a file there. Move it away."
    )


async def test_a_file_in_the_place_of_the_data_directory_is_named(tmp_path):
    (tmp_path / "data").write_text("my data")
    with pytest.raises(ForeignFile, match=r"/data is not a directory .* Name another --data-dir"):
        await EmbeddedStore.open(tmp_path / "data")
    assert (tmp_path / "data").read_text() == "my data"


@pytest.mark.parametrize("name", ["data", "data/agora.db"])
async def test_what_cannot_be_written_is_named(name, tmp_path, monkeypatch):
    await make_store(tmp_path / "data")
    locked, access = tmp_path / name, os.access
    # The tests may run as root, for whom nothing is read-only.
    monkeypatch.setattr(
        os, "access", lambda path, mode: Path(path) != locked and access(path, mode)
    )
    problem = await refused(tmp_path / "data")
    kind = "directory" if locked.is_dir() else "file"
    assert type(problem) is ReadOnlyStore
    assert str(problem) == (
        f"The {kind} {locked} cannot be written. Give this user the right to, or name another "
        "--data-dir."
    )


@pytest.mark.parametrize(
    ("kinds", "error", "kind", "message"),
    [
        ("write", apsw.FullError, StoreFull, "There is no space left for"),
        ("write sync", apsw.IOError, CannotOpenStore, "Check the disk and permissions."),
        ("open", apsw.ReadOnlyError, ReadOnlyStore, "Give this user the right to"),
        ("open", apsw.CantOpenError, CannotOpenStore, "Check the disk and permissions."),
    ],
)
async def test_a_disk_that_fails_while_the_store_is_made_is_left_clean(
    kinds, error, kind, message, tmp_path
):
    for n in itertools.count(1):
        place = tmp_path / str(n)
        fault = Fault(kinds, "", error, n)
        with watched_disk() as disk:
            disk.before = fault
            problem = await error_of(_open_and_close(place, disk.name))
        if problem is not None:
            assert type(problem) is kind
            assert message in str(problem)
            assert [path.name for path in place.iterdir() if "new" in path.name] == []
        store = await EmbeddedStore.open(place)
        assert await store.check() == []
        await store.close()
        if not fault.has_struck:
            assert n > 1
            break


async def _open_and_close(place: Path, vfs: str | None = None) -> None:
    store = await EmbeddedStore.open(place, vfs=vfs)
    await store.close()


@pytest.mark.parametrize(
    ("version", "is_safe"),
    [
        ("3.40.1", False),
        ("3.44.5", False),
        ("3.44.6", True),
        ("3.45.0", False),
        ("3.50.6", False),
        ("3.50.7", True),
        ("3.51.2", False),
        ("3.51.3", True),
        ("3.54.0", True),
    ],
)
def test_a_sqlite_that_loses_commits_is_refused(version, is_safe):
    if is_safe:
        opening.refuse_unsafe_sqlite(version)
    else:
        with pytest.raises(UnsafeSQLite, match=f"SQLite {version} can lose acknowledged writes"):
            opening.refuse_unsafe_sqlite(version)
