"""A failing disk: nothing is acknowledged that is not written, and service resumes by itself."""

import asyncio
from collections.abc import Iterator

import apsw
import pytest
from pymongo.errors import AutoReconnect

from repositories.embedded import StoreUnavailable
from tests.storage.engine import run


class Disk(apsw.VFS):
    """The system's disk, until `failure` is set: then writes, or syncs, of the WAL fail."""

    def __init__(self) -> None:
        super().__init__("failing-disk", "")
        self.failure: type[apsw.Error] | None = None
        self.fails_at = "write"

    def xOpen(self, name, flags):  # noqa: N802 - apsw's name
        return DiskFile(self, name, flags)

    def attempt(self, step: str, flags: int) -> None:
        """Fail if this is what fails now."""
        if self.failure is not None and step == self.fails_at and flags & apsw.SQLITE_OPEN_WAL:
            raise self.failure("injected")


class DiskFile(apsw.VFSFile):
    def __init__(self, disk: Disk, name, flags) -> None:
        self.disk = disk
        self.kind = flags[0]
        super().__init__("", name, flags)

    def xWrite(self, data, offset):  # noqa: N802 - apsw's name
        self.disk.attempt("write", self.kind)
        super().xWrite(data, offset)

    def xSync(self, flags):  # noqa: N802 - apsw's name
        self.disk.attempt("sync", self.kind)
        super().xSync(flags)


@pytest.fixture
def disk() -> Iterator[Disk]:
    """A disk that can be made to fail."""
    disk = Disk()
    yield disk
    disk.unregister()


FAILURES = [
    ("write", apsw.FullError, "has no space left on its disk; nothing of this was written"),
    ("write", apsw.IOError, "met a disk error; nothing of this was written"),
    ("sync", apsw.IOError, "met a disk error; nothing of this was written"),
]


@pytest.mark.parametrize(("step", "failure", "message"), FAILURES)
def test_a_failing_commit_fails_everyone_in_it_and_later_writes_succeed(
    tmp_path, disk, step, failure, message
):
    async def body(store):
        await store.docs.create_index("n")
        await store.docs.insert_one({"_id": "before", "n": 0})
        disk.fails_at, disk.failure = step, failure
        writes = [store.docs.insert_one({"_id": n, "n": n}) for n in range(10)]
        answers = await asyncio.gather(*writes, return_exceptions=True)
        readable = await store.docs.find_one({"n": 0})
        disk.failure = None
        await store.docs.insert_one({"_id": "after", "n": 1})
        return answers, readable, await store.docs.find().to_list(), await store.check()

    answers, readable, found, problems = run(body, tmp_path, vfs="failing-disk")
    assert {type(answer) for answer in answers} == {StoreUnavailable}
    assert len({id(answer) for answer in answers}) == 10
    assert message in str(answers[0])
    assert isinstance(answers[0], AutoReconnect)
    assert readable == {"_id": "before", "n": 0}
    assert [document["_id"] for document in found] == ["before", "after"]
    assert problems == []


@pytest.mark.parametrize(("step", "failure", "message"), FAILURES)
def test_a_transaction_whose_commit_fails_is_undone(tmp_path, disk, step, failure, message):
    async def body(store):
        await store.docs.insert_one({"_id": 1, "n": 1})
        disk.fails_at = step

        async def change():
            async with store.transaction() as tx:
                await store.docs.update_one({"_id": 1}, {"$inc": {"n": 1}}, session=tx)
                disk.failure = failure

        with pytest.raises(StoreUnavailable, match=message):
            await change()
        disk.failure = None
        async with store.transaction() as tx:
            await store.docs.update_one({"_id": 1}, {"$inc": {"n": 10}}, session=tx)
        return await store.docs.find().to_list()

    assert run(body, tmp_path, vfs="failing-disk") == [{"_id": 1, "n": 11}]


def test_writes_that_spill_to_a_full_disk_fail_as_a_whole(tmp_path, disk):
    async def body(store):
        await store.docs.insert_one({"_id": "before"})
        disk.failure = apsw.FullError
        many = [{"_id": n, "content": b"x" * 200_000} for n in range(100)]
        with pytest.raises(StoreUnavailable, match="no space left"):
            await store.docs.insert_many(many)
        disk.failure = None
        await store.docs.insert_one({"_id": "after"})
        return [document["_id"] for document in await store.docs.find().to_list()]

    assert run(body, tmp_path, vfs="failing-disk") == ["before", "after"]


def test_what_was_acknowledged_before_a_failing_sync_is_there_afterwards(tmp_path, disk):
    async def body(store):
        disk.fails_at = "sync"
        acknowledged = []
        for number in range(60):
            disk.failure = apsw.IOError if number % 3 == 2 else None
            try:
                await store.docs.insert_one({"_id": number})
            except StoreUnavailable:
                continue
            acknowledged.append(number)
        disk.failure = None
        return acknowledged

    acknowledged = run(body, tmp_path, vfs="failing-disk")
    assert acknowledged == [number for number in range(60) if number % 3 != 2]
    found = run(lambda store: store.docs.distinct("_id"), tmp_path)
    assert set(found) >= set(acknowledged)
