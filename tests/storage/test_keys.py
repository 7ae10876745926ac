"""The order of values, as a comparison and as bytes, and the keys of documents."""

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from bson.decimal128 import Decimal128
from bson.errors import InvalidDocument
from bson.int64 import Int64
from bson.max_key import MaxKey
from bson.min_key import MinKey
from bson.objectid import ObjectId
from bson.timestamp import Timestamp
from hypothesis import given
from pymongo.errors import OperationFailure

from repositories.embedded.encoding import encode_descending, encode_value
from repositories.embedded.keys import (
    EMPTY_ARRAY_KEY,
    equality_keys,
    index_keys,
    is_multikey,
    prefix_upper,
    range_bounds,
    sort_key,
    type_bounds,
)
from repositories.embedded.match import compile_filter
from repositories.embedded.values import MISSING, compare, equal, rank
from tests.storage.values_strategy import (
    nested_documents,
    nested_paths,
    numbers,
    plain_values,
    values,
)

#: One value or more of each type, from the least to the greatest.
IN_ORDER: list[Any] = [
    MinKey(),
    None,
    math.nan,
    -math.inf,
    Decimal128("-1E+400"),
    -(2**63),
    -(2**53) - 1,
    -(2.0**53),
    -1,
    Decimal128("-0.1"),
    0,
    Decimal128("1E-6000"),
    5e-324,
    Decimal128("0.1"),
    0.1,
    1,
    2.0**53,
    2**53 + 1,
    Decimal128("9007199254740993.5"),
    2**53 + 2,
    2**63 - 1,
    2.0**63,
    Decimal128("1E+400"),
    math.inf,
    "",
    "\x00",
    "a",
    "a\x00",
    "a\x00b",
    "a\x01",
    "ab",
    "b",
    "é",
    "😀",
    {},
    {"a": 1},
    {"a": 1, "b": 0},
    {"b": 0},
    {"a": "x"},
    [],
    [1],
    [1, 2],
    [2],
    ["a"],
    [[]],
    b"",
    b"z",
    b"aa",
    ObjectId("000000000000000000000001"),
    ObjectId("ff0000000000000000000001"),
    False,
    True,
    datetime(1969, 12, 31, tzinfo=UTC),
    datetime(2026, 1, 1, tzinfo=UTC),
    Timestamp(1, 0),
    Timestamp(1, 1),
    MaxKey(),
]


def sign(a, b):
    return (a > b) - (a < b)


def test_values_of_all_types_have_mongodbs_order():
    for place, low in enumerate(IN_ORDER):
        for other, high in enumerate(IN_ORDER):
            assert compare(low, high) == sign(place, other), (low, high)


@given(values, values)
def test_bytes_have_the_order_of_the_values(a, b):
    assert sign(encode_value(a), encode_value(b)) == compare(a, b)


@given(numbers, numbers)
def test_bytes_of_numbers_have_their_exact_order(a, b):
    assert sign(encode_value(a), encode_value(b)) == compare(a, b)


@given(values, values)
def test_descending_bytes_have_the_opposite_order(a, b):
    assert sign(encode_descending(a), encode_descending(b)) == -compare(a, b)


@given(values, values, values, values)
def test_joined_bytes_have_the_order_of_compound_values(a, b, c, d):
    joined = sign(
        encode_value(a) + encode_descending(b),
        encode_value(c) + encode_descending(d),
    )
    assert joined == (compare(a, c) or -compare(b, d))


@given(values, values)
def test_a_key_lies_in_the_range_of_its_prefix_only(a, b):
    prefix, key = encode_value(a), encode_value(b)
    upper = prefix_upper(prefix)
    assert upper is not None
    assert prefix <= prefix + key < upper
    assert (prefix <= key < upper) == equal(a, b)


