"""Opening a store: what is wrong is said, with what to do, and nothing is changed."""

import asyncio
import hashlib
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
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
from repositories.embedded.memory import make_directory, remove_directory
from repositories.embedded.opening import FILE_NAME, refuse_unsafe_sqlite
from tests.storage.engine import in_memory, run

ROOT = Path(__file__).parents[2]


def opened(path: Path) -> None:
    """Open and close a store."""

    async def body(store):
        await store.ping()

    run(body, path)


@pytest.fixture
def store_path(tmp_path):
    """A directory with a store of some documents."""

    async def body(store):
        await store.docs.create_index("n")
        await store.docs.insert_many([{"_id": n, "n": n, "text": "x" * 200} for n in range(500)])

    run(body, tmp_path)
    return tmp_path


def digest(directory: Path) -> str:
    """What the store's file holds, to the byte."""
    return hashlib.sha256((directory / FILE_NAME).read_bytes()).hexdigest()


def patched(path: Path, offset: int, data: bytes) -> None:
    """Overwrite bytes of the store's file."""
    content = bytearray((path / FILE_NAME).read_bytes())
    content[offset : offset + len(data)] = data
    (path / FILE_NAME).write_bytes(content)


def test_a_store_is_made_where_there_is_none(tmp_path):
    opened(tmp_path / "new" / "directory")
    assert [path.name for path in (tmp_path / "new" / "directory").iterdir()] == [FILE_NAME]


def test_an_empty_file_becomes_a_store(tmp_path):
    (tmp_path / FILE_NAME).touch()
    opened(tmp_path)
    assert (tmp_path / FILE_NAME).stat().st_size > 0


