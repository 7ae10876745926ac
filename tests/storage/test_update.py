"""Updates: what each operator makes of a document, by the rules of MongoDB's manual."""

import copy
import re
from datetime import UTC, datetime

import pytest
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.objectid import ObjectId
from pymongo.errors import OperationFailure, WriteError

from repositories.embedded.update import compile_replacement, compile_update, upsert_base

NOW = datetime(2026, 1, 2, 3, 4, 5, 678_999, tzinfo=UTC)


def updated(doc, update, **options):
    before = copy.deepcopy(doc)
    after = compile_update(update).apply(doc, now=NOW, **options)
    assert doc == before, "the old document has to stay as it was"
    return after


def assert_refused(code, message, doc, update, **options):
    with pytest.raises(OperationFailure) as caught:
        updated(doc, update, **options)
    assert message in str(caught.value)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("doc", "update", "expected"),
    [
        ({"a": 1}, {"$set": {"a": 2}}, {"a": 2}),
        ({"a": 1}, {"$set": {"b": {"c": 1}}}, {"a": 1, "b": {"c": 1}}),
        ({}, {"$set": {"a.b.c": 1}}, {"a": {"b": {"c": 1}}}),
        ({"a": {"x": 1, "b": 2}}, {"$set": {"a.b": 3}}, {"a": {"x": 1, "b": 3}}),
        ({"a": [1, 2]}, {"$set": {"a.1": 9}}, {"a": [1, 9]}),
        ({"a": [1]}, {"$set": {"a.3": 9}}, {"a": [1, None, None, 9]}),
        ({"a": [{"b": 1}]}, {"$set": {"a.0.b": 2}}, {"a": [{"b": 2}]}),
        ({"a": []}, {"$set": {"a.0.b": 2}}, {"a": [{"b": 2}]}),
        ({}, {"$set": {"a.0": 1}}, {"a": {"0": 1}}),
        ({"a": 1}, {"$set": {}}, {"a": 1}),
        ({"a": 1, "b": 2}, {"$unset": {"a": ""}}, {"b": 2}),
        ({"a": {"b": 1, "c": 2}}, {"$unset": {"a.b": 1}}, {"a": {"c": 2}}),
        ({"a": {"b": 1}}, {"$unset": {"a.b": 1}}, {"a": {}}),
        ({"a": [1, 2, 3]}, {"$unset": {"a.1": 1}}, {"a": [1, None, 3]}),
        ({"a": [1]}, {"$unset": {"a.5": 1}}, {"a": [1]}),
        ({"a": 1}, {"$unset": {"x.y": 1, "a.b": 1}}, {"a": 1}),
        ({"a": [1]}, {"$unset": {"a.b": 1}}, {"a": [1]}),
        ({"n": 5}, {"$inc": {"n": -7}}, {"n": -2}),
        ({}, {"$inc": {"n": 3}}, {"n": 3}),
        ({}, {"$inc": {"a.n": 3}}, {"a": {"n": 3}}),
        ({"n": 1}, {"$inc": {"n": 0.5}}, {"n": 1.5}),
        ({"n": Decimal128("1.10")}, {"$inc": {"n": 2}}, {"n": Decimal128("3.10")}),
        ({"n": Decimal128("1")}, {"$inc": {"n": 0.1}}, {"n": Decimal128("1.100000000000000")}),
        ({"n": 6}, {"$mul": {"n": 7}}, {"n": 42}),
        ({}, {"$mul": {"n": 7}}, {"n": 0}),
        ({}, {"$mul": {"n": 7.5}}, {"n": 0.0}),
        ({"n": 5}, {"$min": {"n": 3}}, {"n": 3}),
        ({"n": 5}, {"$min": {"n": 7}}, {"n": 5}),
        ({"n": 5}, {"$min": {"n": None}}, {"n": None}),
        ({"n": 5}, {"$max": {"n": 7}}, {"n": 7}),
        ({"n": 5}, {"$max": {"n": "a"}}, {"n": "a"}),
        ({}, {"$max": {"n": 7}, "$min": {"m": 1}}, {"n": 7, "m": 1}),
        ({"a": [1]}, {"$push": {"a": 2}}, {"a": [1, 2]}),
        ({}, {"$push": {"a": 2}}, {"a": [2]}),
        ({"a": [1]}, {"$push": {"a": [2, 3]}}, {"a": [1, [2, 3]]}),
        ({"a": [1]}, {"$push": {"a": {"x": 1}}}, {"a": [1, {"x": 1}]}),
        ({"a": [1]}, {"$push": {"a": {"$each": [2, 3]}}}, {"a": [1, 2, 3]}),
        ({}, {"$push": {"a": {"$each": []}}}, {"a": []}),
        ({"a": [1, 2]}, {"$push": {"a": {"$each": [9], "$position": 0}}}, {"a": [9, 1, 2]}),
        ({"a": [1, 2]}, {"$push": {"a": {"$each": [9], "$position": -1}}}, {"a": [1, 9, 2]}),
        ({"a": [1, 2]}, {"$push": {"a": {"$each": [9], "$position": 7}}}, {"a": [1, 2, 9]}),
        ({"a": [1, 2]}, {"$push": {"a": {"$each": [9], "$slice": -2}}}, {"a": [2, 9]}),
        ({"a": [1, 2]}, {"$push": {"a": {"$each": [9], "$slice": 2}}}, {"a": [1, 2]}),
        ({"a": [1, 2]}, {"$push": {"a": {"$each": [9], "$slice": 0}}}, {"a": []}),
        (
            {"a": [3, 1]},
            {"$push": {"a": {"$each": [2], "$sort": 1, "$slice": -2}}},
            {"a": [2, 3]},
        ),
        (
            {"a": [{"n": 1}, {"n": 3, "m": 1}]},
            {"$push": {"a": {"$each": [{"n": 3}], "$sort": {"n": -1, "m": 1}}}},
            {"a": [{"n": 3}, {"n": 3, "m": 1}, {"n": 1}]},
        ),
        ({"a": [1]}, {"$addToSet": {"a": 1.0}}, {"a": [1]}),
        ({"a": [1]}, {"$addToSet": {"a": True}}, {"a": [1, True]}),
        ({}, {"$addToSet": {"a": 1}}, {"a": [1]}),
        ({"a": [1]}, {"$addToSet": {"a": {"$each": [2, 1, 2]}}}, {"a": [1, 2]}),
        ({"a": [{"x": 1, "y": 2}]}, {"$addToSet": {"a": {"x": 1, "y": 2}}},
         {"a": [{"x": 1, "y": 2}]}),
        ({"a": [1, 2, 1]}, {"$pull": {"a": 1}}, {"a": [2]}),
        ({"a": [1, 5, 9]}, {"$pull": {"a": {"$gte": 5}}}, {"a": [1]}),
        ({"a": ["x", "yx", "z"]}, {"$pull": {"a": re.compile("^x|z")}}, {"a": ["yx"]}),
        ({"a": [{"b": 1, "c": 2}, {"b": 2}, 1]}, {"$pull": {"a": {"b": 1}}}, {"a": [{"b": 2}, 1]}),
        ({"a": [{"b": 1}, {"b": 7}]}, {"$pull": {"a": {"b": {"$gt": 5}}}}, {"a": [{"b": 1}]}),
        ({"a": [[1, 2], 1]}, {"$pull": {"a": [1, 2]}}, {"a": [1]}),
        ({"a": [1, None]}, {"$pull": {"a": None}}, {"a": [1]}),
        ({"b": 1}, {"$pull": {"a": 1, "c.d": 1}}, {"b": 1}),
        ({"a": [1, 2, 3]}, {"$pullAll": {"a": [1, 3]}}, {"a": [2]}),
        ({"a": [1, 2, 3]}, {"$pop": {"a": 1}}, {"a": [1, 2]}),
        ({"a": [1, 2, 3]}, {"$pop": {"a": -1}}, {"a": [2, 3]}),
        ({"a": []}, {"$pop": {"a": 1}}, {"a": []}),
    ],
)  # fmt: skip
def test_an_operator_makes_the_new_document(doc, update, expected):
    assert updated(doc, update) == expected