@given(values, values)
def test_the_bounds_of_a_type_hold_its_values_only(a, b):
    low, high = type_bounds(a)
    assert low <= encode_value(a) < high
    assert (low <= encode_value(b) < high) == (rank(a) is rank(b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (1, 1.0),
        (1, Int64(1)),
        (1, Decimal128("1.000")),
        (0.0, -0.0),
        (0, Decimal128("-0E+3")),
        (math.nan, Decimal128("NaN")),
        (math.inf, Decimal128("Infinity")),
        (2**53, 2.0**53),
        (0.5, Decimal128("0.5")),
        (None, MISSING),
        ((1, 2), [1, 2]),
        (datetime(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)),
        (
            datetime(2026, 1, 1, 0, 0, 0, 1999, tzinfo=UTC),
            datetime(2026, 1, 1, 2, 0, 0, 1000, tzinfo=timezone(timedelta(hours=2))),
        ),
    ],
)
def test_values_that_bson_takes_for_the_same_are_equal_and_have_equal_bytes(a, b):
    assert equal(a, b)
    assert encode_value(a) == encode_value(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (1, True),
        (0, False),
        (2**53, 2**53 + 1),
        (2**53 + 1, 2.0**53),
        (0.1, Decimal128("0.1")),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ([1, True], [1, 1]),
        ("1", 1),
        (b"a", "a"),
    ],
)
def test_values_that_differ_are_unequal_and_have_other_bytes(a, b):
    assert not equal(a, b)
    assert encode_value(a) != encode_value(b)


def test_what_bson_cannot_hold_has_no_key():
    with pytest.raises(InvalidDocument, match="cannot encode object"):
        encode_value({1, 2})


def test_a_lone_surrogate_has_a_key_in_its_place():
    assert encode_value("\ud7ff") < encode_value("\ud800") < encode_value("\ue000")


def test_a_range_to_the_end_has_no_upper_bound():
    assert prefix_upper(b"\x01\xff\xff") == b"\x02"
    assert prefix_upper(b"\xff\xff") is None


def keys_of(*parts):
    return sorted(b"".join(part) for part in parts)


@pytest.mark.parametrize(
    ("doc", "expected"),
    [
        ({"a": 5}, [5]),
        ({}, [None]),
        ({"a": None}, [None]),
        ({"a": [1, 2, 1]}, [1, 2]),
        ({"a": [None]}, [None]),
        ({"a": [[1, 2], 3]}, [[1, 2], 3]),
        ({"a": {"b": 1}}, [{"b": 1}]),
        ({"a": (1, 2)}, [1, 2]),
    ],
)
def test_a_field_is_indexed_by_its_value_or_its_elements(doc, expected):
    assert sorted(index_keys(doc, [("a", 1)])) == sorted(map(encode_value, expected))


def test_an_empty_array_is_indexed_below_null():
    assert index_keys({"a": []}, [("a", 1)]) == [EMPTY_ARRAY_KEY]
    assert encode_value(MinKey()) < EMPTY_ARRAY_KEY < encode_value(None)


@pytest.mark.parametrize(
    ("doc", "expected"),
    [
        ({"a": {"b": 1}}, [1]),
        ({"a": {"c": 1}}, [None]),
        ({"a": 5}, [None]),
        ({"a": []}, [None]),
        ({"a": [{"b": 1}, {"b": 2}, {}]}, [1, 2, None]),
        ({"a": [{"b": [1, 2]}, {"b": 3}]}, [1, 2, 3]),
        ({"a": [7, {"b": 1}]}, [None, 1]),
        ({"a": [[{"b": 1}]]}, [None]),
    ],
)
def test_a_dotted_path_is_indexed_through_arrays(doc, expected):
    assert sorted(index_keys(doc, [("a.b", 1)])) == sorted(map(encode_value, expected))


def test_a_number_in_a_path_is_a_field_name_and_refused_as_an_array_position():
    assert index_keys({"a": {"1": 6}}, [("a.1", 1)]) == [encode_value(6)]
    with pytest.raises(OperationFailure, match=r"an array position in an index or sort \('a.1'\)"):
        index_keys({"a": [5, 6]}, [("a.1", 1)])


def test_a_compound_key_joins_the_fields_each_in_its_direction():
    assert index_keys({"a": 1, "b": "x"}, [("a", 1), ("b", -1)]) == [
        encode_value(1) + encode_descending("x")
    ]


def test_a_compound_index_has_a_key_for_each_element():
    assert sorted(index_keys({"a": [1, 2], "b": 3}, [("b", 1), ("a", 1)])) == keys_of(
        (encode_value(3), encode_value(1)), (encode_value(3), encode_value(2))
    )


