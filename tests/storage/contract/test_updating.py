"""What an update makes of a document, and what it answers."""

import asyncio
from datetime import UTC, datetime

import pytest
from pymongo import ReturnDocument

NOON = datetime(2025, 1, 18, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "update", "after"),
    [
        pytest.param(
            {"n": 1},
            {"$set": {"n": 2, "at": NOON}},
            {"n": 2, "at": NOON},
            marks=pytest.mark.differs(nx=115),
        ),
        ({"a": {"b": 1}}, {"$set": {"a.c": 2}}, {"a": {"b": 1, "c": 2}}),
        ({}, {"$set": {"a.b": 1}}, {"a": {"b": 1}}),
        ({"n": 1, "m": 1}, {"$unset": {"n": ""}}, {"m": 1}),
        ({"n": 1}, {"$inc": {"n": 2, "m": -1}}, {"n": 3, "m": -1}),
        ({"n": 5}, {"$min": {"n": 3}}, {"n": 3}),
        ({"n": 5}, {"$max": {"n": 3}}, {"n": 5}),
        ({"l": [1]}, {"$push": {"l": 2}}, {"l": [1, 2]}),
        ({}, {"$push": {"l": 1}}, {"l": [1]}),
        ({"l": [1]}, {"$push": {"l": {"$each": [2, 3]}}}, {"l": [1, 2, 3]}),
        ({"l": [1, 2]}, {"$push": {"l": {"$each": [3], "$slice": -2}}}, {"l": [2, 3]}),
        ({"l": [1, 2]}, {"$push": {"l": {"$each": [0], "$position": 0}}}, {"l": [0, 1, 2]}),
        ({"l": [1]}, {"$addToSet": {"l": 1}}, {"l": [1]}),
        ({"l": [1]}, {"$addToSet": {"l": {"$each": [1, 2]}}}, {"l": [1, 2]}),
        ({"l": [1, 2, 1]}, {"$pull": {"l": 1}}, {"l": [2]}),
        ({"l": [{"n": 1}, {"n": 2}]}, {"$pull": {"l": {"n": 1}}}, {"l": [{"n": 2}]}),
        ({"n": 1}, {"$setOnInsert": {"n": 2}, "$set": {"m": 1}}, {"n": 1, "m": 1}),
        ({"n": 1}, {"$set": {"n": None}}, {"n": None}),
    ],
    ids=str,
)
async def test_an_update_makes(before, update, after, storage):
    await storage["things"].insert_one({"_id": 1, **before})
    result = await storage["things"].update_one({"_id": 1}, update)
    assert result.matched_count == 1
    assert await storage["things"].find_one({"_id": 1}) == {"_id": 1, **after}


async def test_an_update_tells_what_it_matched_and_modified(storage):
    await storage["things"].insert_many([{"_id": 1, "n": 1}, {"_id": 2, "n": 2}])
    result = await storage["things"].update_one({"_id": 1}, {"$set": {"n": 5}})
    assert (result.matched_count, result.modified_count, result.upserted_id) == (1, 1, None)
    result = await storage["things"].update_one({"_id": 9}, {"$set": {"n": 5}})
    assert (result.matched_count, result.modified_count) == (0, 0)
    result = await storage["things"].update_many({"n": {"$gt": 0}}, {"$inc": {"n": 1}})
    assert (result.matched_count, result.modified_count) == (2, 2)
    assert await storage["things"].find().sort("_id", 1).to_list(None) == [
        {"_id": 1, "n": 6},
        {"_id": 2, "n": 3},
    ]


async def test_an_update_that_changes_nothing_modifies_nothing(storage):
    await storage["things"].insert_one({"_id": 1, "n": 1})
    result = await storage["things"].update_one({"_id": 1}, {"$set": {"n": 1}})
    assert (result.matched_count, result.modified_count) == (1, 0)


async def test_the_positional_operator_changes_the_element_that_was_found(storage):
    await storage["carts"].insert_one(
        {"_id": 1, "lines": [{"sku": "a", "n": 1}, {"sku": "b", "n": 1}]}
    )
    await storage["carts"].update_one({"_id": 1, "lines.sku": "b"}, {"$set": {"lines.$.n": 5}})
    assert await storage["carts"].find_one({"_id": 1}) == {
        "_id": 1,
        "lines": [{"sku": "a", "n": 1}, {"sku": "b", "n": 5}],
    }


