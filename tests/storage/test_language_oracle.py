"""Random filters, updates, projections and sorts: the same answer as mongomock's.

Where mongomock is not MongoDB, `filter_differences`, `update_differences` and
`result_differences` say so, by number.
"""

import copy
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import mongomock
import pytest
from bson.objectid import ObjectId
from hypothesis import assume, given
from hypothesis import strategies as st
from pymongo.errors import OperationFailure, PyMongoError

from repositories.embedded.keys import sort_key
from repositories.embedded.match import compile_filter
from repositories.embedded.project import compile_projection
from repositories.embedded.update import compile_update
from tests.storage.filter_differences import FILTER_DIFFERENCES, differences_of_filter
from tests.storage.result_differences import (
    PROJECTION_DIFFERENCES,
    SORT_DIFFERENCES,
    differences_of_projection,
    differences_of_sort,
)
from tests.storage.update_differences import UPDATE_DIFFERENCES, differences_of_update

#: What mongomock raises where MongoDB refuses: it seldom checks before it tries.
MONGOMOCK_REFUSES = (
    PyMongoError,
    NotImplementedError,
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
)
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

names = st.sampled_from(["a", "b", "c"])
paths = st.lists(
    st.sampled_from(["a", "b", "c", "a", "b", "c", "0", "1"]), min_size=1, max_size=3
).map(lambda parts: ".".join(["a" if parts[0].isdigit() else parts[0], *parts[1:]]))
# Few values, so that random filters often match.
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 3),
    st.sampled_from([0.0, 0.5, 1.0, 2.5, float("nan")]),
    st.sampled_from(["", "x", "y", "xy"]),
    st.sampled_from([ObjectId("0" * 23 + digit) for digit in "123"]),
    st.integers(0, 2).map(lambda days: EPOCH + timedelta(days=days)),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=2),
    max_leaves=5,
)
documents = st.dictionaries(names, values, max_size=3)

patterns = st.sampled_from(["^x", "y$", "X"]).map(lambda text: re.compile(text, re.IGNORECASE))
simple_operators = st.one_of(
    *(
        st.tuples(st.just(operator), values)
        for operator in ("$eq", "$ne", "$gt", "$gte", "$lt", "$lte")
    ),
    st.tuples(st.sampled_from(["$in", "$nin"]), st.lists(values, max_size=3)),
    st.tuples(st.just("$exists"), st.booleans()),
    st.tuples(st.just("$size"), st.integers(0, 2)),
    st.tuples(st.just("$all"), st.lists(values, max_size=2)),
    st.tuples(st.just("$regex"), st.sampled_from(["^x", "y$"])),
    st.tuples(st.just("$type"), st.sampled_from(["string", "object", "array", "bool", "date"])),
)