@pytest.mark.parametrize(
    "content", [b"not a database, but a letter to a friend" * 9, b"short", b"SQLite format 3\x00"]
)
def test_a_file_that_is_no_database_is_left_alone(tmp_path, content):
    (tmp_path / FILE_NAME).write_bytes(content)
    with pytest.raises(ForeignFile, match=r"is not a store of Agora, nor any SQLite database"):
        opened(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == content
    assert len(list(tmp_path.iterdir())) == 1


def test_a_database_of_another_program_is_left_alone(tmp_path):
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute("CREATE TABLE notes (note)")
    connection.commit()
    connection.close()
    before = digest(tmp_path)
    with pytest.raises(ForeignFile, match=r"a SQLite database of another program\. Move it away"):
        opened(tmp_path)
    assert digest(tmp_path) == before


def test_a_directory_in_place_of_the_file_is_refused(tmp_path):
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(ForeignFile, match="is a directory; the store keeps a file there"):
        opened(tmp_path)


def test_a_file_in_place_of_the_directory_is_refused(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(ForeignFile, match="is not a directory"):
        opened(tmp_path / "data")


def test_a_newer_format_is_left_alone(store_path):
    patched(store_path, 60, struct.pack(">I", 99))
    before = digest(store_path)
    with pytest.raises(NewerFormat, match="has format 99, and this Agora knows formats up to 1"):
        opened(store_path)
    assert digest(store_path) == before


def test_a_file_that_is_cut_short_is_left_alone(store_path):
    file = store_path / FILE_NAME
    file.write_bytes(file.read_bytes()[: 4096 * 9])
    before = digest(store_path)
    with pytest.raises(CorruptStore, match=r"is cut short\. Restore it from a backup"):
        opened(store_path)
    assert digest(store_path) == before


@pytest.mark.parametrize("offset", [100, 4096])
def test_a_damaged_schema_is_left_alone(store_path, offset):
    patched(store_path, offset, os.urandom(1) * 200)
    before = digest(store_path)
    with pytest.raises(CorruptStore, match="Restore it from a backup"):
        opened(store_path)
    assert digest(store_path) == before


def lose_the_file_of(directory: Path) -> bytes:
    """Leave a store's WAL alone in its directory, and answer what is in it."""

    async def body(store):
        await store.docs.insert_many([{"_id": n} for n in range(100)])
        wal = (directory / f"{FILE_NAME}-wal").read_bytes()
        assert wal
        return wal

    wal = run(body, directory)
    (directory / FILE_NAME).unlink()
    (directory / f"{FILE_NAME}-wal").write_bytes(wal)
    return wal


def test_a_wal_that_lost_its_file_is_not_read_into_a_new_one(tmp_path):
    wal = lose_the_file_of(tmp_path)
    with pytest.raises(CorruptStore, match=r"agora.db-wal is there, and the agora.db that"):
        opened(tmp_path)
    assert (tmp_path / f"{FILE_NAME}-wal").read_bytes() == wal
    assert not (tmp_path / FILE_NAME).exists()


def test_a_read_only_directory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(ReadOnlyStore, match=r"cannot be written\. Give this user the right to"):
        opened(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_cannot_be_made_is_refused():
    with pytest.raises(CannotOpenStore):
        opened(Path("/proc/agora"))


class FullDisk(apsw.VFS):
    """A disk without space."""

    def __init__(self) -> None:
        super().__init__("full-disk", "")

    def xOpen(self, name, flags):  # noqa: N802 - apsw's name
        return FullFile(name, flags)


class FullFile(apsw.VFSFile):
    def __init__(self, name, flags) -> None:
        super().__init__("", name, flags)

    def xWrite(self, data, offset):  # noqa: N802 - apsw's name
        raise apsw.FullError("no space")


def test_a_full_disk_is_said_and_leaves_nothing_behind(tmp_path):
    disk = FullDisk()
    with pytest.raises(StoreFull, match=r"no space left for .*\. Free some and start again"):
        run(lambda store: store.ping(), tmp_path, vfs="full-disk")
    disk.unregister()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("version", ["3.51.3", "3.54.1", "3.50.7", "3.50.9", "3.44.6", "4.0.0"])
def test_a_safe_sqlite_is_accepted(version):
    refuse_unsafe_sqlite(version)


@pytest.mark.parametrize("version", ["3.51.2", "3.51.0", "3.50.6", "3.44.5", "3.45.0", "3.40.1"])
def test_a_sqlite_that_can_lose_commits_is_refused(version):
    with pytest.raises(UnsafeSQLite, match="can lose acknowledged writes"):
        refuse_unsafe_sqlite(version)


def test_a_store_that_was_killed_opens_with_what_it_had_acknowledged(tmp_path):
    script = """
import asyncio, os, signal, sys
from pathlib import Path
from repositories.embedded import EmbeddedStore

async def main():
    store = await EmbeddedStore.open(Path(sys.argv[1]))
    await store.docs.create_index("n")
    await asyncio.gather(*(store.docs.insert_one({"_id": n, "n": n}) for n in range(100)))
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=ROOT, check=False)
    assert killed.returncode == -9

    async def body(store):
        return await store.docs.count_documents({}), await store.check()

    assert run(body, tmp_path) == (100, [])


def test_opening_the_same_store_again_keeps_the_locks_of_the_first(tmp_path):
    """A plain `open` of the file would drop them, and the other would remove a live WAL."""
    script = "import apsw, sys; c = apsw.Connection(sys.argv[1]); c.pragma('user_version')"

    async def body(store):
        await store.docs.insert_one({"_id": 1})
        second = await EmbeddedStore.open(tmp_path)
        await second.close()
        other = await asyncio.create_subprocess_exec(sys.executable, "-c", script, str(store.path))
        assert await other.wait() == 0
        wal_is_there = store.path.with_name(f"{FILE_NAME}-wal").stat().st_size > 0
        await store.docs.insert_one({"_id": 2})
        return wal_is_there

    assert run(body, tmp_path) is True
    assert run(lambda store: store.docs.count_documents({}), tmp_path) == 2


def test_a_store_in_memory_leaves_nothing_behind():
    directories = []

    async def body(store):
        directories.append(store.path.parent)
        await store.docs.insert_one({"_id": 1})
        assert store.path.exists()

    in_memory(body)
    assert not directories[0].exists()


def test_what_a_killed_process_left_in_memory_is_removed():
    mine = make_directory()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = mine.with_name(f"agora-{dead.pid}-left")
    left.mkdir()
    remove_directory(make_directory())
    assert mine.exists()
    assert not left.exists()
    shutil.rmtree(mine)


def test_two_stores_in_memory_have_nothing_in_common():
    async def body(store):
        other = EmbeddedStore.in_memory()
        await other.docs.insert_one({"_id": 1})
        found = await store.docs.find_one({"_id": 1})
        await other.close()
        return found

    assert in_memory(body) is None


def test_two_processes_may_make_the_same_store_at_once(tmp_path):
    script = """
import asyncio, sys
from pathlib import Path
from repositories.embedded import EmbeddedStore

async def main():
    store = await EmbeddedStore.open(Path(sys.argv[1]))
    await store.docs.insert_one({"_id": sys.argv[2]})
    await store.close()

asyncio.run(main())
"""

    async def start(name):
        command = (sys.executable, "-c", script, str(tmp_path), name)
        process = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
        return await process.wait()

    async def main():
        return await asyncio.gather(*(start(str(number)) for number in range(4)))

    assert asyncio.run(main()) == [0, 0, 0, 0]
    assert run(lambda store: store.docs.count_documents({}), tmp_path) == 4


def test_a_store_that_another_process_made_meanwhile_is_not_replaced(tmp_path, monkeypatch):
    run(lambda store: store.docs.insert_one({"_id": 1}), tmp_path)
    really_missing = opening._is_missing
    answers = iter([True])
    monkeypatch.setattr(
        opening, "_is_missing", lambda path: next(answers, False) or really_missing(path)
    )
    assert run(lambda store: store.docs.count_documents({}), tmp_path) == 1


async def test_a_store_in_memory_may_begin_as_a_copy_and_leaves_that_alone(tmp_path):
    store = await EmbeddedStore.open(tmp_path, durable=False)
    await store["posts"].insert_one({"_id": 1})
    await store.close()
    copy = EmbeddedStore.in_memory(like=tmp_path)
    await copy["posts"].insert_one({"_id": 2})
    assert await copy["posts"].count_documents({}) == 2
    await copy.close()
    store = await EmbeddedStore.open(tmp_path, durable=False)
    assert await store["posts"].find({}).to_list(None) == [{"_id": 1}]
    await store.close()
