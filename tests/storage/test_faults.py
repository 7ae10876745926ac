"""A disk that fails: nothing is answered as done that is not, and all is well when it is.

Each test lets the n-th event of a kind fail, for every n until none is left to fail.
`AGORA_FAULTS=all` tries each n; otherwise one in a few, to stay quick.
"""

import asyncio
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import apsw
import pytest
from pymongo.errors import PyMongoError

from repositories.embedded import EmbeddedStore, opening
from repositories.errors import is_unavailable
from tests.storage.faults import Fault, error_of
from tests.storage.vfs import watched_disk

_STRIDE: Final = 1 if os.environ.get("AGORA_FAULTS") == "all" else 11
_PAPER: Final = bytes(range(256)) * 300

Step = Callable[[EmbeddedStore], Awaitable[Any]]


async def _insert(store: EmbeddedStore) -> None:
    await store["notes"].insert_one({"_id": "inserted", "amount": 1})


async def _edit(store: EmbeddedStore) -> None:
    await store["notes"].update_one({"_id": "edited"}, {"$set": {"amount": 2}})


async def _delete(store: EmbeddedStore) -> None:
    await store["notes"].delete_one({"_id": "deleted"})


async def _transact(store: EmbeddedStore) -> None:
    async with store.transaction() as tx:
        await store["orders"].insert_one({"_id": "ordered"}, session=tx)
        await store["notes"].update_one({"_id": "total"}, {"$inc": {"amount": 1}}, session=tx)


async def _upload(store: EmbeddedStore) -> None:
    await store.bucket("papers").upload_from_stream_with_id("uploaded", "uploaded", _PAPER)


async def _delete_paper(store: EmbeddedStore) -> None:
    await store.bucket("papers").delete("old")


async def _insert_many(store: EmbeddedStore) -> None:
    await store["many"].insert_many([{"_id": number} for number in range(40)])


async def _index(store: EmbeddedStore) -> None:
    await store["notes"].create_index("amount")


STEPS: Final[tuple[Step, ...]] = (
    _insert, _edit, _delete, _transact, _upload, _delete_paper, _insert_many, _index,
)  # fmt: skip


async def _prepare(place: Path) -> None:
    store = await EmbeddedStore.open(place)
    for name in ("kept", "edited", "deleted", "total"):
        await store["notes"].insert_one({"_id": name, "amount": 1})
    await store.bucket("papers").upload_from_stream_with_id("old", "old", b"old paper")
    await store["many"].create_index("n")
    await store["orders"].create_index("n")
    await store.close()


def _expected(done: set[Step]) -> dict[str, Any]:
    notes = {"kept": 1, "edited": 1 + (_edit in done), "total": 1 + (_transact in done)}
    if _delete not in done:
        notes["deleted"] = 1
    if _insert in done:
        notes["inserted"] = 1
    papers = {} if _delete_paper in done else {"old": b"old paper"}
    if _upload in done:
        papers["uploaded"] = _PAPER
    return {
        "notes": notes,
        "orders": ["ordered"] * (_transact in done),
        "papers": papers,
        "many": list(range(40)) if _insert_many in done else [],
        "is_indexed": _index in done,
    }


async def _found(store: EmbeddedStore) -> dict[str, Any]:
    bucket = store.bucket("papers")
    papers = [file["_id"] for file in await bucket.files.find({}).to_list(None)]
    return {
        "notes": {note["_id"]: note["amount"] async for note in store["notes"].find({})},
        "orders": [order["_id"] async for order in store["orders"].find({})],
        "papers": {name: await (await bucket.open_download_stream(name)).read() for name in papers},
        "many": [one["_id"] async for one in store["many"].find({})],
        "is_indexed": "amount_1" in await store["notes"].index_information(),
    }


#: What fails, of which file, and how SQLite's own VFS reports EIO, ENOSPC and EROFS there.
COMMIT_FAULTS = [
    ("write", "-wal", apsw.IOError),
    ("write", "-wal", apsw.FullError),
    ("write", "-wal", apsw.ReadOnlyError),
    ("sync", "-wal", apsw.IOError),
    ("sync", "-wal", apsw.FullError),
    ("write sync open", "", apsw.IOError),
    ("write sync open", "", apsw.CantOpenError),
]
CHECKPOINT_FAULTS = [
    ("sync", "-wal", apsw.IOError),
    ("write", ".db", apsw.IOError),
    ("write", ".db", apsw.FullError),
    ("sync", ".db", apsw.IOError),
    ("truncate", ".db", apsw.IOError),
    ("write sync open", "", apsw.IOError),
]


