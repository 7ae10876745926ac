"""Indexes: kept with every write, in every kind, and made or refused as MongoDB would."""

from datetime import UTC, datetime, timedelta

import pytest
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError, OperationFailure

from repositories.embedded import EmbeddedStore, catalog
from repositories.embedded.sql import fetch
from tests.storage.engine import in_memory, run

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)


def rows(store, name):
    """How many rows an index has."""
    index = store.reader.catalog.collections["docs"].index(name)
    ((count,),) = store.reader.connection.execute(f"SELECT count(*) FROM {index.table}").fetchall()
    return count


def test_an_index_on_documents_that_are_there_has_them_all(tmp_path):
    async def body(store):
        await store.docs.insert_many([{"_id": n, "n": n % 7} for n in range(300)])
        await store.docs.create_index("n")
        found = await store.docs.count_documents({"n": 3})
        return found, rows(store, "n_1"), await store.check()

    assert run(body, tmp_path) == (43, 300, [])


def test_a_unique_index_is_refused_when_the_documents_break_it():
    async def body(store):
        await store.docs.insert_many([{"_id": n, "n": n % 2} for n in range(3)])
        with pytest.raises(DuplicateKeyError, match=r"index: n_1 dup key: \{ n: 0 \}"):
            await store.docs.create_index("n", unique=True)
        return await store.docs.index_information()

    assert list(in_memory(body)) == ["_id_"]


def test_what_another_process_makes_while_the_catalog_is_read_is_found_whole(tmp_path, monkeypatch):
    async def body(store):
        other = await EmbeddedStore.open(tmp_path)
        await other.docs.insert_one({"_id": 1})

        def fetch_late(connection, sql, *bindings):
            found = fetch(connection, sql, *bindings)
            if connection is store.reader.connection and "FROM collections" in sql:
                monkeypatch.undo()
                other.writer.view.begin()
                entry = other.writer.view.catalog.ensure_collection("late")
                other.writer.view.catalog.add_index(entry, {"name": "n_1", "key": {"n": 1}})
                other.writer.view.commit()
            return found

        monkeypatch.setattr(catalog, "fetch", fetch_late)
        try:
            at_first = await store.list_collection_names()
            return at_first, await store.list_collection_names(), await store.check()
        finally:
            await other.close()

    assert run(body, tmp_path) == (["docs"], ["docs", "late"], [])


def test_an_array_has_a_row_for_each_element():
    async def body(store):
        await store.docs.create_index("tags")
        await store.docs.insert_one({"_id": 1, "tags": ["a", "b", "a"]})
        await store.docs.update_one({"_id": 1}, {"$push": {"tags": "c"}})
        await store.docs.update_one({"_id": 1}, {"$pull": {"tags": "a"}})
        found = [await store.docs.count_documents({"tags": tag}) for tag in "abc"]
        several = await store.docs.find({"tags": {"$in": ["b", "c"]}}).to_list()
        return found, several, rows(store, "tags_1"), await store.check()

    assert in_memory(body) == ([0, 1, 1], [{"_id": 1, "tags": ["b", "c"]}], 2, [])


def test_two_arrays_in_one_index_are_refused_and_leave_nothing():
    async def body(store):
        await store.docs.create_index([("a", 1), ("b", 1)])
        with pytest.raises(OperationFailure) as refused:
            await store.docs.insert_one({"_id": 1, "a": [1], "b": [2]})
        return refused.value.code, await store.docs.count_documents({}), rows(store, "a_1_b_1")

    assert in_memory(body) == (171, 0, 0)


def test_a_partial_unique_index_leaves_out_what_its_expression_does():
    async def body(store):
        await store.docs.create_index(
            "email", unique=True, partialFilterExpression={"email": {"$exists": True}}
        )
        await store.docs.insert_many([{"_id": 1}, {"_id": 2}, {"_id": 3, "email": "a"}])
        with pytest.raises(DuplicateKeyError):
            await store.docs.update_one({"_id": 1}, {"$set": {"email": "a"}})
        await store.docs.update_one({"_id": 3}, {"$unset": {"email": ""}})
        await store.docs.update_one({"_id": 1}, {"$set": {"email": "a"}})
        return (
            rows(store, "email_1"),
            await store.docs.find_one({"email": "a"}),
            await store.check(),
        )

    assert in_memory(body) == (1, {"_id": 1, "email": "a"}, [])


