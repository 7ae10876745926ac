"""Filters: what each operator matches, by the rules of MongoDB's manual."""

import math
import re
from datetime import UTC, datetime

import pytest
from bson.decimal128 import Decimal128
from bson.errors import InvalidDocument
from bson.int64 import Int64
from bson.max_key import MaxKey
from bson.min_key import MinKey
from bson.objectid import ObjectId
from bson.regex import Regex
from pymongo.errors import OperationFailure

from repositories.embedded.match import compile_filter

ID = ObjectId("000000000000000000000001")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def matching(filter, *docs):
    matcher = compile_filter(filter)
    return [doc for doc in docs if matcher(doc)]


def values_matching(condition, *values):
    matcher = compile_filter({"a": condition})
    return [value for value in values if matcher({"a": value})]


def test_an_empty_filter_matches_everything():
    assert matching({}, {}, {"a": 1}) == [{}, {"a": 1}]


def test_all_fields_of_a_filter_have_to_match():
    docs = [{"a": 1, "b": 2}, {"a": 1}, {"b": 2}]
    assert matching({"a": 1, "b": 2}, *docs) == [{"a": 1, "b": 2}]


@pytest.mark.parametrize(
    ("expected", "same", "others"),
    [
        (1, [1, 1.0, Int64(1), Decimal128("1.0"), [0, 1]], [True, "1", 2, [[1]], None, {"a": 1}]),
        (1.5, [1.5, Decimal128("1.50")], [1, "1.5"]),
        (Int64(1), [1, 1.0], [True]),
        (Decimal128("1"), [1, 1.0], [True]),
        (True, [True, [False, True]], [1, 1.0, "true", False]),
        ("x", ["x", ["y", "x"]], ["X", "xy", None, b"x", {"x": 1}]),
        (ID, [ID, [ID]], [str(ID), ID.binary]),
        (NOON, [NOON, NOON.replace(tzinfo=None), [NOON]], [NOON.replace(microsecond=1000)]),
        (math.nan, [math.nan, Decimal128("NaN")], [0, None]),
        (2**53 + 1, [2**53 + 1], [2**53, 2.0**53]),
        ({"x": 1, "y": 2}, [{"x": 1, "y": 2}, [{"x": 1.0, "y": 2}]], [{"y": 2, "x": 1}, {"x": 1}]),
        ({}, [{}, [{}]], [{"x": 1}, None, []]),
        ([1, 2], [[1, 2], [[1, 2]], [1.0, 2]], [[2, 1], [1], [1, 2, 3], 1]),
        ([], [[], [[]]], [[1], None]),
        (b"x", [b"x"], ["x"]),
        (MinKey(), [MinKey()], [None, 0]),
    ],
)
def test_equality_is_that_of_bson_and_looks_into_arrays(expected, same, others):
    assert values_matching(expected, *same, *others) == same
    assert values_matching({"$eq": expected}, *same, *others) == same
    assert values_matching({"$ne": expected}, *same, *others) == others
    assert values_matching({"$in": [expected]}, *same, *others) == same
    assert values_matching({"$nin": [expected]}, *same, *others) == others


def test_null_matches_null_and_what_is_missing():
    docs = [{"a": None}, {}, {"a": [1, None]}, {"a": []}, {"a": 0}, {"a": [1]}]
    found = [{"a": None}, {}, {"a": [1, None]}]
    assert matching({"a": None}, *docs) == found
    assert matching({"a": {"$eq": None}}, *docs) == found
    assert matching({"a": {"$in": [7, None]}}, *docs) == found
    assert matching({"a": {"$ne": None}}, *docs) == docs[3:]
    assert matching({"a": {"$nin": [None]}}, *docs) == docs[3:]
    assert matching({"a": {"$gte": None}}, *docs) == found
    assert matching({"a": {"$gt": None}}, *docs) == []