def test_new_fields_come_after_the_old_ones_in_the_order_of_their_names():
    assert list(updated({"z": 1}, {"$set": {"c": 1, "a": 1}, "$inc": {"b": 1}})) == list("zabc")


def test_a_result_beyond_64_bits_is_refused_and_one_beyond_32_is_not():
    assert updated({"n": 2**31 - 1}, {"$inc": {"n": 1}}) == {"n": 2**31}
    assert updated({"n": 2**63 - 2}, {"$inc": {"n": 1}}) == {"n": 2**63 - 1}
    assert_refused(2, "does not fit into 64 bits", {"n": 2**63 - 1}, {"$inc": {"n": 1}})
    assert_refused(2, "does not fit into 64 bits", {"n": 2**62}, {"$mul": {"n": 2}})


def test_a_long_stays_a_long():
    assert type(updated({"n": Int64(1)}, {"$inc": {"n": 1}})["n"]) is Int64
    assert type(updated({"n": 1}, {"$inc": {"n": 1}})["n"]) is int


def test_current_date_is_the_time_of_the_update_in_milliseconds():
    expected = {"at": NOW.replace(microsecond=678_000)}
    assert updated({}, {"$currentDate": {"at": True}}) == expected
    assert updated({}, {"$currentDate": {"at": {"$type": "date"}}}) == expected


