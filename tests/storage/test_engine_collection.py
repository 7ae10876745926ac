"""A collection of the embedded store: what is written is found, by index or without."""

import pytest
from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from tests.storage.engine import run


def test_a_document_comes_back_as_it_went_in(tmp_path):
    async def body(store):
        document = {"name": "Ann", "tags": ["a", "b"], "address": {"city": "Bonn"}}
        inserted = await store.users.insert_one(document)
        return document, inserted.inserted_id, await store.users.find_one({"name": "Ann"})

    document, inserted_id, found = run(body, tmp_path)
    assert isinstance(inserted_id, ObjectId)
    assert found == document == {**document, "_id": inserted_id}


def test_a_document_is_there_after_the_store_was_closed_and_opened(tmp_path):
    run(lambda store: store.users.insert_one({"_id": 1, "name": "Ann"}), tmp_path)
    assert run(lambda store: store.users.find_one({"_id": 1}), tmp_path) == {
        "_id": 1,
        "name": "Ann",
    }


def test_a_value_of_a_unique_index_is_taken_once(tmp_path):
    async def body(store):
        await store.users.create_index("email", unique=True)
        await store.users.insert_one({"_id": 1, "email": "a@b.c"})
        with pytest.raises(DuplicateKeyError) as refused:
            await store.users.insert_one({"_id": 2, "email": "a@b.c"})
        return refused.value, await store.users.count_documents({})

    error, count = run(body, tmp_path)
    assert error.code == 11000
    assert error.details["keyPattern"] == {"email": 1}
    assert error.details["keyValue"] == {"email": "a@b.c"}
    assert count == 1


def test_an_update_moves_the_document_in_its_index(tmp_path):
    async def body(store):
        await store.users.create_index("email")
        await store.users.insert_one({"_id": 1, "email": "old"})
        after = await store.users.find_one_and_update(
            {"email": "old"}, {"$set": {"email": "new"}}, return_document=ReturnDocument.AFTER
        )
        return (
            after,
            await store.users.find_one({"email": "old"}),
            await store.users.find_one({"email": "new"}),
            await store.check(),
        )

    after, by_old, by_new, problems = run(body, tmp_path)
    assert after == by_new == {"_id": 1, "email": "new"}
    assert by_old is None
    assert problems == []