@pytest.mark.parametrize(
    ("path", "doc", "expected", "matches"),
    [
        ("a.b", {"a": {"b": 1}}, 1, True),
        ("a.b", {"a": [{"b": 1}, {"b": 2}]}, 2, True),
        ("a.b", {"a": [{"b": [1, 2]}]}, 2, True),
        ("a.b", {"a": [[{"b": 1}]]}, 1, False),
        ("a.0.b", {"a": [[{"b": 1}]]}, 1, True),
        ("a.0", {"a": [5, 6]}, 5, True),
        ("a.1", {"a": [5, [2, 4]]}, [2, 4], True),
        ("a.1", {"a": [5, [2, 4]]}, 2, False),
        ("a.1", {"a": [5, {"1": 4}]}, 4, True),
        ("a.1", {"a": [5, {"1": 4}]}, {"1": 4}, True),
        ("a.1.1", {"a": [5, [2, 4]]}, 4, True),
        ("a.1", {"a": {"1": 6}}, 6, True),
        ("a.01", {"a": [5, 6]}, 6, False),
        ("a.²", {"a": [5, 6, 7]}, 7, False),
        ("a.0.b", {"a": [{"b": 3}]}, 3, True),
        ("a.b", {"a": 5}, None, True),
        ("a.b", {}, None, True),
        ("a.b", {"a": [{"c": 1}]}, None, True),
        ("a.b", {"a": [{"b": 1}]}, None, False),
        ("a.b", {"a": []}, None, False),
        ("a.b", {"a": [1, 2]}, None, False),
        ("a.b.c", {"a": [{"b": [{"c": 1}]}, {"b": {"c": 2}}]}, 2, True),
    ],
)
def test_a_dotted_path_goes_through_objects_and_arrays(path, doc, expected, matches):
    assert compile_filter({path: expected})(doc) is matches


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"$gt": 1}, [2, 1.5, Decimal128("1.1"), [0, 5], math.inf]),
        ({"$gte": 1}, [1, 2, 1.5, Decimal128("1.1"), [0, 5], math.inf]),
        ({"$lt": 1}, [0, -1, [0, 5]]),
        ({"$lte": 1}, [0, 1, -1, [0, 5]]),
        ({"$gt": 0, "$lt": 2}, [1, 1.5, Decimal128("1.1"), [0, 5]]),
        ({"$gte": math.nan}, [math.nan]),
        ({"$lt": math.nan}, []),
        ({"$gt": Decimal128("1.1")}, [2, 1.5, [0, 5], math.inf]),
        ({"$lt": "b"}, ["a"]),
        ({"$gte": "a"}, ["a", "b"]),
        ({"$gt": False}, [True]),
        ({"$lt": NOON}, [NOON.replace(hour=1)]),
        ({"$gt": ObjectId("000000000000000000000000")}, [ID]),
    ],
)
def test_a_comparison_is_exact_and_stays_within_its_type(condition, found):
    values = [
        0, 1, 2, 1.5, Decimal128("1.1"), -1, [0, 5], math.inf, math.nan, True, None, "a", "b",
        NOON, NOON.replace(hour=1), ID, {}, [],
    ]  # fmt: skip
    assert list(map(repr, values_matching(condition, *values))) == list(map(repr, found))


def test_arrays_and_objects_compare_as_wholes_too():
    assert values_matching({"$gt": [1, 2]}, [1, 3], [1, 2], [[1, 3]], 9) == [[1, 3], [[1, 3]]]
    assert values_matching({"$lt": {"x": 2}}, {"x": 1}, {"x": 2}, {"y": 1}, 1) == [{"x": 1}]


def test_the_ends_of_the_order_compare_with_every_type():
    values = [MinKey(), None, 1, "x", MaxKey()]
    assert values_matching({"$gt": MinKey()}, *values) == values[1:]
    assert values_matching({"$lt": MaxKey()}, *values) == values[:-1]


def test_conditions_on_one_field_may_be_met_by_different_elements():
    assert values_matching({"$gt": 8, "$lt": 2}, [1, 9], [9], 1) == [[1, 9]]
    docs = [{"a": [{"b": 1}, {"b": 9}]}, {"a": [{"b": 9}]}]
    assert matching({"a.b": {"$gt": 8, "$lt": 2}}, *docs) == docs[:1]


