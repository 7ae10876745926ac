"""Which documents a filter finds, and what of them comes back."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

NOON = datetime(2025, 1, 18, 12, 0, tzinfo=UTC)

PEOPLE: list[dict[str, Any]] = [
    {"_id": 1, "name": "Ann", "age": 31, "tags": ["a", "b"], "home": {"city": "Bonn"}},
    {"_id": 2, "name": "Bob", "age": 25, "tags": ["b"], "home": {"city": "Köln"}},
    {"_id": 3, "name": "Cem", "age": 25, "tags": [], "home": None},
    {"_id": 4, "name": "Dora", "tags": ["a", "c"], "at": NOON},
    {"_id": 5, "name": None, "age": 40.5, "parts": [{"n": 1, "ok": True}, {"n": 2, "ok": False}]},
]


@pytest.mark.parametrize(
    ("filter", "ids"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"_id": 2}, [2]),
        ({"name": "Ann"}, [1]),
        ({"name": "ann"}, []),
        pytest.param({"name": None}, [5], marks=pytest.mark.differs(nx=104)),
        ({"age": None}, [4]),
        ({"age": 25, "name": "Cem"}, [3]),
        ({"age": 25.0}, [2, 3]),
        ({"tags": "a"}, [1, 4]),
        pytest.param({"tags": ["a", "b"]}, [1], marks=pytest.mark.differs(nx=105)),
        pytest.param({"tags": ["b", "a"]}, [], marks=pytest.mark.differs(nx=105)),
        ({"home.city": "Bonn"}, [1]),
        pytest.param({"home": {"city": "Bonn"}}, [1], marks=pytest.mark.differs(nx=105)),
        ({"home.city": None}, [3, 4, 5]),
        ({"parts.n": 2}, [5]),
        pytest.param({"parts.0.n": 1}, [5], marks=pytest.mark.differs(nx=106)),
        ({"at": NOON}, [4]),
        ({"age": {"$eq": 31}}, [1]),
        ({"age": {"$ne": 25}}, [1, 4, 5]),
        ({"age": {"$gt": 25}}, [1, 5]),
        ({"age": {"$gte": 25, "$lt": 31}}, [2, 3]),
        ({"age": {"$lte": 25}}, [2, 3]),
        ({"name": {"$gt": "B"}}, [2, 3, 4]),
        ({"at": {"$gt": datetime(2025, 1, 1, tzinfo=UTC)}}, [4]),
        ({"at": {"$lt": NOON}}, []),
        ({"_id": {"$in": [3, 1, 9]}}, [1, 3]),
        ({"name": {"$in": ["Bob", None]}}, [2, 5]),
        ({"tags": {"$in": ["c", "b"]}}, [1, 2, 4]),
        ({"_id": {"$in": []}}, []),
        ({"age": {"$nin": [25, 31]}}, [4, 5]),
        ({"age": {"$exists": False}}, [4]),
        pytest.param({"home": {"$exists": True}}, [1, 2, 3], marks=pytest.mark.differs(nx=104)),
        ({"$or": [{"name": "Ann"}, {"age": 25}]}, [1, 2, 3]),
        ({"$and": [{"tags": "a"}, {"tags": "b"}]}, [1]),
        ({"$nor": [{"tags": "a"}, {"age": 25}]}, [5]),
        pytest.param({"age": {"$not": {"$gt": 25}}}, [2, 3, 4], marks=pytest.mark.differs(nx=107)),
        ({"tags": {"$all": ["a", "b"]}}, [1]),
        ({"tags": {"$size": 0}}, [3]),
        ({"tags": {"$size": 2}}, [1, 4]),
        ({"parts": {"$elemMatch": {"n": 1, "ok": True}}}, [5]),
        ({"parts": {"$elemMatch": {"n": 1, "ok": False}}}, []),
        ({"name": {"$regex": "^[AB]"}}, [1, 2]),
        ({"name": {"$regex": "^a", "$options": "i"}}, [1]),
        ({"name": "Ann", "$or": [{"age": {"$gt": 30}}, {"age": None}]}, [1]),
    ],
    ids=str,
)
async def test_a_filter_finds(filter, ids, storage):
    await storage["people"].insert_many([dict(person) for person in PEOPLE])
    found = await storage["people"].find(filter, {"_id": 1}).to_list(None)
    assert sorted(person["_id"] for person in found) == ids
    assert await storage["people"].count_documents(filter) == len(ids)


async def test_find_one_answers_the_whole_document_or_none(storage):
    await storage["people"].insert_many([dict(person) for person in PEOPLE])
    assert await storage["people"].find_one({"name": "Ann"}) == PEOPLE[0]
    assert await storage["people"].find_one({"name": "Eve"}) is None
    assert await storage["nowhere"].find_one({"name": "Ann"}) is None


async def test_find_one_takes_the_first_of_a_sort(storage):
    await storage["people"].insert_many([dict(person) for person in PEOPLE])
    youngest = await storage["people"].find_one({"age": {"$gt": 0}}, sort=[("age", 1), ("_id", -1)])
    assert youngest == PEOPLE[2]


@pytest.mark.parametrize(
    ("projection", "shown"),
    [
        ({"_id": 1}, {"_id": 1}),
        ({"name": 1}, {"_id": 1, "name": "Ann"}),
        ({"name": 1, "_id": 0}, {"name": "Ann"}),
        pytest.param(
            {"home.city": 1},
            {"_id": 1, "home": {"city": "Bonn"}},
            marks=pytest.mark.differs(nx=108),
        ),
        ({"tags": 0, "home": 0}, {"_id": 1, "name": "Ann", "age": 31}),
        ({"nothing": 1}, {"_id": 1}),
    ],
    ids=str,
)
async def test_a_projection_shows(projection, shown, storage):
    await storage["people"].insert_one(dict(PEOPLE[0]))
    assert await storage["people"].find_one({"_id": 1}, projection) == shown
    assert await storage["people"].find({}, projection).to_list(None) == [shown]


async def test_an_id_may_be_an_object_id_a_string_or_a_number(storage):
    ids = [ObjectId(), "login:13800138000", 7]
    for _id in ids:
        await storage["things"].insert_one({"_id": _id, "of": str(_id)})
    for _id in ids:
        assert await storage["things"].find_one({"_id": _id}) == {"_id": _id, "of": str(_id)}


@pytest.mark.differs(nx=109)
async def test_an_object_id_is_not_its_hex_digits(storage):
    _id = ObjectId()
    await storage["things"].insert_one({"_id": _id, "owner": _id})
    assert await storage["things"].find_one({"_id": str(_id)}) is None
    assert await storage["things"].find_one({"owner": str(_id)}) is None


@pytest.mark.differs(nx=116)
async def test_a_field_is_found_by_its_object_id(storage):
    mine, other = ObjectId(), ObjectId()
    await storage["things"].insert_many([{"_id": 1, "owner": mine}, {"_id": 2, "owner": other}])
    assert await storage["things"].find_one({"owner": mine}) == {"_id": 1, "owner": mine}
    assert await storage["things"].count_documents({"owner": {"$in": [mine, other]}}) == 2


async def test_distinct_answers_each_value_once_and_elements_by_themselves(storage):
    await storage["people"].insert_many([dict(person) for person in PEOPLE])
    assert sorted(await storage["people"].distinct("age", {"_id": {"$lt": 4}})) == [25, 31]
    assert sorted(await storage["people"].distinct("tags")) == ["a", "b", "c"]
    assert await storage["people"].distinct("nothing") == []


async def test_what_looks_like_an_operator_in_a_value_is_a_value(storage):
    await storage["people"].insert_one({"_id": 1, "name": "$ne"})
    assert await storage["people"].find_one({"name": "$ne"}) == {"_id": 1, "name": "$ne"}
    assert await storage["people"].count_documents({"name": "$gt"}) == 0