def test_a_document_enters_a_partial_index_by_another_field():
    async def body(store):
        await store.docs.create_index("n", partialFilterExpression={"active": True})
        await store.docs.insert_one({"_id": 1, "n": 1, "active": False})
        before = rows(store, "n_1")
        await store.docs.update_one({"_id": 1}, {"$set": {"active": True}})
        found = await store.docs.find_one({"n": 1, "active": True})
        return before, rows(store, "n_1"), found, await store.check()

    assert in_memory(body) == (0, 1, {"_id": 1, "n": 1, "active": True}, [])


def test_a_sparse_unique_index_takes_many_documents_without_the_field():
    async def body(store):
        await store.docs.create_index("email", unique=True, sparse=True)
        await store.docs.insert_many([{"_id": 1}, {"_id": 2}, {"_id": 3, "email": None}])
        with pytest.raises(DuplicateKeyError):
            await store.docs.insert_one({"_id": 4, "email": None})
        return rows(store, "email_1")

    assert in_memory(body) == 1


def test_values_swap_in_a_unique_index_by_way_of_a_third():
    async def body(store):
        await store.docs.create_index("n", unique=True)
        await store.docs.insert_many([{"_id": 1, "n": 1}, {"_id": 2, "n": 2}])
        with pytest.raises(DuplicateKeyError):
            await store.docs.update_one({"_id": 1}, {"$set": {"n": 2}})
        for _id, n in ((1, 3), (2, 1), (1, 2)):
            await store.docs.update_one({"_id": _id}, {"$set": {"n": n}})
        return await store.docs.find().to_list(), await store.check()

    assert in_memory(body) == ([{"_id": 1, "n": 2}, {"_id": 2, "n": 1}], [])


def test_time_to_live_deletes_what_is_over_and_nothing_else():
    async def body(store):
        await store.docs.create_index("at", expireAfterSeconds=3600)
        hour = timedelta(hours=1)
        await store.docs.insert_many(
            [{"_id": f"old-{n}", "at": NOW - 2 * hour} for n in range(150)]
            + [
                {"_id": "exactly", "at": NOW - hour},
                {"_id": "earliest counts", "at": [NOW, NOW - 2 * hour]},
                {"_id": "young", "at": NOW - hour + timedelta(milliseconds=1)},
                {"_id": "no date", "at": "2001-01-01"},
                {"_id": "none"},
            ]
        )
        deleted = await store.expire(NOW)
        left = [document["_id"] for document in await store.docs.find().to_list()]
        return deleted, left, await store.expire(NOW), await store.check()

    assert in_memory(body) == (152, ["young", "no date", "none"], 0, [])


def test_expiry_goes_by_the_clock_of_the_store():
    async def body(store):
        await store.docs.create_index("at", expireAfterSeconds=0)
        await store.docs.insert_many([{"_id": 1, "at": NOW}, {"_id": 2, "at": NOW + timedelta(1)}])
        await store.expire()
        return await store.docs.distinct("_id")

    assert in_memory(body, clock=lambda: NOW) == [2]


def test_index_information_shows_what_was_made():
    async def body(store):
        names = await store.docs.create_indexes(
            [
                IndexModel([("a", ASCENDING), ("b", DESCENDING)]),
                IndexModel("c", name="see", unique=True, sparse=True),
            ]
        )
        listed = [index["name"] async for index in store.docs.list_indexes()]
        return names, listed, await store.docs.index_information()

    names, listed, information = in_memory(body)
    assert names == ["a_1_b_-1", "see"]
    assert listed == ["_id_", "a_1_b_-1", "see"]
    assert information["a_1_b_-1"] == {"v": 2, "key": [("a", 1), ("b", -1)]}
    assert information["see"] == {"v": 2, "key": [("c", 1)], "unique": True, "sparse": True}


