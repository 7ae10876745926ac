"""Many writes in one call."""

import pytest
from pymongo import (
    ASCENDING,
    DeleteMany,
    DeleteOne,
    IndexModel,
    InsertOne,
    ReplaceOne,
    UpdateMany,
    UpdateOne,
)
from pymongo.errors import BulkWriteError


async def ids_in(storage) -> list:
    return [thing["_id"] for thing in await storage["things"].find().sort("_id", 1).to_list(None)]


async def test_insert_many_answers_the_ids_and_gives_those_that_are_missing(storage):
    documents = [{"_id": 1}, {"n": 2}]
    result = await storage["things"].insert_many(documents)
    assert result.inserted_ids == [1, documents[1]["_id"]]
    assert await storage["things"].count_documents({}) == 2


async def test_an_ordered_insert_many_stops_at_the_first_error(storage):
    with pytest.raises(BulkWriteError) as refusal:
        await storage["things"].insert_many([{"_id": 1}, {"_id": 1}, {"_id": 2}])
    assert refusal.value.details["nInserted"] == 1
    (error,) = refusal.value.details["writeErrors"]
    assert (error["index"], error["code"]) == (1, 11000)
    assert await ids_in(storage) == [1]


async def test_an_unordered_insert_many_goes_on(storage):
    with pytest.raises(BulkWriteError) as refusal:
        await storage["things"].insert_many([{"_id": 1}, {"_id": 1}, {"_id": 2}], ordered=False)
    assert refusal.value.details["nInserted"] == 2
    assert await ids_in(storage) == [1, 2]


async def test_a_bulk_write_does_each_and_counts_them(storage):
    await storage["things"].insert_many([{"_id": number, "n": 0} for number in range(5)])
    result = await storage["things"].bulk_write(
        [
            InsertOne({"_id": 5, "n": 0}),
            UpdateOne({"_id": 0}, {"$set": {"n": 1}}),
            UpdateMany({"n": 0, "_id": {"$lt": 3}}, {"$inc": {"n": 2}}),
            ReplaceOne({"_id": 3}, {"n": "replaced"}),
            DeleteOne({"_id": 4}),
            DeleteMany({"n": 2}),
        ]
    )
    assert (result.inserted_count, result.modified_count, result.deleted_count) == (1, 4, 3)
    assert await storage["things"].find().sort("_id", 1).to_list(None) == [
        {"_id": 0, "n": 1},
        {"_id": 3, "n": "replaced"},
        {"_id": 5, "n": 0},
    ]


async def test_a_bulk_upsert_tells_what_it_made(storage):
    result = await storage["things"].bulk_write(
        [UpdateOne({"_id": "x"}, {"$inc": {"n": 1}}, upsert=True)] * 2
    )
    assert (result.upserted_count, result.modified_count) == (1, 1)
    assert result.upserted_ids == {0: "x"}
    assert await storage["things"].find_one({"_id": "x"}) == {"_id": "x", "n": 2}


async def test_an_error_in_a_bulk_write_keeps_what_was_done_before_it(storage):
    await storage["things"].create_indexes([IndexModel([("n", ASCENDING)], unique=True)])
    with pytest.raises(BulkWriteError) as refusal:
        await storage["things"].bulk_write(
            [
                InsertOne({"_id": 1, "n": 1}),
                InsertOne({"_id": 2, "n": 1}),
                InsertOne({"_id": 3, "n": 3}),
            ]
        )
    assert [error["index"] for error in refusal.value.details["writeErrors"]] == [1]
    assert await ids_in(storage) == [1]