def test_set_on_insert_counts_only_for_an_insert():
    update = {"$set": {"a": 1}, "$setOnInsert": {"b": 2}}
    assert updated({}, update) == {"a": 1}
    assert updated({}, update, inserting=True) == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("update", "expected"),
    [
        ({"$set": {"a.$": 7}}, [{"b": 1}, 7]),
        ({"$set": {"a.$.c": 7}}, [{"b": 1}, {"b": 2, "c": 7}]),
        ({"$inc": {"a.$.b": 7}}, [{"b": 1}, {"b": 9}]),
        ({"$unset": {"a.$.b": 1}}, [{"b": 1}, {}]),
    ],
)
def test_the_positional_operator_stands_for_the_matched_element(update, expected):
    doc = {"a": [{"b": 1}, {"b": 2}]}
    assert compile_update(update).needs_array_position
    assert updated(doc, update, array_position=1) == {"a": expected}


def test_the_positional_operator_needs_a_match_and_stands_alone():
    doc = {"a": [1]}
    assert_refused(2, "did not find the match needed", doc, {"$set": {"a.$": 1}})
    assert_refused(2, "Too many positional", doc, {"$set": {"a.$.b.$": 1}}, array_position=0)
    assert_refused(2, "does not support $[]", doc, {"$set": {"a.$[]": 1}})
    assert_refused(2, "does not support $[x]", doc, {"$set": {"a.$[x]": 1}})
    assert_refused(
        40, "conflict at 'a.0'", doc, {"$set": {"a.$": 1}, "$inc": {"a.0": 1}}, array_position=0
    )