def test_in_takes_values_and_patterns():
    values = ["apple", "pear", 1, 1.0, True, None, [7, "pear"], Decimal128("1")]
    assert values_matching({"$in": ["pear", 1]}, *values) == [
        "pear", 1, 1.0, [7, "pear"], Decimal128("1")
    ]  # fmt: skip
    assert values_matching({"$in": [re.compile("^a"), None]}, *values) == ["apple", None]
    assert values_matching({"$in": []}, *values) == []
    assert values_matching({"$nin": []}, *values) == values
    assert values_matching({"$in": [[1, 2]]}, [1, 2], [[1, 2]], 1) == [[1, 2], [[1, 2]]]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ({"$exists": True}, [{"a": None}, {"a": []}, {"a": 0}]),
        ({"$exists": 1}, [{"a": None}, {"a": []}, {"a": 0}]),
        ({"$exists": False}, [{}]),
        ({"$exists": 0}, [{}]),
        ({"$exists": None}, [{}]),
    ],
)
def test_exists_asks_for_the_field_not_for_its_value(condition, found):
    assert matching({"a": condition}, {"a": None}, {"a": []}, {"a": 0}, {}) == found


def test_exists_goes_through_arrays():
    docs = [{"a": [{"b": 1}]}, {"a": [{}]}, {"a": []}, {"a": [1]}, {"a": {"b": None}}]
    assert matching({"a.b": {"$exists": True}}, docs[0], docs[4], *docs[1:4]) == [docs[0], docs[4]]
    assert matching({"a.b": {"$exists": False}}, *docs) == docs[1:4]


def test_and_or_nor_combine_filters():
    docs = [{"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 2, "b": 2}]
    assert matching({"$and": [{"a": 1}, {"b": 2}]}, *docs) == docs[1:2]
    assert matching({"$or": [{"a": 2}, {"b": 1}]}, *docs) == [docs[0], docs[2]]
    assert matching({"$nor": [{"a": 2}, {"b": 1}]}, *docs) == docs[1:2]
    assert matching({"a": 1, "$or": [{"b": 2}, {"b": 3}]}, *docs) == docs[1:2]


def test_not_also_matches_what_is_missing_or_of_another_type():
    docs = [{"a": 1}, {"a": 9}, {"a": "x"}, {}, {"a": [1, 9]}]
    assert matching({"a": {"$not": {"$gt": 5}}}, *docs) == [{"a": 1}, {"a": "x"}, {}]
    assert matching({"a": {"$not": {"$gt": 5, "$lt": 20}}}, *docs) == [{"a": 1}, {"a": "x"}, {}]
    assert matching({"a": {"$not": re.compile("x")}}, *docs) == [docs[0], docs[1], {}, docs[4]]
    assert matching({"a": {"$not": {"$regex": "x"}}}, *docs) == [docs[0], docs[1], {}, docs[4]]


def test_elem_match_wants_one_element_to_meet_all_conditions():
    values = [[1, 9], [5], [[5]], 5, []]
    assert values_matching({"$elemMatch": {"$gt": 2, "$lt": 8}}, *values) == [[5]]
    assert values_matching({"$elemMatch": {"$not": {"$gt": 2}}}, *values) == [[1, 9], [[5]]]
    objects = [[{"x": 1, "y": 2}], [{"x": 1}, {"y": 2}], {"x": 1, "y": 2}, [[1]]]
    assert values_matching({"$elemMatch": {"x": 1, "y": 2}}, *objects) == objects[:1]
    assert values_matching({"$elemMatch": {"$or": [{"x": 5}, {"y": 2}]}}, *objects) == objects[:2]
    assert values_matching({"$elemMatch": {"0": 1}}, *objects) == [[[1]]]
    assert values_matching({"$elemMatch": {"$elemMatch": {"$eq": 5}}}, *values) == [[[5]]]
    assert values_matching({"$elemMatch": {}}, [], [1], [{}]) == [[{}]]


def test_all_wants_every_value_somewhere():
    values = [["x", "y"], ["x"], "x", [["x", "y"]], []]
    assert values_matching({"$all": ["x", "y"]}, *values) == [["x", "y"]]
    assert values_matching({"$all": ["x"]}, *values) == [["x", "y"], ["x"], "x"]
    assert values_matching({"$all": [["x", "y"]]}, *values) == [["x", "y"], [["x", "y"]]]
    assert values_matching({"$all": [re.compile("^x"), "y"]}, *values) == [["x", "y"]]
    assert values_matching({"$all": []}, *values) == []
    several = {"$all": [{"$elemMatch": {"q": 1}}, {"$elemMatch": {"q": {"$gt": 5}}}]}
    assert values_matching(several, [{"q": 1}, {"q": 9}], [{"q": 1}]) == [[{"q": 1}, {"q": 9}]]


def test_size_counts_the_elements_of_an_array_only():
    values = [[], [1], [[1, 2]], {"x": 1}, "x", None]
    assert values_matching({"$size": 1}, *values) == [[1], [[1, 2]]]
    assert values_matching({"$size": 0.0}, *values) == [[]]
    assert matching({"a": {"$size": 0}}, {}) == []


@pytest.mark.parametrize(
    "condition",
    [
        {"$regex": "^ab"},
        {"$regex": "^AB", "$options": "i"},
        {"$options": "i", "$regex": "^AB"},
        {"$regex": re.compile("^AB", re.IGNORECASE)},
        {"$regex": Regex("^AB", "i")},
        re.compile("^ab"),
        Regex("^AB", "i"),
    ],
)
def test_a_pattern_is_searched_in_strings_and_in_arrays_of_them(condition):
    values = ["abc", "xab", ["x", "abz"], None, 5]
    assert values_matching(condition, *values) == ["abc", ["x", "abz"]]


def test_a_pattern_also_equals_the_same_pattern():
    stored = Regex("^a", "i")
    assert values_matching(Regex("^a", "i"), stored, Regex("^b")) == [stored]
    assert values_matching({"$eq": Regex("^a", "i")}, stored, "abc") == [stored]


def test_known_difference_61_character_classes_know_all_of_unicode():
    assert values_matching({"$regex": r"^\d$"}, "3", "\N{ARABIC-INDIC DIGIT THREE}") == [
        "3",
        "\N{ARABIC-INDIC DIGIT THREE}",
    ]


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("string", ["x"]),
        (2, ["x"]),
        ("number", [1, 1.5, Int64(1), 2**40]),
        ("int", [1]),
        ("long", [Int64(1), 2**40]),
        (["bool", "null"], [True, None]),
        ("array", [[{}]]),
        ("object", [[{}]]),
    ],
)
def test_type_asks_for_the_bson_type(named, found):
    values = [1, 1.5, Int64(1), 2**40, "x", True, None, [{}]]
    assert list(map(repr, values_matching({"$type": named}, *values))) == list(map(repr, found))
    assert matching({"a": {"$type": named}}, {}) == []