def as_operators(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(strategy, min_size=1, max_size=2).map(dict)


@st.composite
def operators(draw: st.DrawFn, depth: int = 2) -> dict[str, Any]:
    """One or two operators, in each other up to `depth` deep."""
    nesting = ["$not", "$elemMatch", "$elemMatch of objects"] if depth else []
    found = {}
    for kind in draw(
        st.lists(st.sampled_from(["value", "value", *nesting]), min_size=1, max_size=2)
    ):
        if kind == "value":
            name, operand = draw(simple_operators)
            found[name] = operand
        elif kind == "$elemMatch of objects":
            found["$elemMatch"] = draw(clauses(depth - 1))
        else:
            found[kind] = draw(operators(depth - 1))
    return found


def clauses(depth: int = 2) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(paths, values | patterns | operators(depth), max_size=2)


@st.composite
def filters(draw: st.DrawFn, depth: int = 2) -> dict[str, Any]:
    """A filter with logical operators up to `depth` deep."""
    filter = draw(clauses())
    if depth and draw(st.booleans()):
        operator = draw(st.sampled_from(["$and", "$or", "$nor"]))
        filter[operator] = draw(st.lists(filters(depth - 1), min_size=1, max_size=2))
    return filter


def new_collection() -> Any:
    return mongomock.MongoClient(tz_aware=True).db.docs


def mongomock_matches(filter: dict[str, Any], doc: dict[str, Any]) -> bool:
    collection = new_collection()
    collection.insert_one({"_id": 0, **doc})
    return collection.count_documents(filter) == 1


@given(documents, filters())
def test_a_filter_matches_the_documents_that_it_matches_in_mongomock(doc, filter):
    assume(not differences_of_filter(filter, doc))
    try:
        ours = compile_filter(filter)(doc)
    except OperationFailure:
        with pytest.raises(OperationFailure):
            mongomock_matches(filter, doc)
    else:
        assert ours == mongomock_matches(filter, doc)


@pytest.mark.parametrize("number", FILTER_DIFFERENCES)
def test_a_known_difference_is_one(number):
    known = FILTER_DIFFERENCES[number]
    assert number in differences_of_filter(known.filter, known.doc)
    assert mongomock_matches(known.filter, known.doc) is known.mongomock_matches
    assert compile_filter(known.filter)(known.doc) is not known.mongomock_matches


numbers = st.sampled_from([-1, 1, 2, 0.5, 2.5])
pushed = values | st.fixed_dictionaries(
    {"$each": st.lists(values, max_size=3)},
    optional={"$slice": st.integers(-3, 3), "$position": st.integers(-2, 2)},
)
added = values | st.fixed_dictionaries({"$each": st.lists(values, max_size=3)})
pulled = (
    values
    | as_operators(simple_operators)
    | st.dictionaries(names, values | as_operators(simple_operators), min_size=1, max_size=2)
)
updates = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["$set", "$setOnInsert", "$unset"]), paths, values),
        st.tuples(st.sampled_from(["$min", "$max"]), paths, scalars),
        st.tuples(st.just("$inc"), paths, numbers),
        st.tuples(st.just("$push"), paths, pushed),
        st.tuples(st.just("$addToSet"), paths, added),
        st.tuples(st.just("$pull"), paths, pulled),
        st.tuples(st.just("$pullAll"), paths, st.lists(values, max_size=3)),
        st.tuples(st.just("$pop"), paths, st.sampled_from([1, -1])),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda change: change[1].split(".")[0],
)


def as_update(changes: list[tuple[str, str, Any]]) -> dict[str, Any]:
    update: dict[str, Any] = {}
    for operator, path, operand in changes:
        update.setdefault(operator, {})[path] = operand
    return update


def without_field_order(value: Any) -> Any:
    """A value in a form that tells apart what BSON does, but for the order of fields."""
    if isinstance(value, dict):
        return sorted((name, without_field_order(field)) for name, field in value.items())
    if isinstance(value, list):
        return [without_field_order(element) for element in value]
    return repr(value.astimezone(UTC) if isinstance(value, datetime) else value)


def updated_by_mongomock(doc: dict[str, Any], update: dict[str, Any]) -> dict[str, Any] | None:
    collection = new_collection()
    collection.insert_one({"_id": 0, **copy.deepcopy(doc)})
    try:
        collection.update_one({"_id": 0}, copy.deepcopy(update))
    except MONGOMOCK_REFUSES:
        return None
    return collection.find_one({}, {"_id": 0})


def updated_by_us(doc: dict[str, Any], update: dict[str, Any]) -> dict[str, Any] | None:
    try:
        return compile_update(update).apply(doc, now=EPOCH)
    except OperationFailure:
        return None


@given(documents, updates.map(as_update))
def test_an_update_makes_the_document_that_it_makes_in_mongomock(doc, update):
    assume(not differences_of_update(update, doc))
    ours, theirs = updated_by_us(doc, update), updated_by_mongomock(doc, update)
    assert without_field_order(ours) == without_field_order(theirs)