@pytest.mark.parametrize(
    ("code", "message", "doc", "update"),
    [
        (40, "Updating the path 'a' would create a conflict at 'a'", {},
         {"$set": {"a": 1}, "$inc": {"a": 1}}),
        (40, "Updating the path 'a.b' would create a conflict at 'a'", {},
         {"$set": {"a.b": 1}, "$unset": {"a": 1}}),
        (40, "Updating the path 'a.b.c' would create a conflict at 'a.b'", {},
         {"$set": {"a.b": 1, "a.b.c": 1}}),
        (66, "immutable field '_id'", {"_id": 1}, {"$set": {"_id": 2}}),
        (66, "immutable field '_id'", {"_id": 1}, {"$inc": {"_id": 1}}),
        (66, "immutable field '_id'", {"_id": {"x": 1}}, {"$set": {"_id.x": 2}}),
        (66, "immutable field '_id'", {"_id": 1}, {"$unset": {"_id": 1}}),
        (14, "Cannot apply $inc to a value of non-numeric type", {"n": "1"}, {"$inc": {"n": 1}}),
        (14, "Cannot apply $inc to a value of non-numeric type", {"n": None}, {"$inc": {"n": 1}}),
        (14, "Cannot apply $mul to a value of non-numeric type", {"n": True}, {"$mul": {"n": 1}}),
        (14, "Cannot increment with non-numeric argument", {}, {"$inc": {"n": "1"}}),
        (14, "Cannot increment with non-numeric argument", {}, {"$inc": {"n": True}}),
        (14, "Cannot multiply with non-numeric argument", {}, {"$mul": {"n": None}}),
        (28, "Cannot create field 'b' in element {a: 1}", {"a": 1}, {"$set": {"a.b": 1}}),
        (28, "Cannot create field 'b' in element {a: None}", {"a": None}, {"$set": {"a.b": 1}}),
        (28, "Cannot create field 'b' in element {a: [1]}", {"a": [1]}, {"$set": {"a.b": 1}}),
        (2, "can't backfill more than 1500000 elements", {"a": []}, {"$set": {"a.1500001": 1}}),
        (2, "The field 'a' must be an array for $push", {"a": 1}, {"$push": {"a": 1}}),
        (2, "The field 'a' must be an array for $push", {"a": None}, {"$push": {"a": 1}}),
        (2, "The field 'a' must be an array for $addToSet", {"a": {}}, {"$addToSet": {"a": 1}}),
        (2, "The field 'a' must be an array for $pull", {"a": 1}, {"$pull": {"a": 1}}),
        (2, "The field 'a' must be an array for $pop", {"a": 1}, {"$pop": {"a": 1}}),
        (2, "need an $each that is an array", {}, {"$push": {"a": {"$each": 1}}}),
        (2, "need an $each that is an array", {}, {"$push": {"a": {"$slice": 1}}}),
        (2, "Unrecognized clause in $push: $foo", {}, {"$push": {"a": {"$each": [], "$foo": 1}}}),
        (2, "Unrecognized clause in $addToSet: $slice", {},
         {"$addToSet": {"a": {"$each": [], "$slice": 1}}}),
        (2, "The value for $slice must be an integer", {},
         {"$push": {"a": {"$each": [], "$slice": "1"}}}),
        (2, "The value for $position must be an integer", {},
         {"$push": {"a": {"$each": [], "$position": 1.5}}}),
        (2, "The $sort of a $push must be 1, -1", {},
         {"$push": {"a": {"$each": [], "$sort": 2}}}),
        (9, "$pop expects 1 or -1", {"a": [1]}, {"$pop": {"a": 2}}),
        (2, "$pullAll requires an array argument", {}, {"$pullAll": {"a": 1}}),
        (2, "$currentDate of 'a' takes true", {}, {"$currentDate": {"a": "now"}}),
        (2, "does not support $currentDate of the type timestamp", {},
         {"$currentDate": {"a": {"$type": "timestamp"}}}),
        (9, "The embedded store does not support $rename.", {}, {"$rename": {"a": "b"}}),
        (9, "The embedded store does not support $bit.", {}, {"$bit": {"a": {"or": 1}}}),
        (9, "Modifiers operate on fields but $set has 5 instead", {}, {"$set": 5}),
        (9, "Unknown modifier: b", {}, {"$set": {"a": 1}, "b": 1}),
        (52, "dollar ($) prefixed field '$a'", {}, {"$set": {"$a": 1}}),
        (52, "dollar ($) prefixed field '$b'", {}, {"$set": {"a.$b": 1}}),
        (52, "dollar ($) prefixed field '$'", {}, {"$set": {"$.a": 1}}),
        (56, "contains an empty field name", {}, {"$set": {"a..b": 1}}),
        (56, "contains an empty field name", {}, {"$set": {"": 1}}),
        (2, "does not support $mod", {"a": [1]}, {"$pull": {"a": {"$mod": [2, 0]}}}),
    ],
)  # fmt: skip
def test_what_mongodb_refuses_is_refused_with_its_code(code, message, doc, update):
    assert_refused(code, message, doc, update)


def test_the_same_id_may_be_set_again():
    assert updated({"_id": 1, "a": 1}, {"$set": {"_id": 1, "a": 2}}) == {"_id": 1, "a": 2}


