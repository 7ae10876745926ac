"""Every value comes back as it went in."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp

VALUES: dict[str, Any] = {
    "null": None,
    "false": False,
    "true": True,
    "zero": 0,
    "int": -7,
    "int 32": 2**31 - 1,
    "int 64": 2**63 - 1,
    "long": Int64(5),
    "double": 0.1,
    "whole double": 2.0,
    "infinity": float("inf"),
    "decimal": Decimal128("29.990"),
    "string": "无线机械键盘 \U0001f600 \x00 é",
    "empty string": "",
    "number in a string": "0123",
    "bytes": b"\x00\xff",
    "uuid bytes": Binary(bytes(16), 4),
    "object id": ObjectId("65a8f0000000000000000001"),
    "date": datetime(2025, 1, 18, 10, 0, 0, 123000, tzinfo=UTC),
    "early date": datetime(1, 1, 1, tzinfo=UTC),
    "late date": datetime(9999, 12, 31, tzinfo=UTC),
    "array": [1, "a", None, [2, []], {}],
    "document": {"b": 1, "a": {"c": []}},
    "empty document": {},
    "timestamp": Timestamp(1, 2),
    "regex": Regex("^a", "i"),
    "code": Code("x"),
    "min key": MinKey(),
    "max key": MaxKey(),
}


#: Not JSON, and so not nx-27017's; dates are, but not in updates.
BEYOND_JSON = {
    "long", "infinity", "decimal", "uuid bytes", "timestamp", "regex", "code", "min key", "max key",
}  # fmt: skip


def _kinds() -> list[Any]:
    numbers = dict.fromkeys(BEYOND_JSON, 114) | {kind: 115 for kind in VALUES if "date" in kind}
    return [
        pytest.param(kind, marks=pytest.mark.differs(nx=numbers[kind])) if kind in numbers else kind
        for kind in VALUES
    ]


@pytest.mark.parametrize("kind", _kinds())
async def test_a_value_comes_back(kind, storage):
    value = VALUES[kind]
    await storage["samples"].insert_one(
        {"_id": 1, "value": value, "list": [value], "in": {"it": value}}
    )
    found = await storage["samples"].find_one({"_id": 1})
    assert found == {"_id": 1, "value": value, "list": [value], "in": {"it": value}}
    for back in (found["value"], found["list"][0], found["in"]["it"]):
        assert isinstance(back, type(value))
    await storage["samples"].update_one({"_id": 1}, {"$set": {"again": value}})
    assert (await storage["samples"].find_one({"_id": 1}))["again"] == value


async def test_the_fields_of_a_document_keep_their_order(storage):
    await storage["samples"].insert_one({"z": 1, "_id": 1, "a": {"y": 1, "b": 2}})
    found = await storage["samples"].find_one({"_id": 1})
    assert list(found) == ["_id", "z", "a"]
    assert list(found["a"]) == ["y", "b"]


async def test_a_date_is_kept_to_the_millisecond_in_utc(storage):
    await storage["samples"].insert_one(
        {"_id": 1, "at": datetime(2025, 1, 18, 10, 0, 0, 123456, tzinfo=UTC)}
    )
    found = await storage["samples"].find_one({"_id": 1})
    assert found["at"] == datetime(2025, 1, 18, 10, 0, 0, 123000, tzinfo=UTC)
    assert found["at"].utcoffset().total_seconds() == 0


async def test_a_megabyte_comes_back(storage):
    text = "é" * 500_000
    await storage["samples"].insert_one({"_id": 1, "text": text})
    assert (await storage["samples"].find_one({"_id": 1}))["text"] == text


@pytest.mark.differs(nx=107)
async def test_a_pattern_finds_like_its_text(storage):
    await storage["samples"].insert_many([{"_id": 1, "name": "Ann"}, {"_id": 2, "name": "Bob"}])
    assert await storage["samples"].find_one({"name": re.compile("^a", re.IGNORECASE)}) == {
        "_id": 1,
        "name": "Ann",
    }