@pytest.mark.parametrize(
    ("filter", "name"),
    [
        ({"$where": "1"}, "$where"),
        ({"$expr": {}}, "$expr"),
        ({"$text": {}}, "$text"),
        ({"$comment": "x"}, "$comment"),
        ({"a": {"$mod": [2, 0]}}, "$mod"),
        ({"a": {"$bitsAllSet": 1}}, "$bitsAllSet"),
        ({"a": {"$not": {"$near": []}}}, "$near"),
        ({"$or": [{"a": 1}, {"b": {"$geoWithin": {}}}]}, "$geoWithin"),
        ({"a": {"$elemMatch": {"$mod": [2, 0]}}}, "$mod"),
        ({"a": {"$elemMatch": {"$where": "1"}}}, "$where"),
        ({"a": {"$type": "javascript"}}, "$type 'javascript'"),
        ({"a": {"$regex": b"x"}}, "$regex of a pattern of bytes"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(filter, name):
    with pytest.raises(OperationFailure) as caught:
        compile_filter(filter)
    assert str(caught.value).startswith(f"The embedded store does not support {name}.")
    assert caught.value.code == 2


@pytest.mark.parametrize(
    ("filter", "message"),
    [
        ({"a": {"$in": 5}}, "$in needs an array"),
        ({"a": {"$in": [{"$gt": 1}]}}, "cannot nest $ under $in"),
        ({"a": {"$nin": "x"}}, "$nin needs an array"),
        ({"a": {"$all": 5}}, "$all needs an array"),
        ({"a": {"$all": [{"$gt": 1}]}}, "no $ expressions in $all"),
        ({"a": {"$elemMatch": 5}}, "$elemMatch needs an Object"),
        ({"a": {"$not": 5}}, "$not needs a regex or a document"),
        ({"a": {"$not": {}}}, "$not cannot be empty"),
        ({"a": {"$ne": re.compile("x")}}, "Can't have regex as arg to $ne."),
        ({"a": {"$gt": re.compile("x")}}, "Can't have RegEx as arg to $gt."),
        ({"a": {"$size": -1}}, "Expected a non-negative number"),
        ({"a": {"$size": 1.5}}, "Expected an integer"),
        ({"a": {"$size": math.nan}}, "Expected an integer"),
        ({"a": {"$size": "1"}}, "Expected an integer"),
        ({"a": {"$options": "i"}}, "$options needs a $regex"),
        ({"a": {"$regex": "x", "$options": "q"}}, "invalid flag in regex options: q"),
        ({"a": {"$regex": "x", "$options": 1}}, "$options has to be a string"),
        ({"a": {"$regex": "("}}, "Regular expression is invalid"),
        ({"a": {"$regex": 5}}, "$regex has to be a string"),
        ({"a": {"$type": []}}, "$type must match at least one type"),
        ({"a": {"$type": None}}, "type must be represented as a number or a string"),
        ({"a": {"$gt": 1, "b": 2}}, "unknown operator: b"),
        ({"a": {"b": 2, "$gt": 1}}, "unknown operator: b"),
        ({"$and": []}, "$and must be a nonempty array"),
        ({"$or": {"a": 1}}, "$or must be a nonempty array"),
        ({"$nor": [5]}, "$nor entries need to be full objects"),
    ],
)
def test_a_malformed_filter_is_refused_before_any_document_is_read(filter, message):
    with pytest.raises(OperationFailure) as caught:
        compile_filter(filter)
    assert message in str(caught.value)


@pytest.mark.parametrize("filter", [None, "a", [("a", 1)]])
def test_what_is_no_filter_is_refused(filter):
    with pytest.raises(TypeError, match="filter must be a mapping"):
        compile_filter(filter)


def test_a_value_that_bson_cannot_hold_is_refused():
    with pytest.raises(InvalidDocument, match="cannot encode object"):
        compile_filter({"a": {1, 2}})


@pytest.mark.parametrize(
    ("filter", "doc", "position"),
    [
        ({"a": 5}, {"a": [4, 5, 5]}, 1),
        ({"a": {"$gt": 4}}, {"a": [4, 5]}, 1),
        ({"a.b": 2}, {"a": [{"b": 1}, {"b": 2}]}, 1),
        ({"a.b": 2}, {"a": [{"b": [9, 9]}, {"b": [9, 9, 2]}]}, 1),
        ({"a": {"$elemMatch": {"b": 2}}}, {"a": [{"b": 1}, {"b": 2}]}, 1),
        ({"a": {"$elemMatch": {"$gt": 1}}, "n": 1}, {"a": [1, 2], "n": 1}, 1),
        ({"$and": [{"n": 1}, {"a": 2}]}, {"a": [1, 2], "n": 1}, 1),
        ({"$or": [{"a": 7}, {"a": 2}]}, {"a": [1, 2]}, 1),
        ({"$nor": [{"a": 7}]}, {"a": [1, 2]}, None),
        ({"a": {"$all": [2]}}, {"a": [1, 2]}, 1),
        ({"a": {"$size": 2}}, {"a": [1, 2]}, None),
        ({"a": {"$ne": 7}}, {"a": [1, 2]}, None),
        ({"n": 1}, {"a": [1, 2], "n": 1}, None),
    ],
)
def test_the_position_is_that_of_the_element_which_met_the_filter(filter, doc, position):
    matcher = compile_filter(filter)
    assert matcher(doc)
    assert matcher.array_position(doc) == position


def test_a_position_that_could_be_several_is_refused():
    matcher = compile_filter({"a.b": 1, "a.c": 2})
    with pytest.raises(OperationFailure, match="Put them into one \\$elemMatch"):
        matcher.array_position({"a": [{"b": 1}, {"c": 2}]})
    assert matcher.array_position({"a": [{}, {"b": 1, "c": 2}]}) == 1
    both_elements = compile_filter({"a": {"$gt": 1, "$lt": 9}})
    assert both_elements.array_position({"a": [5]}) == 0
    with pytest.raises(OperationFailure, match="ambiguous"):
        both_elements.array_position({"a": [0, 9]})