def test_dropping_an_index_by_name_or_by_keys():
    async def body(store):
        await store.docs.create_indexes([IndexModel("a"), IndexModel([("b", -1)]), IndexModel("c")])
        await store.docs.insert_one({"_id": 1, "a": 1, "b": 2})
        await store.docs.drop_index("a_1")
        await store.docs.drop_index([("b", -1)])
        with pytest.raises(OperationFailure, match="index not found"):
            await store.docs.drop_index("a_1")
        with pytest.raises(OperationFailure, match="cannot drop _id index"):
            await store.docs.drop_index("_id_")
        left = list(await store.docs.index_information())
        found = await store.docs.find_one({"a": 1})
        await store.docs.drop_indexes()
        return left, found, list(await store.docs.index_information())

    assert in_memory(body) == (["_id_", "c_1"], {"_id": 1, "a": 1, "b": 2}, ["_id_"])


def test_a_dropped_collection_is_empty_and_can_be_made_again():
    async def body(store):
        await store.docs.create_index("n", unique=True)
        await store.docs.insert_one({"_id": 1, "n": 1})
        await store.docs.drop()
        gone = await store.docs.find_one({"_id": 1})
        names = await store.list_collection_names()
        await store.docs.insert_many([{"_id": 2, "n": 1}, {"_id": 3, "n": 1}])
        return gone, names, await store.docs.count_documents({"n": 1})

    assert in_memory(body) == (None, [], 2)


def test_the_same_index_twice_is_one_and_another_of_its_name_is_refused():
    async def body(store):
        await store.docs.create_index("a", unique=True)
        await store.docs.create_index("a", unique=True)
        with pytest.raises(OperationFailure) as other_options:
            await store.docs.create_index("a")
        with pytest.raises(OperationFailure) as other_keys:
            await store.docs.create_index("b", name="a_1")
        with pytest.raises(OperationFailure) as other_name:
            await store.docs.create_index("a", name="second", unique=True)
        codes = [raised.value.code for raised in (other_options, other_keys, other_name)]
        return codes, list(await store.docs.index_information())

    assert in_memory(body) == ([85, 86, 85], ["_id_", "a_1"])


@pytest.mark.parametrize(
    ("keys", "options", "named"),
    [
        ([("a", "text")], {}, "kind 'text'"),
        ([("a", "hashed")], {}, "kind 'hashed'"),
        ([("a", "2dsphere")], {}, "kind '2dsphere'"),
        ("a", {"collation": {"locale": "de"}}, "collation"),
        ("a", {"hidden": True}, "hidden"),
        ("a", {"unique": "yes"}, "unique has the wrong type"),
        ("a", {"expireAfterSeconds": "1"}, "expireAfterSeconds has the wrong type"),
        ([("a", 1), ("b", 1)], {"expireAfterSeconds": 1}, "single-field"),
        ("a", {"partialFilterExpression": {"b": {"$ne": 1}}}, r"\$ne"),
        ("a", {"partialFilterExpression": {"b": {"$exists": False}}}, r"\$exists"),
        ("a", {"partialFilterExpression": {"b": 1}, "sparse": True}, "sparse and partial"),
        ("a..b", {}, "empty"),
    ],
)
def test_an_index_the_store_cannot_keep_is_refused_by_name(keys, options, named):
    async def body(store):
        with pytest.raises(OperationFailure, match=named):
            await store.docs.create_index(keys, **options)
        return await store.list_collection_names()

    assert in_memory(body) == []


def test_check_finds_rows_that_do_not_belong(tmp_path):
    async def body(store):
        await store.docs.create_index("n")
        await store.docs.insert_many([{"_id": 1, "n": 1}, {"_id": 2, "n": 2}])
        table = store.reader.catalog.collections["docs"].index("n_1").table

        def spoil(view):
            view.connection.execute(f"DELETE FROM {table} WHERE rid = 1")
            view.connection.execute(f"INSERT INTO {table} VALUES (x'00', 77), (x'01', 78)")

        await store.writer.run(spoil)
        return await store.check()

    assert run(body, tmp_path) == [
        "docs: the index n_1 lacks the document 1.",
        "docs: the index n_1 has 3 rows; its documents make 2.",
    ]