async def test_an_upsert_makes_the_document_of_its_equalities(storage):
    result = await storage["codes"].update_one(
        {"phone": "+1", "sent_at": {"$lte": NOON}},
        {"$set": {"sent_at": NOON}, "$setOnInsert": {"tries": 0}},
        upsert=True,
    )
    assert (result.matched_count, result.modified_count) == (0, 0)
    made = await storage["codes"].find_one({"_id": result.upserted_id})
    assert made == {"_id": result.upserted_id, "phone": "+1", "sent_at": NOON, "tries": 0}


async def test_an_upsert_changes_what_is_there(storage):
    await storage["codes"].insert_one({"_id": "x", "n": 1})
    result = await storage["codes"].update_one({"_id": "x"}, {"$inc": {"n": 1}}, upsert=True)
    assert (result.matched_count, result.modified_count, result.upserted_id) == (1, 1, None)
    assert await storage["codes"].find().to_list(None) == [{"_id": "x", "n": 2}]


async def test_find_one_and_update_answers_before_or_after(storage):
    await storage["things"].insert_one({"_id": 1, "n": 1})
    update = {"$inc": {"n": 1}}
    assert await storage["things"].find_one_and_update({"_id": 1}, update) == {"_id": 1, "n": 1}
    assert await storage["things"].find_one_and_update(
        {"_id": 1}, update, return_document=ReturnDocument.AFTER
    ) == {"_id": 1, "n": 3}
    assert await storage["things"].find_one_and_update({"_id": 9}, update) is None


async def test_find_one_and_update_makes_what_is_not_there(storage):
    numbers = storage["numbers"]
    for expected in (1, 2):
        counted = await numbers.find_one_and_update(
            {"_id": "posts"},
            {"$inc": {"last": 1}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        assert counted == {"_id": "posts", "last": expected}


async def test_find_one_and_update_takes_the_first_of_a_sort(storage):
    await storage["jobs"].insert_many(
        [{"_id": 1, "due": 5}, {"_id": 2, "due": 3}, {"_id": 3, "due": 9}]
    )
    taken = await storage["jobs"].find_one_and_update(
        {"due": {"$lte": 8}}, {"$set": {"taken": True}}, sort=[("due", 1)], return_document=True
    )
    assert taken == {"_id": 2, "due": 3, "taken": True}


async def test_find_one_and_delete_answers_what_it_deleted(storage):
    await storage["jobs"].insert_many([{"_id": 1, "due": 5}, {"_id": 2, "due": 3}])
    assert await storage["jobs"].find_one_and_delete({}, sort=[("due", 1)]) == {"_id": 2, "due": 3}
    assert await storage["jobs"].find_one_and_delete({"_id": 2}) is None
    assert await storage["jobs"].find().to_list(None) == [{"_id": 1, "due": 5}]


async def test_deleting_tells_how_many(storage):
    await storage["things"].insert_many([{"_id": number, "n": number % 2} for number in range(6)])
    assert (await storage["things"].delete_one({"n": 1})).deleted_count == 1
    assert (await storage["things"].delete_one({"_id": 99})).deleted_count == 0
    assert (await storage["things"].delete_many({"n": 0})).deleted_count == 3
    assert await storage["things"].count_documents({}) == 2


async def test_of_many_callers_at_once_one_wins_and_counts_are_exact(storage):
    await storage["codes"].insert_one({"_id": 1, "is_used": False, "n": 0})

    async def claim() -> int:
        result = await storage["codes"].update_one(
            {"_id": 1, "is_used": False}, {"$set": {"is_used": True}}
        )
        await storage["codes"].update_one({"_id": 1}, {"$inc": {"n": 1}})
        return result.modified_count

    assert sum(await asyncio.gather(*(claim() for _ in range(20)))) == 1
    assert await storage["codes"].find_one({"_id": 1}) == {"_id": 1, "is_used": True, "n": 20}


async def test_numbers_are_taken_once_and_in_a_row(storage):
    numbers = await asyncio.gather(*(storage.take_numbers("posts") for _ in range(20)))
    assert sorted(numbers) == list(range(1, 21))
    assert await storage.take_numbers("posts", 5) == 21
    assert await storage.take_numbers("posts") == 26
    assert await storage.take_numbers("replies") == 1
