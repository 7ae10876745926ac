"""Projections: which fields come back, by the rules of MongoDB's manual."""

import pytest
from pymongo.errors import OperationFailure

from repositories.embedded.project import compile_projection

DOC = {"_id": 1, "a": 1, "b": {"c": 2, "d": 3}, "e": [{"c": 4, "d": 5}, 6, [{"c": 7, "d": 8}]]}


@pytest.mark.parametrize(
    ("projection", "expected"),
    [
        (None, DOC),
        ({}, DOC),
        ([], DOC),
        ({"a": 1}, {"_id": 1, "a": 1}),
        ({"a": True, "_id": False}, {"a": 1}),
        (["a"], {"_id": 1, "a": 1}),
        (["_id"], {"_id": 1}),
        (("a", "_id"), {"_id": 1, "a": 1}),
        ({"_id": 1}, {"_id": 1}),
        ({"_id": 0}, {"a": 1, "b": DOC["b"], "e": DOC["e"]}),
        ({"x": 1}, {"_id": 1}),
        ({"a.x": 1}, {"_id": 1}),
        ({"b.c": 1}, {"_id": 1, "b": {"c": 2}}),
        ({"b.x": 1}, {"_id": 1, "b": {}}),
        ({"b.c": 1, "b.d": 1, "_id": 0}, {"b": {"c": 2, "d": 3}}),
        ({"e.c": 1, "_id": 0}, {"e": [{"c": 4}, [{"c": 7}]]}),
        ({"e.0": 1, "_id": 0}, {"e": [{}, [{}]]}),
        ({"a": 0, "e": 0}, {"_id": 1, "b": {"c": 2, "d": 3}}),
        ({"a": 0, "e": 0, "_id": 1}, {"_id": 1, "b": {"c": 2, "d": 3}}),
        ({"a": 0, "e": 0, "_id": 0}, {"b": {"c": 2, "d": 3}}),
        ({"a": 0, "e": 0, "b.c": 0}, {"_id": 1, "b": {"d": 3}}),
        ({"a": 0, "b": 0, "e.c": 0}, {"_id": 1, "e": [{"d": 5}, 6, [{"d": 8}]]}),
        ({"a.x": 0, "b": 0, "e": 0}, {"_id": 1, "a": 1}),
    ],
)
def test_a_projection_keeps_or_drops_the_named_fields(projection, expected):
    assert compile_projection(projection)(DOC) == expected


def test_kept_fields_stay_in_the_order_of_the_document():
    assert list(compile_projection({"b": 1, "a": 1})(DOC)) == ["_id", "a", "b"]


def test_the_document_itself_stays_as_it_was():
    doc = {"a": {"b": 1, "c": 2}}
    assert compile_projection({"a.b": 0})(doc) == {"a": {"c": 2}}
    assert doc == {"a": {"b": 1, "c": 2}}


@pytest.mark.parametrize(
    ("projection", "code", "message"),
    [
        ({"a": 1, "b": 0}, 31254, "Cannot do exclusion on field b in inclusion projection"),
        ({"a": 0, "b": 1}, 31253, "Cannot do inclusion on field b in exclusion projection"),
        ({"a": 1, "a.b": 1}, 31249, "Path collision at a.b"),
        ({"a.b": 1, "a": 1}, 31249, "Path collision at a"),
        ({"a": {"$slice": 1}}, 2, "does not support $slice in the projection of 'a'"),
        ({"a": {"$elemMatch": {}}}, 2, "does not support $elemMatch in the projection of 'a'"),
        ({"a": {"b": 1}}, 2, "does not support b in the projection of 'a'"),
        ({"a": "$b"}, 2, "does not support the value '$b' in the projection of 'a'"),
        ({"a.$": 1}, 2, "does not support $ in the projected path 'a.$'"),
        ({"a..b": 1}, 15998, "has an empty field name"),
    ],
)
def test_what_is_malformed_or_not_supported_is_refused(projection, code, message):
    with pytest.raises(OperationFailure) as caught:
        compile_projection(projection)
    assert message in str(caught.value)
    assert caught.value.code == code


@pytest.mark.parametrize("projection", ["a", [1]])
def test_what_is_no_projection_is_refused_as_pymongo_does(projection):
    with pytest.raises(TypeError, match="projection must be a"):
        compile_projection(projection)