@pytest.mark.parametrize(
    ("update", "error", "message"),
    [
        ({}, ValueError, "update cannot be empty"),
        ({"a": 1}, ValueError, "update only works with \\$ operators"),
        ("x", TypeError, "update must be a mapping"),
        ([{"$set": {"a": 1}}], OperationFailure, "does not support an aggregation pipeline"),
    ],
)
def test_what_is_no_update_is_refused_as_pymongo_does(update, error, message):
    with pytest.raises(error, match=message):
        compile_update(update)


@pytest.mark.parametrize(
    ("doc", "error", "message"),
    [
        ({"$set": {"a": 1}}, ValueError, "replacement can not include \\$ operators"),
        ([1], TypeError, "replacement must be a document"),
    ],
)
def test_what_is_no_replacement_is_refused_as_pymongo_does(doc, error, message):
    with pytest.raises(error, match=message):
        compile_replacement(doc)


def test_an_update_tells_which_top_level_fields_it_can_change():
    update = compile_update({"$set": {"a.b": 1}, "$inc": {"c": 1}, "$push": {"d.$.e": 1}})
    assert update.fields == {"a", "c", "d"}
    assert update.needs_array_position
    assert not compile_update({"$set": {"a": 1}}).needs_array_position


def test_one_update_serves_many_documents():
    update = compile_update({"$push": {"a": 1}, "$set": {"s": {"x": 1}}})
    first = update.apply({}, now=NOW)
    second = update.apply(first, now=NOW)
    assert first == {"a": [1], "s": {"x": 1}}
    assert second == {"a": [1, 1], "s": {"x": 1}}


def test_a_replacement_keeps_the_id():
    replacement = compile_replacement({"b": 2})
    assert replacement.apply({"_id": 7, "a": 1}, now=NOW) == {"_id": 7, "b": 2}
    assert compile_replacement({"b": 2, "_id": 7}).apply({"_id": 7}, now=NOW) == {"_id": 7, "b": 2}
    assert compile_replacement({"b": 2}).apply({}, now=NOW, inserting=True) == {"b": 2}
    with pytest.raises(WriteError) as caught:
        compile_replacement({"_id": 8}).apply({"_id": 7}, now=NOW)
    assert caught.value.code == 66


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ({}, {}),
        ({"a": 1, "b": {"c": 2}}, {"a": 1, "b": {"c": 2}}),
        ({"a.b": 1, "a.c": 2}, {"a": {"b": 1, "c": 2}}),
        ({"a": {"$eq": 1}}, {"a": 1}),
        ({"a": {"$eq": 1, "$gt": 0}}, {"a": 1}),
        ({"a": {"$gt": 1}, "b": {"$in": [1]}, "c": {"$exists": True}}, {}),
        ({"a": {"$all": [1]}, "b": {"$all": [1, 2]}}, {"a": 1}),
        ({"a": {"$all": [{"$elemMatch": {"x": 1}}]}}, {}),
        ({"$and": [{"a": 1}, {"b": {"$eq": 2}}, {"c": {"$lt": 5}}]}, {"a": 1, "b": 2}),
        ({"$or": [{"a": 1}]}, {"a": 1}),
        ({"$or": [{"a": 1}, {"a": 2}], "$nor": [{"b": 1}]}, {}),
        ({"a": re.compile("x")}, {}),
        ({"_id": ObjectId("0" * 24)}, {"_id": ObjectId("0" * 24)}),
        ({"a": None}, {"a": None}),
    ],
)
def test_an_upsert_begins_with_the_equalities_of_its_filter(filter, expected):
    assert upsert_base(filter) == expected


@pytest.mark.parametrize(
    "filter", [{"a": 1, "a.b": 2}, {"a": 1, "$and": [{"a": 1}]}, {"a.b": 1, "$and": [{"a": {}}]}]
)
def test_an_upsert_whose_filter_names_a_field_twice_is_refused(filter):
    with pytest.raises(WriteError, match="is matched twice") as caught:
        upsert_base(filter)
    assert caught.value.code == 54
