"""In which order documents come, which of them, and how they are read."""

import pytest

SCORES = [
    {"_id": 1, "team": "red", "points": 3},
    {"_id": 2, "team": "blue", "points": 5},
    {"_id": 3, "team": "red", "points": 5},
    {"_id": 4, "team": "blue"},
    {"_id": 5, "team": "red", "points": None},
]


@pytest.mark.parametrize("is_indexed", [False, True])
@pytest.mark.parametrize(
    ("sort", "ids"),
    [
        ([("_id", 1)], [1, 2, 3, 4, 5]),
        ([("_id", -1)], [5, 4, 3, 2, 1]),
        ([("team", 1), ("_id", 1)], [2, 4, 1, 3, 5]),
        ([("team", -1), ("_id", 1)], [1, 3, 5, 2, 4]),
        ([("points", -1), ("_id", -1)], [3, 2, 1, 5, 4]),
        ([("points", 1), ("_id", 1)], [4, 5, 1, 2, 3]),
        ([("team", 1), ("points", -1), ("_id", 1)], [2, 4, 3, 1, 5]),
    ],
    ids=str,
)
async def test_a_sort_orders(sort, ids, is_indexed, storage):
    scores = storage["scores"]
    await scores.insert_many([dict(score) for score in SCORES])
    keys = [(name, direction) for name, direction in sort if name != "_id"]
    if is_indexed and keys:
        await scores.create_index(keys)
    assert [score["_id"] for score in await scores.find().sort(sort).to_list(None)] == ids
    page = await scores.find().sort(sort).skip(1).limit(2).to_list(None)
    assert [score["_id"] for score in page] == ids[1:3]


@pytest.mark.differs(nx=113)
async def test_values_of_different_types_have_mongodbs_order(storage):
    values = [None, 1.5, 7, "a", {"x": 1}, b"\x01", False, True]
    await storage["samples"].insert_many(
        [{"_id": number, "value": value} for number, value in enumerate(reversed(values))]
    )
    found = await storage["samples"].find().sort("value", 1).to_list(None)
    assert [one["value"] for one in found] == values


async def test_skip_and_limit_cut_a_page_out(storage):
    await storage["numbers"].insert_many([{"_id": number} for number in range(10)])
    cursor = storage["numbers"].find().sort("_id", -1).skip(2).limit(3)
    assert [one["_id"] for one in await cursor.to_list(None)] == [7, 6, 5]
    past = storage["numbers"].find().sort("_id", 1).skip(10).limit(3)
    assert await past.to_list(None) == []


async def test_to_list_reads_no_more_than_asked_and_goes_on_from_there(storage):
    await storage["numbers"].insert_many([{"_id": number} for number in range(5)])
    cursor = storage["numbers"].find().sort("_id", 1)
    assert [one["_id"] for one in await cursor.to_list(2)] == [0, 1]
    assert [one["_id"] for one in await cursor.to_list(2)] == [2, 3]
    assert [one["_id"] for one in await cursor.to_list(2)] == [4]
    assert await cursor.to_list(2) == []


async def test_async_for_reads_everything_of_many_batches(storage):
    await storage["numbers"].insert_many([{"_id": number} for number in range(1000)])
    cursor = storage["numbers"].find({"_id": {"$gte": 100}}).sort("_id", 1)
    assert [one["_id"] async for one in cursor] == list(range(100, 1000))


async def test_each_cursor_reads_for_itself(storage):
    await storage["numbers"].insert_many([{"_id": number} for number in range(3)])
    first, second = (
        storage["numbers"].find().sort("_id", 1),
        storage["numbers"].find().sort("_id", 1),
    )
    assert [one["_id"] for one in await first.to_list(2)] == [0, 1]
    assert [one["_id"] for one in await second.to_list(None)] == [0, 1, 2]


async def test_counting_takes_a_filter(storage):
    await storage["numbers"].insert_many(
        [{"_id": number, "even": number % 2 == 0} for number in range(7)]
    )
    assert await storage["numbers"].count_documents({}) == 7
    assert await storage["numbers"].count_documents({"even": True}) == 4
    assert await storage["nowhere"].count_documents({}) == 0