@pytest.mark.parametrize("lasts", [False, True], ids=["once", "for long"])
@pytest.mark.parametrize(("kinds", "file", "error"), COMMIT_FAULTS)
async def test_what_a_failing_disk_did_not_take_is_not_answered_as_done(
    kinds, file, error, lasts, tmp_path
):
    await _prepare(tmp_path / "prepared")
    for n in itertools.count(1, _STRIDE if "write" in kinds else 1):
        fault = Fault(kinds, file, error, n, lasts=lasts)
        async with _store_on(fault, tmp_path) as store:
            done, failed = await _do_everything(store)
            fault.is_over = True
            await _check_what_a_kill_leaves(tmp_path / "store", done, failed)
            assert await _found(store) == _expected(done)
            await store["after"].insert_one({"_id": 1})
        assert await _reopened(tmp_path) == _expected(done)
        if not fault.has_struck:
            assert n > 1
            break


@pytest.mark.parametrize("lasts", [False, True], ids=["once", "for long"])
@pytest.mark.parametrize(("kinds", "file", "error"), CHECKPOINT_FAULTS)
async def test_a_failing_checkpoint_loses_nothing(kinds, file, error, lasts, tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "_CHECKPOINT_PAGES", 16)
    await _prepare(tmp_path / "prepared")
    for n in itertools.count(1, _STRIDE if "write" in kinds else 1):
        fault = Fault(kinds, file, error, n, lasts=lasts)
        async with _store_on(fault, tmp_path) as store:
            done, failed = await _do_everything(store)
            fault.is_over = True
            found = await _found(store)
            # A disk in Python reports what SQLite's own keeps quiet about: that a commit is done,
            # and its checkpoint is not.
            assert any(found == _expected(done | set(extra)) for extra in _subsets(failed))
            await store["after"].insert_one({"_id": 1})
        assert await _reopened(tmp_path) == found
        if not fault.has_struck:
            assert n > 1
            break


async def test_those_who_share_a_failed_commit_are_all_told(tmp_path):
    await _prepare(tmp_path / "prepared")
    fault = Fault("sync", "-wal", apsw.IOError, 3)
    async with _store_on(fault, tmp_path) as store:
        outcomes: dict[int, PyMongoError | None] = {}

        async def write(client: int) -> None:
            for number in range(client, 160, 16):
                outcomes[number] = await error_of(store["shared"].insert_one({"_id": number}))

        await asyncio.gather(*(write(client) for client in range(16)))
        done = [number for number, error in outcomes.items() if error is None]
        failed = [error for error in outcomes.values() if error is not None]
        assert fault.has_struck
        assert len(failed) > 1
        assert all(is_unavailable(error) for error in failed)
        assert await store["shared"].distinct("_id") == sorted(done)


async def test_a_disk_that_cannot_be_read_is_unavailable_until_it_can(tmp_path):
    await _prepare(tmp_path / "prepared")
    fault = Fault("read", ".db", apsw.IOError, 1, lasts=True)
    async with _store_on(fault, tmp_path) as store:
        problem = await error_of(store["notes"].find_one({"_id": "kept"}))
        assert fault.has_struck
        assert is_unavailable(problem)
        assert "met a disk error" in str(problem)
        fault.is_over = True
        assert await _found(store) == _expected(set())


def _subsets(steps: Collection[Step]) -> Iterator[tuple[Step, ...]]:
    return itertools.chain.from_iterable(
        itertools.combinations(steps, size) for size in range(len(steps) + 1)
    )


@asynccontextmanager
async def _store_on(fault: Fault, directory: Path) -> AsyncIterator[EmbeddedStore]:
    """A fresh copy of the prepared store, on a disk with a fault."""
    shutil.rmtree(directory / "store", ignore_errors=True)
    shutil.copytree(directory / "prepared", directory / "store")
    with watched_disk() as disk:
        store = await EmbeddedStore.open(directory / "store", vfs=disk.name)
        disk.before = fault
        try:
            yield store
        finally:
            await store.close()


async def _do_everything(store: EmbeddedStore) -> tuple[set[Step], set[Step]]:
    """The steps that were answered as done, and those that were not; reads go on between."""
    done, failed = set(), set()
    for step in STEPS:
        problem = await error_of(step(store))
        if problem is None:
            done.add(step)
        else:
            failed.add(step)
            assert is_unavailable(problem), (step, problem)
            assert "nothing of this was written" in str(problem)
        assert await store["notes"].find_one({"_id": "kept"}) == {"_id": "kept", "amount": 1}
    return done, failed


async def _reopened(directory: Path) -> dict[str, Any]:
    store = await EmbeddedStore.open(directory / "store")
    assert await store.check() == []
    assert await store["after"].find_one() == {"_id": 1}
    found = await _found(store)
    await store.close()
    return found


async def _check_what_a_kill_leaves(place: Path, done: set[Step], failed: set[Step]) -> None:
    killed = place.with_name("killed")
    killed.mkdir()
    for name in ("agora.db", "agora.db-wal"):
        if (place / name).exists():
            shutil.copyfile(place / name, killed / name)
    store = await EmbeddedStore.open(killed)
    assert await store.check() == []
    # The last thing that failed may be there all the same: nobody was told that it was.
    assert await _found(store) in [_expected(done), *(_expected(done | {step}) for step in failed)]
    await store.close()
    shutil.rmtree(killed)
