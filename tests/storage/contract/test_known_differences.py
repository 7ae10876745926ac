"""The known differences of nx-27017 (`differences.py`), each as it is.

A version of the server that mends one fails here: the tests it kept off then run there too.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bson import Decimal128, ObjectId, Timestamp
from pymongo.errors import DuplicateKeyError, OperationFailure

from repositories.errors import Taken, unique
from tests.storage.contract.differences import DIFFERENCES

NOON = datetime(2025, 1, 18, 12, 0, tzinfo=UTC)


def test_every_difference_has_its_test():
    tested = {int(number) for number in re.findall(r"test_(\d+)_", " ".join(globals()))}
    assert tested == set(DIFFERENCES)


def test_every_difference_is_documented():
    page = (Path(__file__).parents[3] / "docs" / "known-differences.md").read_text()
    for number, sentence in DIFFERENCES.items():
        assert f"| {number} | {sentence} |" in page


async def test_101_there_are_no_transactions(nx_storage):
    async def write_and_stop() -> None:
        async with nx_storage.transaction() as tx:
            assert tx is None
            await nx_storage["things"].insert_one({"_id": 1}, session=tx)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await write_and_stop()
    assert not nx_storage.has_transactions
    assert await nx_storage["things"].count_documents({}) == 1


async def test_102_what_does_not_fit_is_taken(nx_storage):
    things = nx_storage["things"]
    await things.insert_one({"_id": [1], "n": 1})
    assert await things.find({"$or": []}).to_list(None) == []
    for update in ({"$push": {"n": 1}}, {"$set": {"_id": 2}}):
        await things.update_one({"n": 1}, update)


async def test_103_a_duplicate_names_no_fields(nx_storage):
    await nx_storage["users"].create_index("email", unique=True)
    await nx_storage["users"].insert_one({"email": "a@b.c"})
    with pytest.raises(DuplicateKeyError) as refusal:
        await nx_storage["users"].insert_one({"email": "a@b.c"})
    assert "keyPattern" not in (refusal.value.details or {})
    with pytest.raises(Taken) as taken, unique("phone", "email"):
        await nx_storage["users"].insert_one({"email": "a@b.c"})
    assert taken.value.field == "phone"  # the first, for want of a better one


async def test_104_null_is_missing(nx_storage):
    await nx_storage["things"].create_index("n", unique=True)
    await nx_storage["things"].insert_many([{"_id": 1, "n": None}, {"_id": 2, "n": None}])
    assert await nx_storage["things"].count_documents({"n": None}) == 0
    assert await nx_storage["things"].find({"n": {"$exists": True}}).to_list(None) == []


async def test_105_whole_arrays_and_objects_are_not_compared(nx_storage):
    await nx_storage["things"].insert_one({"_id": 1, "l": [1], "o": {"x": 1}})
    for filter in ({"l": [1]}, {"o": {"x": 1}}):
        with pytest.raises(OperationFailure):
            await nx_storage["things"].find_one(filter)


async def test_106_a_number_in_a_path_is_no_index(nx_storage):
    await nx_storage["things"].insert_one({"_id": 1, "l": [{"n": 1}]})
    assert await nx_storage["things"].find_one({"l.0.n": 1}) is None


async def test_107_neither_not_nor_patterns(nx_storage):
    await nx_storage["things"].insert_one({"_id": 1, "n": "x"})
    for condition in ({"$not": {"$eq": "y"}}, re.compile("x")):
        with pytest.raises(OperationFailure):
            await nx_storage["things"].find_one({"n": condition})


async def test_108_a_projected_path_is_a_field(nx_storage):
    await nx_storage["things"].insert_one({"_id": 1, "a": {"b": 2}})
    assert await nx_storage["things"].find_one({"_id": 1}, {"a.b": 1}) == {"_id": 1, "a.b": 2}


async def test_109_an_object_id_equals_its_digits(nx_storage):
    _id = ObjectId()
    await nx_storage["things"].insert_one({"_id": _id})
    assert await nx_storage["things"].find_one({"_id": str(_id)}) == {"_id": _id}


async def test_110_gridfs_is_imitated(nx_storage):
    bucket, file_id = nx_storage.bucket("papers"), ObjectId()
    with pytest.raises(OperationFailure, match="not JSON serializable"):
        await bucket.upload_from_stream_with_id(ObjectId(), "a", b"a", metadata={"of": ObjectId()})
    await bucket.upload_from_stream_with_id(file_id, "b", b"b")
    with pytest.raises(OperationFailure):
        await nx_storage["papers.chunks"].count_documents({"files_id": file_id})
    with pytest.raises(OperationFailure, match="not found"):
        await bucket.delete(ObjectId())
    with pytest.raises(OperationFailure, match="UNIQUE constraint failed"):
        await bucket.upload_from_stream_with_id(file_id, "b", b"b")


async def test_111_an_index_on_an_array_finds_nothing(nx_storage):
    await nx_storage["things"].insert_one({"_id": 1, "tags": ["a", "b"]})
    assert await nx_storage["things"].count_documents({"tags": "b"}) == 1
    await nx_storage["things"].create_index("tags")
    assert await nx_storage["things"].find_one({"tags": "b"}) is None


async def test_112_indexes_are_named_by_the_server(nx_storage):
    await nx_storage["things"].create_index("n", name="mine")
    assert set(await nx_storage["things"].index_information()) == {"_id_", "idx_things_n"}


async def test_113_types_have_another_order(nx_storage):
    await nx_storage["things"].insert_many([{"_id": 1, "n": 7}, {"_id": 2, "n": False}])
    found = await nx_storage["things"].find().sort("n", 1).to_list(None)
    assert [thing["n"] for thing in found] == [False, 7]


async def test_114_rarer_types_are_refused(nx_storage):
    for value in (Decimal128("1.10"), float("inf"), Timestamp(1, 1)):
        with pytest.raises(OperationFailure):
            await nx_storage["things"].insert_one({"value": value})


async def test_115_a_date_in_an_update_becomes_text(nx_storage):
    await nx_storage["things"].insert_one({"_id": 1, "at": NOON})
    assert await nx_storage["things"].find_one() == {"_id": 1, "at": NOON}
    await nx_storage["things"].update_one({"_id": 1}, {"$set": {"at": NOON}})
    assert await nx_storage["things"].find_one() == {"_id": 1, "at": "2025-01-18 12:00:00"}


@pytest.mark.parametrize("value", [ObjectId(), b"bytes"], ids=["ObjectId", "bytes"])
async def test_116_a_field_is_not_found_by_its_object_id_or_bytes(value, nx_storage):
    await nx_storage["things"].insert_one({"_id": 1, "value": value})
    assert await nx_storage["things"].find_one() == {"_id": 1, "value": value}
    assert await nx_storage["things"].find_one({"value": value}) is None


async def test_117_an_index_that_names_the_id_takes_no_document(nx_storage):
    await nx_storage["things"].create_index([("n", 1), ("_id", 1)])
    with pytest.raises(OperationFailure, match="JSON path error near '_id'"):
        await nx_storage["things"].insert_one({"_id": 1, "n": 1})


async def test_118_a_write_by_in_misses_what_has_the_id_of_a_deleted_document(nx_storage):
    for _ in range(2):
        await nx_storage["things"].delete_many({})
        await nx_storage["things"].insert_one({"_id": 1, "n": 1})
    by_in = {"n": {"$in": [1]}}
    assert (await nx_storage["things"].update_one(by_in, {"$set": {"n": 2}})).modified_count == 1
    assert await nx_storage["things"].find().to_list(None) == [{"_id": 1, "n": 1}]
