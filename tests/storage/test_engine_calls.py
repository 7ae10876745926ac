"""The methods of a collection, as Motor has them: results, errors, and what is refused."""

import asyncio

import pytest
from bson import ObjectId
from bson.errors import InvalidDocument
from pymongo import DeleteMany, DeleteOne, InsertOne, ReplaceOne, ReturnDocument, UpdateMany
from pymongo import UpdateOne as Update
from pymongo.errors import (
    BulkWriteError,
    DocumentTooLarge,
    DuplicateKeyError,
    InvalidName,
    InvalidOperation,
    OperationFailure,
    WriteError,
)

from repositories.embedded import reading
from tests.storage.engine import in_memory


async def filled(store, count=10):
    """A collection of `count` documents."""
    await store.docs.insert_many([{"_id": n, "n": n % 3} for n in range(count)])
    return store.docs


def test_insert_many_keeps_what_came_before_the_error():
    async def body(store):
        documents = [{"_id": 1}, {"_id": 2}, {"_id": 1}, {"_id": 3}]
        with pytest.raises(BulkWriteError) as refused:
            await store.docs.insert_many(documents)
        ordered = await store.docs.distinct("_id")
        with pytest.raises(BulkWriteError):
            await store.docs.insert_many([{"_id": 1}, {"_id": 4}], ordered=False)
        return refused.value.details, ordered, await store.docs.distinct("_id")

    details, ordered, unordered = in_memory(body)
    assert details["nInserted"] == 2
    (error,) = details["writeErrors"]
    assert (error["index"], error["code"], error["op"]) == (2, 11000, {"_id": 1})
    assert (ordered, unordered) == ([1, 2], [1, 2, 4])


def test_update_results_tell_matched_modified_and_upserted():
    async def body(store):
        docs = await filled(store)
        one = await docs.update_one({"n": 1}, {"$set": {"x": 1}})
        again = await docs.update_one({"_id": 1}, {"$set": {"x": 1}})
        many = await docs.update_many({"n": 1}, {"$set": {"x": 1}})
        none = await docs.update_one({"n": 9}, {"$set": {"x": 1}})
        new = await docs.update_one({"_id": 99, "n": 9}, {"$set": {"x": 1}}, upsert=True)
        made = await docs.update_many({"n": 8}, {"$set": {"x": 1}}, upsert=True)
        results = [(r.matched_count, r.modified_count, r.upserted_id) for r in (one, again, many)]
        return (
            results,
            none.matched_count,
            new.upserted_id,
            made.upserted_id,
            await docs.find_one(99),
        )

    results, none, new, made, found = in_memory(body)
    assert results == [(1, 1, None), (1, 0, None), (3, 2, None)]
    assert (none, new, found) == (0, 99, {"_id": 99, "n": 9, "x": 1})
    assert isinstance(made, ObjectId)


def test_find_one_and_update_answers_before_or_after():
    async def body(store):
        docs = await filled(store)
        before = await docs.find_one_and_update({"_id": 1}, {"$inc": {"n": 5}})
        after = await docs.find_one_and_update(
            {"_id": 1}, {"$inc": {"n": 5}}, {"_id": 0}, return_document=ReturnDocument.AFTER
        )
        highest = await docs.find_one_and_update({"n": 2}, {"$set": {"x": 1}}, sort=[("_id", -1)])
        none = await docs.find_one_and_update({"n": 99}, {"$set": {"x": 1}})
        upserted = [
            await docs.find_one_and_update({"_id": 50}, {"$set": {"x": 1}}, upsert=True),
            await docs.find_one_and_update(
                {"_id": 51}, {"$set": {"x": 1}}, upsert=True, return_document=True
            ),
        ]
        return before, after, highest, none, upserted

    assert in_memory(body) == (
        {"_id": 1, "n": 1},
        {"n": 11},
        {"_id": 8, "n": 2},
        None,
        [None, {"_id": 51, "x": 1}],
    )


def test_replacing_and_deleting_answer_the_document():
    async def body(store):
        docs = await filled(store)
        replaced = await docs.find_one_and_replace({"_id": 1}, {"new": 1}, return_document=True)
        deleted = await docs.find_one_and_delete({"n": 0}, {"n": 1, "_id": 0}, sort=[("_id", -1)])
        one = await docs.replace_one({"_id": 2}, {"new": 2})
        counts = [
            (await docs.delete_one({"n": 2})).deleted_count,
            (await docs.delete_many({"n": 0})).deleted_count,
            (await docs.delete_one({"n": 77})).deleted_count,
        ]
        return replaced, deleted, one.modified_count, counts, await docs.count_documents({})

    assert in_memory(body) == ({"_id": 1, "new": 1}, {"n": 0}, 1, [1, 3, 0], 5)


