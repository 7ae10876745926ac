"""Random operations on a whole store: the same answers as mongomock's, or both refuse.

`test_language_oracle` asks about single filters and updates.
"""

import asyncio
from typing import Any

import mongomock
import pytest
from hypothesis import example, given
from pymongo.errors import DuplicateKeyError, WriteError

from repositories.embedded import EmbeddedStore
from tests.storage.oracle import Compared, compare_stores, operations

# The place of what is refused is the number of the one that would have been inserted.
_REFUSED_IN_TRANSACTION = [
    ("insert_one", {"document": {"_id": 0}}),
    (
        "transaction",
        {
            "operations": [("insert_many", {"documents": [{"_id": 0}], "ordered": False})],
            "is_undone": False,
        },
    ),
]


@example(_REFUSED_IN_TRANSACTION)
@given(operations)
def test_a_store_answers_as_mongomock_does(operations):
    asyncio.run(compare_stores(operations, Compared()))


def test_known_difference_53_mongomock_looks_outside_a_partial_index():
    things: Any = mongomock.MongoClient().db.things
    things.insert_many([{"_id": 1}, {"_id": 2}])
    with pytest.raises(DuplicateKeyError):
        things.create_index("n", unique=True, partialFilterExpression={"n": {"$exists": True}})


def test_known_difference_54_mongomock_leaves_part_of_a_refused_update():
    things: Any = mongomock.MongoClient().db.things
    things.insert_one({"_id": 1, "s": "x"})
    with pytest.raises(TypeError):
        things.update_one({"_id": 1}, {"$max": {"n": 4}, "$inc": {"s": 1}})
    assert things.find_one() == {"_id": 1, "s": "x", "n": 4}


def test_known_difference_55_mongomock_refuses_an_empty_replacement():
    things: Any = mongomock.MongoClient().db.things
    things.insert_one({"_id": 0, "n": 1})
    with pytest.raises(WriteError, match="'_id' was found to have been altered"):
        things.replace_one({"_id": 0}, {})


async def test_known_difference_64_a_refused_update_of_many_changes_nothing():
    store = EmbeddedStore.in_memory()
    await store["things"].create_index("n", unique=True)
    await store["things"].insert_many([{"_id": 1, "n": 1}, {"_id": 2, "n": 3}, {"_id": 3, "n": 4}])
    with pytest.raises(DuplicateKeyError):
        await store["things"].update_many({}, {"$inc": {"n": 1}})
    assert await store["things"].distinct("n") == [1, 3, 4]
    await store.close()
