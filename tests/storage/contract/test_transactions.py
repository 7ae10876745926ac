"""All of a transaction happens, or none of it."""

import asyncio

import pytest
from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from repositories.errors import WriteConflict


class Stop(Exception):
    """Raised inside a transaction."""


async def test_what_is_done_in_a_transaction_is_done_at_its_end(storage):
    async with storage.transaction() as tx:
        await storage["posts"].insert_one({"_id": 1}, session=tx)
        await storage["replies"].insert_many([{"_id": 1}, {"_id": 2}], session=tx)
        await storage["posts"].update_one({"_id": 1}, {"$set": {"replies": 2}}, session=tx)
    assert await storage["posts"].find_one({"_id": 1}) == {"_id": 1, "replies": 2}
    assert await storage["replies"].count_documents({}) == 2


async def test_a_transaction_reads_what_it_wrote(storage):
    async with storage.transaction() as tx:
        await storage["posts"].insert_one({"_id": 1, "n": 1}, session=tx)
        await storage["posts"].update_one({"_id": 1}, {"$inc": {"n": 1}}, session=tx)
        assert await storage["posts"].find_one({"_id": 1}, session=tx) == {"_id": 1, "n": 2}
        found = storage["posts"].find({"n": 2}, session=tx)
        assert await found.to_list(None) == [{"_id": 1, "n": 2}]


@pytest.mark.differs(nx=101)
async def test_an_error_undoes_everything(storage):
    await storage["posts"].insert_one({"_id": 1, "n": 1})

    async def write_and_stop() -> None:
        async with storage.transaction() as tx:
            await storage["posts"].update_one({"_id": 1}, {"$set": {"n": 2}}, session=tx)
            await storage["posts"].insert_one({"_id": 2}, session=tx)
            await storage["replies"].insert_one({"_id": 1}, session=tx)
            raise Stop

    with pytest.raises(Stop):
        await write_and_stop()
    assert await storage["posts"].find().to_list(None) == [{"_id": 1, "n": 1}]
    assert await storage["replies"].count_documents({}) == 0


@pytest.mark.differs(nx=101)
async def test_a_refused_operation_undoes_the_others(storage):
    await storage["likes"].create_indexes([IndexModel([("user", ASCENDING)], unique=True)])
    await storage["likes"].insert_one({"user": 1})

    async def like_again() -> None:
        async with storage.transaction() as tx:
            await storage["posts"].insert_one({"_id": 1}, session=tx)
            await storage["likes"].insert_one({"user": 1}, session=tx)

    with pytest.raises(DuplicateKeyError):
        await like_again()
    assert await storage["posts"].count_documents({}) == 0


@pytest.mark.differs(nx=101)
async def test_others_see_nothing_of_it_before_it_ends(storage):
    await storage["posts"].insert_one({"_id": 1})
    async with storage.transaction() as tx:
        await storage["posts"].insert_one({"_id": 2}, session=tx)
        assert await storage["posts"].count_documents({}) == 1
    assert await storage["posts"].count_documents({}) == 2


@pytest.mark.differs(nx=101)
async def test_transactions_at_once_lose_no_update(storage):
    await storage["accounts"].insert_many([{"_id": 1, "n": 0}, {"_id": 2, "n": 0}])

    async def move() -> None:
        while True:
            try:
                async with storage.transaction() as tx:
                    left = await storage["accounts"].find_one({"_id": 1}, session=tx)
                    await storage["accounts"].update_one(
                        {"_id": 1}, {"$set": {"n": left["n"] - 1}}, session=tx
                    )
                    await asyncio.sleep(0)
                    await storage["accounts"].update_one({"_id": 2}, {"$inc": {"n": 1}}, session=tx)
            except WriteConflict:
                continue
            return

    await asyncio.gather(*(move() for _ in range(20)))
    assert await storage["accounts"].find().sort("_id", 1).to_list(None) == [
        {"_id": 1, "n": -20},
        {"_id": 2, "n": 20},
    ]