@pytest.mark.parametrize("number", UPDATE_DIFFERENCES)
def test_a_known_difference_of_updates_is_one(number):
    known = UPDATE_DIFFERENCES[number]
    assert number in differences_of_update(known.update, known.doc)
    assert updated_by_us(known.doc, known.update) == known.ours
    assert updated_by_mongomock(known.doc, known.update) == known.mongomock
    assert without_field_order(known.ours) != without_field_order(known.mongomock)


def projected_by_mongomock(doc: dict[str, Any], projection: dict[str, Any]) -> Any:
    collection = new_collection()
    collection.insert_one({"_id": 0, **copy.deepcopy(doc)})
    try:
        return collection.find_one({}, projection)
    except MONGOMOCK_REFUSES:
        return None


def projected_by_us(doc: dict[str, Any], projection: dict[str, Any]) -> dict[str, Any] | None:
    try:
        return compile_projection(projection)({"_id": 0, **doc})
    except OperationFailure:
        return None


projections = st.builds(
    lambda named, keeps, with_id: {**dict.fromkeys(named, keeps), "_id": with_id},
    st.lists(paths, min_size=1, max_size=3, unique=True),
    st.booleans(),
    st.booleans(),
)


@given(documents, projections)
def test_a_projection_keeps_what_it_keeps_in_mongomock(doc, projection):
    assume(not differences_of_projection(projection, doc))
    ours = projected_by_us(doc, projection)
    assert without_field_order(ours) == without_field_order(projected_by_mongomock(doc, projection))


@pytest.mark.parametrize("number", PROJECTION_DIFFERENCES)
def test_a_known_difference_of_projections_is_one(number):
    _, projection, doc = PROJECTION_DIFFERENCES[number]
    assert number in differences_of_projection(projection, doc)
    assert projected_by_us(doc, projection) != projected_by_mongomock(doc, projection)


def sorted_by_mongomock(docs: list[dict[str, Any]], order: list[tuple[str, int]]) -> list[int]:
    collection = new_collection()
    for doc in docs:
        collection.insert_one(copy.deepcopy(doc))
    return [doc["_id"] for doc in collection.find().sort(order)]


orders = st.lists(st.tuples(names, st.sampled_from([1, -1])), min_size=1, max_size=2)


@given(st.lists(documents, max_size=5), orders)
def test_a_sort_gives_the_order_of_mongomock(contents, order):
    docs = [{"_id": number, **content} for number, content in enumerate(contents)]
    assume(not differences_of_sort([doc.get(name) for doc in docs for name, _ in order]))
    ours = [doc["_id"] for doc in sorted(docs, key=sort_key(order))]
    assert ours == sorted_by_mongomock(docs, order)


@pytest.mark.parametrize("number", SORT_DIFFERENCES)
def test_a_known_difference_of_sorts_is_one(number):
    _, values = SORT_DIFFERENCES[number]
    assert number in differences_of_sort(values)
    docs: list[dict[str, Any]] = [{"_id": at, "a": value} for at, value in enumerate(values)]
    ours = [doc["_id"] for doc in sorted(docs, key=sort_key([("a", 1)]))]
    assert ours != sorted_by_mongomock(docs, [("a", 1)])


def test_every_known_difference_is_in_the_document():
    sentences = {
        **{number: known.sentence for number, known in FILTER_DIFFERENCES.items()},
        **{number: known.sentence for number, known in UPDATE_DIFFERENCES.items()},
        **{number: sentence for number, (sentence, *_) in PROJECTION_DIFFERENCES.items()},
        **{number: sentence for number, (sentence, *_) in SORT_DIFFERENCES.items()},
    }
    page = Path(__file__).parents[2] / "docs" / "known-differences.md"
    table = page.read_text(encoding="utf-8").partition("## Where mongomock")[2]
    # The other rows are differences of whole stores and servers; their own tests know them.
    rows = [
        line
        for line in table.splitlines()
        if (number := re.match(r"\| (\d+)", line)) and int(number[1]) in sentences
    ]
    assert rows == [f"| {number} | {sentence} |" for number, sentence in sentences.items()]
