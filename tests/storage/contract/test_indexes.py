"""Indexes: they keep values unique, and never change an answer."""

import asyncio

import pytest
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError, OperationFailure


async def refuses(operation) -> bool:
    with pytest.raises(DuplicateKeyError) as refusal:
        await operation
    return refusal.value.code == 11000


async def test_a_unique_value_is_taken_once(storage):
    users = storage["users"]
    await users.create_indexes([IndexModel([("email", ASCENDING)], name="email", unique=True)])
    await users.insert_one({"_id": 1, "email": "a@b.c"})
    assert await refuses(users.insert_one({"_id": 2, "email": "a@b.c"}))
    await users.insert_one({"_id": 2, "email": "d@e.f"})
    assert await refuses(users.update_one({"_id": 2}, {"$set": {"email": "a@b.c"}}))
    assert await users.find().sort("_id", 1).to_list(None) == [
        {"_id": 1, "email": "a@b.c"},
        {"_id": 2, "email": "d@e.f"},
    ]
    await users.delete_one({"_id": 1})
    await users.update_one({"_id": 2}, {"$set": {"email": "a@b.c"}})


async def test_an_id_is_taken_once(storage):
    await storage["users"].insert_one({"_id": "x"})
    assert await refuses(storage["users"].insert_one({"_id": "x"}))


@pytest.mark.differs(nx=103)
async def test_a_duplicate_names_the_fields_of_its_index(storage):
    users = storage["users"]
    await users.create_indexes([IndexModel([("email", ASCENDING)], name="email", unique=True)])
    await users.insert_one({"email": "a@b.c"})
    with pytest.raises(DuplicateKeyError) as refusal:
        await users.insert_one({"email": "a@b.c"})
    details = refusal.value.details or {}
    assert details["keyPattern"] == {"email": 1}
    assert details["keyValue"] == {"email": "a@b.c"}


@pytest.mark.differs(nx=104)
async def test_two_that_lack_a_unique_field_are_duplicates(storage):
    await storage["users"].create_indexes([IndexModel([("email", ASCENDING)], unique=True)])
    await storage["users"].insert_one({"_id": 1})
    assert await refuses(storage["users"].insert_one({"_id": 2}))


async def test_a_partial_unique_index_leaves_out_who_has_no_such_field(storage):
    users = storage["users"]
    await users.create_indexes(
        [
            IndexModel(
                [("email", ASCENDING)],
                name="email",
                unique=True,
                partialFilterExpression={"email": {"$exists": True}},
            )
        ]
    )
    await users.insert_many([{"_id": 1}, {"_id": 2}, {"_id": 3, "email": "a@b.c"}])
    assert await refuses(users.insert_one({"_id": 4, "email": "a@b.c"}))
    assert await users.count_documents({}) == 3
    await users.update_one({"_id": 3}, {"$unset": {"email": ""}})
    await users.insert_one({"_id": 4, "email": "a@b.c"})


async def test_a_compound_unique_index_compares_all_its_fields(storage):
    likes = storage["likes"]
    await likes.create_indexes(
        [IndexModel([("user_id", ASCENDING), ("postid", ASCENDING)], name="both", unique=True)]
    )
    await likes.insert_many([{"user_id": 1, "postid": 1}, {"user_id": 1, "postid": 2}])
    await likes.insert_one({"user_id": 2, "postid": 1})
    assert await refuses(likes.insert_one({"user_id": 2, "postid": 1}))
    found = await likes.find({"user_id": 1, "postid": {"$gte": 1, "$lte": 2}}).to_list(None)
    assert sorted(like["postid"] for like in found) == [1, 2]


@pytest.mark.differs(nx=111)
async def test_an_index_on_an_array_finds_by_each_element(storage):
    sessions = storage["sessions"]
    await sessions.create_indexes([IndexModel([("hashes", ASCENDING)], name="hashes")])
    await sessions.insert_many([{"_id": 1, "hashes": [b"a", b"b"]}, {"_id": 2, "hashes": []}])
    await sessions.update_one({"_id": 2}, {"$push": {"hashes": b"c"}})
    assert await sessions.find_one({"hashes": b"b"}, {"_id": 1}) == {"_id": 1}
    assert await sessions.find_one({"hashes": b"c"}, {"_id": 1}) == {"_id": 2}
    assert await sessions.find_one({"hashes": b"d"}) is None


@pytest.mark.parametrize(
    "keys",
    [
        [("team", ASCENDING)],
        [("team", ASCENDING), ("points", DESCENDING)],
        [("points", ASCENDING)],
        pytest.param([("tags", ASCENDING)], marks=pytest.mark.differs(nx=111)),
    ],
    ids=str,
)
async def test_an_index_changes_no_answer(keys, storage):
    documents = [
        {
            "_id": number,
            "team": "ab"[number % 2],
            "points": number // 2,
            "tags": [number % 3, number % 5],
        }
        for number in range(12)
    ]
    filters = [
        {"team": "a"},
        {"team": "a", "points": {"$gt": 2}},
        {"points": {"$in": [1, 4]}},
        {"tags": 2},
        {"$or": [{"team": "b", "points": 3}, {"tags": 4}]},
    ]
    await storage["plain"].insert_many([dict(document) for document in documents])
    await storage["indexed"].create_indexes([IndexModel(keys, name="index")])
    await storage["indexed"].insert_many([dict(document) for document in documents])
    for filter in filters:
        plain = await storage["plain"].find(filter).sort("_id", 1).to_list(None)
        assert await storage["indexed"].find(filter).sort("_id", 1).to_list(None) == plain
        assert plain


@pytest.mark.differs(nx=112)
async def test_making_an_index_twice_makes_it_once(storage):
    model = IndexModel([("email", ASCENDING)], name="email", unique=True)
    for _ in range(2):
        assert await storage["users"].create_indexes([model]) == ["email"]
    assert set(await storage["users"].index_information()) == {"_id_", "email"}


async def test_a_unique_index_on_what_is_not_unique_is_refused(storage):
    await storage["users"].insert_many([{"email": "a@b.c"}, {"email": "a@b.c"}])
    with pytest.raises((DuplicateKeyError, OperationFailure)):
        await storage["users"].create_indexes([IndexModel([("email", ASCENDING)], unique=True)])
    assert await storage["users"].count_documents({}) == 2


async def test_of_many_who_want_a_value_at_once_one_gets_it(storage):
    await storage["users"].create_indexes([IndexModel([("email", ASCENDING)], unique=True)])

    async def register() -> bool:
        try:
            await storage["users"].insert_one({"email": "a@b.c"})
        except DuplicateKeyError:
            return False
        return True

    assert sum(await asyncio.gather(*(register() for _ in range(20)))) == 1
    assert await storage["users"].count_documents({}) == 1


async def test_an_upsert_that_meets_a_unique_value_is_refused(storage):
    codes = storage["codes"]
    await codes.create_indexes([IndexModel([("phone", ASCENDING)], name="phone", unique=True)])
    await codes.insert_one({"_id": 1, "phone": "+1", "sent_at": 10})
    assert await refuses(
        codes.update_one({"phone": "+1", "sent_at": {"$lte": 5}}, {"$set": {"n": 1}}, upsert=True)
    )
    assert await codes.find().to_list(None) == [{"_id": 1, "phone": "+1", "sent_at": 10}]
