"""What is refused, and how."""

import pytest
from bson import ObjectId
from bson.errors import InvalidDocument
from pymongo.errors import DuplicateKeyError, OperationFailure, WriteError

from repositories.errors import StorageUnavailable, Taken, is_unavailable, unique


@pytest.mark.parametrize(
    "filter",
    [
        {"n": {"$nonsense": 1}},
        {"$nonsense": []},
        {"n": {"$in": 5}},
        pytest.param({"$or": []}, marks=pytest.mark.differs(nx=102)),
        {"n": {"$not": 5}},
        {"n": {"$regex": "("}},
    ],
    ids=str,
)
async def test_a_filter_that_is_none_is_refused(filter, storage):
    await storage["things"].insert_one({"_id": 1, "n": "x"})
    with pytest.raises(OperationFailure):
        await storage["things"].find(filter).to_list(None)


@pytest.mark.parametrize(
    "update",
    [
        {"$nonsense": {"n": 1}},
        {"$inc": {"text": 1}},
        pytest.param({"$inc": {"n": "x"}}, marks=pytest.mark.differs(nx=102)),
        pytest.param({"$push": {"n": 1}}, marks=pytest.mark.differs(nx=102)),
        pytest.param({"$set": {"_id": 2}}, marks=pytest.mark.differs(nx=102)),
        pytest.param({"$set": {"n": 1}, "$inc": {"n": 1}}, marks=pytest.mark.differs(nx=102)),
        pytest.param({"$set": {"text.length": 1}}, marks=pytest.mark.differs(nx=102)),
    ],
    ids=str,
)
async def test_an_update_that_cannot_be_done_is_refused_and_changes_nothing(update, storage):
    await storage["things"].insert_one({"_id": 1, "n": 1, "text": "x"})
    with pytest.raises((WriteError, OperationFailure)):
        await storage["things"].update_one({"_id": 1}, update)
    assert await storage["things"].find_one({"_id": 1}) == {"_id": 1, "n": 1, "text": "x"}


async def test_an_update_without_operators_is_a_mistake_of_the_caller(storage):
    with pytest.raises(ValueError, match="update"):
        await storage["things"].update_one({"_id": 1}, {"n": 1})


@pytest.mark.parametrize(
    "value", [2**63, {1: 2}, {"a\x00b": 1}, object()], ids=["int65", "key", "NUL", "object"]
)
async def test_what_bson_cannot_hold_is_refused_and_nothing_is_kept(value, storage):
    with pytest.raises((OverflowError, InvalidDocument)):
        await storage["things"].insert_one({"value": value})
    assert await storage["things"].count_documents({}) == 0


@pytest.mark.differs(nx=102)
@pytest.mark.parametrize("_id", [[1], ["a", "b"]], ids=str)
async def test_an_array_is_no_id(_id, storage):
    with pytest.raises((WriteError, OperationFailure)):
        await storage["things"].insert_one({"_id": _id})


@pytest.mark.differs(nx=103)
async def test_taken_names_the_field(storage):
    await storage["users"].create_index("email", unique=True)
    await storage["users"].insert_one({"email": "a@b.c"})
    with pytest.raises(Taken) as refusal, unique("phone", "email"):
        await storage["users"].insert_one({"email": "a@b.c"})
    assert refusal.value.field == "email"


async def test_a_duplicate_is_no_outage(storage):
    await storage["users"].insert_one({"_id": 1})
    with pytest.raises(DuplicateKeyError) as refusal:
        await storage["users"].insert_one({"_id": 1})
    assert not is_unavailable(refusal.value)


async def test_a_storage_that_is_there_answers_a_ping(storage):
    try:
        await storage.ping()
    except StorageUnavailable as problem:
        pytest.fail(str(problem))
    assert await storage["things"].find_one({"_id": ObjectId()}) is None