def test_bulk_write_counts_what_it_did():
    async def body(store):
        docs = await filled(store)
        result = await docs.bulk_write(
            [
                InsertOne({"_id": 20}),
                Update({"_id": 20}, {"$set": {"x": 1}}),
                Update({"_id": 21}, {"$set": {"x": 1}}, upsert=True),
                UpdateMany({"n": 1}, {"$inc": {"n": 10}}),
                ReplaceOne({"_id": 0}, {"r": 1}),
                DeleteOne({"n": 2}),
                DeleteMany({"n": 11}),
            ]
        )
        return result.bulk_api_result, await docs.distinct("_id")

    answer, left = in_memory(body)
    counts = {name: answer[name] for name in answer if name.startswith("n")}
    assert counts == {
        "nInserted": 1,
        "nMatched": 5,
        "nModified": 5,
        "nUpserted": 1,
        "nRemoved": 4,
    }
    assert answer["upserted"] == [{"index": 2, "_id": 21}]
    assert left == [0, 3, 5, 6, 8, 9, 20, 21]


def test_bulk_write_stops_at_an_error_or_goes_on():
    async def body(store):
        requests = [InsertOne({"_id": 1}), InsertOne({"_id": 1}), InsertOne({"_id": 2})]
        with pytest.raises(BulkWriteError) as ordered:
            await store.docs.bulk_write(requests)
        first = await store.docs.distinct("_id")
        with pytest.raises(BulkWriteError) as unordered:
            await store.docs.bulk_write(requests, ordered=False)
        errors = [
            [error["index"] for error in raised.value.details["writeErrors"]]
            for raised in (ordered, unordered)
        ]
        return first, errors, await store.docs.distinct("_id")

    assert in_memory(body) == ([1], [[1], [0, 1]], [1, 2])


def test_a_cursor_is_read_in_parts_and_cannot_be_changed_then():
    async def body(store):
        docs = await filled(store, 700)
        cursor = docs.find({}, {"n": 0}).sort("_id", -1).skip(10).limit(600)
        first = await cursor.to_list(2)
        second = await cursor.next()
        with pytest.raises(InvalidOperation, match="after executing"):
            cursor.limit(5)
        rest = [document["_id"] async for document in cursor]
        copy = await cursor.clone().to_list()
        return first, second, rest, len(copy), await cursor.to_list(), cursor.alive

    first, second, rest, copied, after, alive = in_memory(body)
    assert (first, second) == ([{"_id": 689}, {"_id": 688}], {"_id": 687})
    assert rest == list(range(686, 89, -1))
    assert (copied, after, alive) == (600, [], False)


