"""Many documents in one call: all their index rows are there, and a refusal is exact."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId
from pymongo import IndexModel
from pymongo.errors import BulkWriteError

from repositories.embedded import EmbeddedStore
from tests.storage.engine import in_memory

INDEXES = [
    IndexModel("number", name="number", unique=True),
    IndexModel([("kind", 1), ("at", -1)], name="kind_at"),
    IndexModel("tags", name="tags"),
    IndexModel("code", name="code", unique=True, sparse=True),
]


def documents(count: int, start: int = 0) -> list[dict[str, Any]]:
    """In an order that is that of no index."""
    return [
        {"_id": number * 7 % 100_003, "number": -number, "kind": number % 5, "code": f"c{number}"}
        for number in range(start, start + count)
    ]


@pytest.mark.parametrize("count", [1, 2, 200])
def test_documents_that_came_together_are_found_by_each_index(count: int):
    async def body(store: EmbeddedStore) -> None:
        await store.things.create_indexes(INDEXES)
        await store.things.insert_many(documents(3))
        await store.things.insert_many(documents(count, start=3))
        assert await store.check() == []
        found = [thing["number"] async for thing in store.things.find({}, sort=[("number", 1)])]
        assert found == list(range(-count - 2, 1))
        assert await store.things.count_documents({"kind": 3}) == (count + 4) // 5
        assert await store.things.distinct("number", {"code": "c3"}) == [-3]

    in_memory(body)


def test_what_only_some_documents_have_is_indexed_as_by_itself():
    at = datetime(2025, 1, 18, tzinfo=UTC)
    some: list[dict[str, Any]] = [
        {"number": 1, "tags": ["red", "blue"], "at": at},
        {"number": 2, "tags": ("red", "red"), "code": None},
        {"number": 3, "at": at, "_id": ObjectId()},
        {"number": 4, "tags": []},
    ]

    async def body(store: EmbeddedStore) -> None:
        await store.things.create_indexes(INDEXES)
        await store.things.insert_many(some)
        assert await store.check() == []
        red = store.things.find({"tags": "red"}, sort=[("number", 1)])
        assert [thing["number"] async for thing in red] == [1, 2]
        assert await store.things.count_documents({"at": at}) == 2
        assert await store.things.distinct("_id", {"number": 3}) == [some[2]["_id"]]

    in_memory(body)


@pytest.mark.parametrize(
    ("ordered", "kept"), [(True, [0, 1]), (False, [0, 1, 3, 5])], ids=["ordered", "unordered"]
)
def test_a_value_that_is_taken_is_told_by_place_and_index(ordered: bool, kept: list[int]):
    async def body(store: EmbeddedStore) -> None:
        await store.things.create_indexes(INDEXES)
        several = documents(6)
        several[2]["number"] = several[1]["number"]
        several[4]["code"] = "c0"
        with pytest.raises(BulkWriteError) as refused:
            await store.things.insert_many(several, ordered=ordered)
        errors = refused.value.details["writeErrors"]
        patterns = [(error["index"], error["keyPattern"]) for error in errors]
        assert patterns == [(2, {"number": 1}), (4, {"code": 1})][: 1 if ordered else 2]
        assert refused.value.details["nInserted"] == len(kept)
        found = [thing["number"] async for thing in store.things.find({}, sort=[("number", -1)])]
        assert found == [-number for number in kept]
        assert await store.check() == []

    in_memory(body)


def test_a_refusal_in_a_transaction_undoes_it():
    async def body(store: EmbeddedStore) -> None:
        await store.things.create_indexes(INDEXES)

        async def insert_twice() -> None:
            async with store.transaction() as tx:
                await store.things.insert_many(documents(3), session=tx)
                await store.things.insert_many(documents(3, start=2), session=tx)

        with pytest.raises(BulkWriteError):
            await insert_twice()
        assert await store.things.count_documents({}) == 0
        assert await store.check() == []

    in_memory(body)


def test_a_document_that_cannot_be_kept_keeps_the_others_out():
    async def body(store: EmbeddedStore) -> None:
        with pytest.raises(OverflowError):
            await store.things.insert_many([{"_id": 1}, {"_id": 2, "n": 2**64}, {"_id": 3}])
        assert await store.things.count_documents({}) == 0
        await store.things.insert_many([{"_id": 1}])
        assert await store.check() == []

    in_memory(body)
