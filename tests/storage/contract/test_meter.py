"""How long a storage takes is told to whom watches it (`Storage.watch`)."""

import asyncio

import pytest

from repositories.storage import Storage


class Heard:
    """A meter that keeps what it is told."""

    def __init__(self) -> None:
        self.reads: list[float] = []
        self.writes: list[tuple[float, int | None]] = []

    def read(self, seconds: float) -> None:
        self.reads.append(seconds)

    def written(self, seconds: float, together: int | None) -> None:
        self.writes.append((seconds, together))


async def test_each_query_is_told_once(storage: Storage):
    things = storage["things"]
    await things.insert_many([{"_id": number, "size": number % 3} for number in range(9)])
    heard = Heard()
    storage.watch(heard)
    asked = (
        lambda: things.find_one({"_id": 4}),
        lambda: things.find_one({"size": 1}),
        lambda: things.find({"size": 1}).to_list(10),
        lambda: things.find().sort("size", -1).to_list(None),
        lambda: things.count_documents({"size": 2}),
    )
    for number, ask in enumerate(asked, start=1):
        await ask()
        assert len(heard.reads) == number
    assert [document["_id"] async for document in things.find({"size": 0})] == [0, 3, 6]
    assert len(heard.reads) > len(asked)
    assert all(0 <= seconds < 5 for seconds in heard.reads)
    assert heard.writes == []


async def test_writes_are_told_when_they_are_durable(storage: Storage):
    heard = Heard()
    storage.watch(heard)
    await storage["things"].insert_one({"_id": 1})
    await storage["things"].update_one({"_id": 1}, {"$set": {"size": 2}})
    await storage["things"].delete_one({"_id": 1})
    assert len(heard.writes) == 3
    assert all(0 <= seconds < 5 for seconds, _ in heard.writes)
    assert heard.reads == []


async def test_how_many_share_a_commit_is_told_where_they_can(storage: Storage):
    heard = Heard()
    storage.watch(heard)
    things = storage["things"]
    inserting = asyncio.gather(*(things.insert_one({"_id": number}) for number in range(20)))
    await asyncio.sleep(0)
    waiting = storage.waiting_writes()
    await inserting
    if waiting is None:
        # MongoDB shares commits by itself, and does not say which.
        assert [together for _, together in heard.writes] == [None] * 20
        return
    assert waiting == 20
    assert storage.waiting_writes() == 0
    assert sum(together or 0 for _, together in heard.writes) == 20
    assert len(heard.writes) < 20


@pytest.mark.differs(nx=101)
async def test_a_transaction_is_one_write(storage: Storage):
    heard = Heard()
    storage.watch(heard)
    async with storage.transaction() as tx:
        for number in range(5):
            await storage["things"].insert_one({"_id": number}, session=tx)
        assert heard.writes == []
    assert [together for _, together in heard.writes] == [1]