def test_fields_of_the_same_array_are_indexed_together():
    doc = {"a": [{"b": 1, "c": 2}, {"b": 3}]}
    assert sorted(index_keys(doc, [("a.b", 1), ("a.c", 1)])) == keys_of(
        (encode_value(1), encode_value(2)), (encode_value(3), encode_value(None))
    )


def test_two_arrays_in_one_compound_index_are_refused():
    with pytest.raises(OperationFailure, match=r"index parallel arrays \[b\] \[a\]") as caught:
        index_keys({"a": [1], "b": [2]}, [("a", 1), ("b", 1)])
    assert caught.value.code == 171


@pytest.mark.parametrize(
    ("doc", "expected"),
    [
        ({"a": 1}, False),
        ({"a": {"b": 1}}, False),
        ({"a": []}, True),
        ({"a": [1]}, True),
        ({"a": [{"b": 1}]}, True),
        ({"a": {"b": [1]}}, True),
        ({"a": {"b": 1}, "c": [1]}, False),
    ],
)
def test_a_document_makes_an_index_multikey_when_a_path_meets_an_array(doc, expected):
    assert is_multikey(doc, [("a.b", 1)] if isinstance(doc["a"], dict) else [("a", 1)]) is expected


@given(values, values)
def test_a_document_is_found_by_the_keys_of_what_it_equals(stored, wanted):
    if compile_filter({"a": {"$eq": wanted}})({"a": stored}):
        assert set(index_keys({"a": stored}, [("a", 1)])) & set(equality_keys(wanted))


@given(values, values)
def test_a_document_is_found_in_the_range_of_keys_it_matches(stored, bound):
    for operator in ("$gt", "$gte", "$lt", "$lte"):
        try:
            matches = compile_filter({"a": {operator: bound}})({"a": stored})
        except OperationFailure:
            continue  # a regular expression has no range
        bounds = range_bounds(operator, bound)
        if matches and bounds is not None:
            low, high = bounds
            assert any(low <= key < high for key in index_keys({"a": stored}, [("a", 1)]))


@given(nested_documents, nested_paths, plain_values)
def test_a_document_is_found_by_its_keys_on_every_path(doc, path, wanted):
    try:
        keys = index_keys(doc, [(path, 1)])
    except OperationFailure:
        return  # a number in the path met an array
    if compile_filter({path: wanted})(doc):
        assert set(keys) & set(equality_keys(wanted))
    if compile_filter({path: {"$exists": False}})(doc):
        assert encode_value(None) in keys
    bounds = range_bounds("$gte", wanted)
    if bounds is not None and compile_filter({path: {"$gte": wanted}})(doc):
        assert any(bounds[0] <= key < bounds[1] for key in keys)


@pytest.mark.parametrize("bound", [[1], MinKey(), MaxKey()])
def test_what_only_a_whole_index_holds_has_no_range(bound):
    assert range_bounds("$gt", bound) is None


@pytest.mark.parametrize(
    ("direction", "expected"),
    [
        (1, [[], None, [9, 1], 2, [3, 8], "a"]),
        (-1, ["a", [9, 1], [3, 8], 2, None, []]),
    ],
)
def test_an_array_sorts_by_its_least_element_in_the_direction_of_the_sort(direction, expected):
    docs: list[dict[str, Any]] = [{"a": value} for value in (2, [3, 8], "a", [], [9, 1], None)]
    docs.sort(key=sort_key([("a", direction)]))
    assert [doc["a"] for doc in docs] == expected


def test_a_missing_field_sorts_as_null_and_ties_keep_their_order():
    docs: list[dict[str, Any]] = [{"n": 1, "a": None}, {"n": 2}, {"n": 3, "a": 0}, {"n": 4}]
    docs.sort(key=sort_key([("a", 1)]))
    assert [doc["n"] for doc in docs] == [1, 2, 4, 3]


def test_a_sort_by_several_fields_looks_at_each_in_turn():
    docs = [{"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 0, "b": 1}]
    docs.sort(key=sort_key([("a", 1), ("b", -1)]))
    assert docs == [{"a": 0, "b": 1}, {"a": 1, "b": 2}, {"a": 1, "b": 1}]