@pytest.mark.parametrize("direction", [1, -1])
@pytest.mark.parametrize("skip", [0, 1, 95, 150, 400, 598, 599, 600, 700, 20_000])
def test_a_page_far_along_is_the_same_as_in_the_whole_list(skip, direction, monkeypatch):
    # So that skipping and counting take several stretches.
    monkeypatch.setattr(reading, "_COUNTED_AT_ONCE", 90)

    async def body(store):
        await store.docs.create_index([("n", 1), ("m", -1)])
        await store.docs.insert_many([{"_id": i, "n": 1, "m": i // 2} for i in range(600)])
        sort = [("m", direction), ("n", 1)] if direction == -1 else [("n", -1), ("m", 1)]
        ordered = store.docs.find({"n": 1}, sort=sort)
        every = [document["_id"] for document in await ordered.to_list()]
        page = [d["_id"] for d in await ordered.clone().skip(skip).limit(10).to_list()]
        return page == every[skip : skip + 10], await store.docs.count_documents({"n": 1})

    assert in_memory(body) == (True, 600)


def test_reading_much_lets_others_run():
    async def body(store):
        await store.docs.insert_many([{"_id": n, "text": "x" * 100} for n in range(5000)])
        turns = []

        async def others():
            while True:
                turns.append(1)
                await asyncio.sleep(0)

        task = asyncio.ensure_future(others())
        await asyncio.sleep(0)
        await store.docs.find({"missing": 1}).to_list()
        scanned = len(turns)
        await store.docs.find().sort("text").to_list()
        task.cancel()
        return scanned > 1, len(turns) > scanned

    assert in_memory(body) == (True, True)


def test_counting_within_limits():
    async def body(store):
        docs = await filled(store, 300)
        await docs.create_index("n")
        return [
            await docs.count_documents({}),
            await docs.count_documents({"n": 1}),
            await docs.count_documents({"n": {"$in": [0, 1]}}),
            await docs.count_documents({"n": 1}, skip=90),
            await docs.count_documents({"n": 1}, limit=7),
            await docs.count_documents({"n": 1, "_id": {"$lt": 30}}),
            await docs.estimated_document_count(),
            await store.nothing.count_documents({}),
        ]

    assert in_memory(body) == [300, 100, 200, 10, 7, 10, 300, 0]


def test_distinct_values_come_once_and_from_arrays_one_by_one():
    async def body(store):
        await store.docs.insert_many([{"a": [1, 2]}, {"a": 2}, {"a": 2.0}, {"b": 1}, {"a": None}])
        return await store.docs.distinct("a"), await store.docs.distinct("a", {"a": 1})

    assert in_memory(body) == ([None, 1, 2], [1, 2])


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({"_id": [1]}, WriteError),
        ({"_id": 1, "big": 2**64}, OverflowError),
        ({"a": object()}, InvalidDocument),
        ({"a\x00": 1}, InvalidDocument),
    ],
)
def test_a_document_that_cannot_be_kept_is_refused_whole(document, error):
    async def body(store):
        with pytest.raises(error):
            await store.docs.insert_one(dict(document))
        return await store.docs.count_documents({})

    assert in_memory(body) == 0


def test_a_document_over_the_limit_is_refused():
    async def body(store):
        with pytest.raises(DocumentTooLarge, match="the limit is 16777216"):
            await store.docs.insert_one({"content": b"x" * (16 * 1024 * 1024)})
        await store.docs.insert_one({"_id": 1, "content": b"x" * (15 * 1024 * 1024)})
        with pytest.raises(DocumentTooLarge):
            await store.docs.update_one({"_id": 1}, {"$set": {"more": b"x" * (2 * 1024 * 1024)}})
        return len((await store.docs.find_one({"_id": 1}))["content"])

    assert in_memory(body) == 15 * 1024 * 1024


def test_the_id_is_first_and_cannot_change():
    async def body(store):
        await store.docs.insert_one({"a": 1, "_id": 5})
        with pytest.raises(WriteError) as refused:
            await store.docs.update_one({"_id": 5}, {"$set": {"_id": 6}})
        return list(await store.docs.find_one({})), refused.value.code

    assert in_memory(body) == (["_id", "a"], 66)


CALLS = [
    (lambda docs: docs.find_one({"a": {"$near": 1}}), OperationFailure, r"\$near"),
    (lambda docs: docs.find({"$where": "1"}).to_list(), OperationFailure, r"\$where"),
    (lambda docs: docs.update_one({}, {"$rename": {"a": "b"}}), OperationFailure, r"\$rename"),
    (lambda docs: docs.update_one({}, {"a": 1}), ValueError, r"only works with \$ operators"),
    (lambda docs: docs.update_one({}, [{"$set": {"a": 1}}]), OperationFailure, "pipeline"),
    (lambda docs: docs.find_one({}, hint="a_1"), TypeError, "hint"),
    (lambda docs: docs.update_one({}, {"$set": {"a": 1}}, array_filters=[]), TypeError, "array_f"),
    (lambda docs: docs.find([1]), TypeError, "mapping"),
    (lambda docs: docs.find({}, sort=[("a", "up")]), TypeError, "must be 1 or -1"),
    (lambda docs: docs.insert_one([1]), TypeError, "instance of dict"),
    (lambda docs: docs.insert_many([]), TypeError, "non-empty list"),
    (lambda docs: docs.bulk_write([]), ValueError, "No operations"),
    (lambda docs: docs.bulk_write([{"a": 1}]), TypeError, "not a valid request"),
    (
        lambda docs: docs.bulk_write([Update({}, {"$set": {"a": 1}}, array_filters=[{"x": 1}])]),
        OperationFailure,
        "array_filters in bulk_write",
    ),
    (lambda docs: docs.find({}).skip(-1), ValueError, "skip"),
]


@pytest.mark.parametrize(("call", "error", "named"), CALLS)
def test_what_the_store_does_not_do_is_refused_by_name(call, error, named):
    async def body(store):
        await store.docs.insert_one({"_id": 1})
        with pytest.raises(error, match=named):
            await call(store.docs)
        return await store.docs.find().to_list()

    assert in_memory(body) == [{"_id": 1}]


@pytest.mark.parametrize("name", ["", "a$b", ".a", "a.", "a..b", "a\x00"])
def test_a_bad_name_of_a_collection_is_refused(name):
    async def body(store):
        with pytest.raises(InvalidName):
            store[name]

    in_memory(body)


def test_names_are_data_and_never_sql():
    async def body(store):
        name = 'x"; DROP TABLE collections; --'
        await store[name].create_index('a"b', name="n'; --")
        await store[name].insert_one({"_id": 1, 'a"b': 2})
        found = await store[name].find_one({'a"b': 2})
        return found, await store.list_collection_names() == [name], await store.check()

    assert in_memory(body) == ({"_id": 1, 'a"b': 2}, True, [])


def test_a_duplicate_in_an_upsert_says_which_index():
    async def body(store):
        await store.docs.create_index([("a", 1), ("b", 1)], unique=True, name="pair")
        await store.docs.insert_one({"a": 1, "b": 2})
        with pytest.raises(DuplicateKeyError) as refused:
            await store.docs.update_one({"_id": 9}, {"$set": {"a": 1, "b": 2}}, upsert=True)
        return refused.value.details

    details = in_memory(body)
    assert details["keyPattern"] == {"a": 1, "b": 1}
    assert details["keyValue"] == {"a": 1, "b": 2}
    assert "index: pair dup key: { a: 1, b: 2 }" in details["errmsg"]
