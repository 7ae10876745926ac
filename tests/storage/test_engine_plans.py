"""How queries are answered: which index, which bounds, and never a wrong answer."""

from typing import Any

import pytest
from bson import ObjectId
from hypothesis import given, settings
from hypothesis import strategies as st

from repositories.embedded.keys import sort_key
from repositories.embedded.match import compile_filter
from tests.storage.engine import in_memory

DOCUMENTS = [
    {"_id": number, "a": number % 3, "b": number % 5, "c": number, "tags": ["x", f"t{number % 4}"]}
    for number in range(60)
]


def explained(filter: dict[str, Any], sort: Any = None, indexes: tuple[Any, ...] = ()) -> dict:
    """How a query on DOCUMENTS with these indexes is answered."""

    async def body(store):
        for keys, options in indexes:
            await store.docs.create_index(keys, **options)
        await store.docs.insert_many([dict(document) for document in DOCUMENTS])
        return await store.docs.explain(filter, sort=sort)

    return in_memory(body)


A_B = ([("a", 1), ("b", -1)], {"name": "a_b"})
C = ("c", {"name": "c", "unique": True})


@pytest.mark.parametrize(
    ("filter", "sort", "index", "sorts", "checks"),
    [
        ({"a": 1}, None, "a_b", False, False),
        ({"a": 1, "b": 2}, None, "a_b", False, False),
        ({"a": 1, "b": {"$gte": 2, "$lt": 4}}, None, "a_b", False, False),
        ({"a": {"$in": [1, 2]}}, None, "a_b", False, False),
        ({"a": 1}, [("b", 1)], "a_b", False, False),
        ({"a": 1}, [("b", -1)], "a_b", False, False),
        ({}, [("a", 1), ("b", -1)], "a_b", False, False),
        ({}, [("a", -1), ("b", 1)], "a_b", False, False),
        ({"c": {"$gt": 5}}, [("c", -1)], "c", False, False),
        ({"c": 5, "a": 1}, None, "c", False, True),
        ({"a": 1}, [("c", 1)], "a_b", True, False),
        ({"_id": 7}, None, "_id_", False, False),
        ({"_id": {"$in": [7, 8]}}, None, "_id_", False, False),
        ({"$and": [{"a": 1}, {"b": 2}]}, None, "a_b", False, False),
        ({"a": 1, "c": {"$ne": 3}}, None, "a_b", False, True),
        ({"a": {"$in": [1, 2]}}, [("a", 1), ("b", -1)], "a_b", False, False),
    ],
)
def test_a_query_takes_the_index_that_narrows_most(filter, sort, index, sorts, checks):
    plan = explained(filter, sort, (A_B, C))
    assert (plan["stage"], plan["indexName"]) == ("IXSCAN", index)
    assert (plan["sortsInMemory"], plan["needsFilter"]) == (sorts, checks)


@pytest.mark.parametrize(
    "filter", [{"b": 1}, {"c": {"$ne": 5}}, {"missing": 1}, {}, {"$or": [{"a": 1}, {"b": 1}]}]
)
def test_without_an_index_that_helps_the_collection_is_read(filter):
    plan = explained(filter, None, (A_B, C))
    assert plan["stage"] == "COLLSCAN"
    assert "indexName" not in plan


def test_an_or_of_indexed_branches_is_a_union_of_index_scans():
    plan = explained({"$or": [{"a": 1}, {"c": 5}]}, None, (A_B, C))
    assert plan["stage"] == "OR"
    assert [branch["indexName"] for branch in plan["inputStages"]] == ["a_b", "c"]


def test_a_multikey_index_gives_no_order_and_has_its_documents_checked():
    plan = explained({"tags": "x"}, [("tags", 1)], (("tags", {"name": "tags"}),))
    assert (plan["indexName"], plan["sortsInMemory"], plan["needsFilter"]) == ("tags", True, True)


@pytest.mark.parametrize(
    ("filter", "stage"),
    [
        ({"c": 5, "a": 1}, "IXSCAN"),
        ({"c": 5, "a": {"$in": [1]}}, "IXSCAN"),
        ({"c": 5, "a": 2}, "COLLSCAN"),
        ({"c": 5}, "COLLSCAN"),
        ({"c": 5, "a": {"$in": [1, 2]}}, "COLLSCAN"),
    ],
)
def test_a_partial_index_serves_only_what_its_expression_covers(filter, stage):
    partial = ("c", {"name": "p", "partialFilterExpression": {"a": 1}})
    assert explained(filter, None, (partial,))["stage"] == stage


@pytest.mark.parametrize(
    ("filter", "stage"),
    [
        ({"c": 30}, "IXSCAN"),
        ({"c": {"$gt": 20}}, "IXSCAN"),
        ({"c": {"$gte": 20}}, "COLLSCAN"),
        ({"c": {"$lt": 30}}, "COLLSCAN"),
        ({"c": None}, "COLLSCAN"),
    ],
)
def test_a_range_in_a_partial_expression_covers_narrower_ranges(filter, stage):
    partial = ("c", {"name": "p", "partialFilterExpression": {"c": {"$gt": 20}}})
    assert explained(filter, None, (partial,))["stage"] == stage


def test_the_same_shape_is_planned_anew_for_values_a_partial_index_lacks():
    async def body(store):
        await store.docs.create_index("c", partialFilterExpression={"a": 1})
        await store.docs.insert_many([dict(document) for document in DOCUMENTS])
        return [len(await store.docs.find({"a": a, "c": {"$lt": 30}}).to_list()) for a in (1, 2)]

    assert in_memory(body) == [10, 10]


def test_a_sparse_index_serves_no_search_for_null():
    sparse = ("d", {"name": "d", "sparse": True})
    assert explained({"d": None}, None, (sparse,))["stage"] == "COLLSCAN"
    assert explained({}, [("d", 1)], (sparse,))["stage"] == "COLLSCAN"
    assert explained({"d": 1}, None, (sparse,))["indexName"] == "d"


def test_the_observer_sees_every_query_with_its_plan():
    seen: list[tuple[str, str, str]] = []

    async def body(store):
        await store.docs.insert_one({"_id": 1, "a": 1})
        await store.docs.find_one({"_id": 1})
        await store.docs.find({"a": 1}).to_list()
        await store.docs.update_one({"_id": 1}, {"$set": {"a": 2}})
        await store.docs.delete_many({"a": 3})
        await store.docs.count_documents({"_id": 1})

    def observe(name, operation, plan):
        seen.append((name, operation, plan.stage))

    in_memory(body, observer=observe)
    assert seen == [
        ("docs", "find_one", "IXSCAN"),
        ("docs", "find", "COLLSCAN"),
        ("docs", "update_one", "IXSCAN"),
        ("docs", "delete_many", "COLLSCAN"),
        ("docs", "count_documents", "IXSCAN"),
    ]


scalars = st.one_of(
    st.integers(-3, 3),
    st.sampled_from(["", "a", "b", "ab"]),
    st.booleans(),
    st.none(),
    st.floats(-2, 2, width=16),
    st.sampled_from([ObjectId("0" * 24), ObjectId("f" * 24), 2**53 + 1, b"x"]),
)
values = st.one_of(
    scalars,
    st.lists(scalars, max_size=3),
    st.fixed_dictionaries({}, optional={"x": scalars, "y": scalars}),
    st.lists(st.fixed_dictionaries({}, optional={"x": scalars, "y": scalars}), max_size=2),
)
documents = st.lists(
    st.fixed_dictionaries({}, optional={"a": values, "b": scalars, "c": scalars}), max_size=12
)
paths = st.sampled_from(["a", "b", "c", "a.x", "a.y", "_id"])
comparisons = st.sampled_from(["$gt", "$gte", "$lt", "$lte", "$eq", "$ne"])
conditions = st.one_of(
    scalars,
    st.builds(lambda v: {"$in": v}, st.lists(scalars, max_size=3)),
    st.builds(
        lambda op, v: {op: v},
        st.sampled_from(["$gt", "$gte", "$lt", "$lte", "$eq", "$ne"]),
        scalars,
    ),
    st.builds(lambda low, high: {"$gte": low, "$lt": high}, scalars, scalars),
    st.builds(lambda v: {"$exists": v}, st.booleans()),
    st.builds(lambda v: {"$elemMatch": {"x": v}}, scalars),
    st.builds(lambda low, high: {"$elemMatch": {"$gte": low, "$lte": high}}, scalars, scalars),
)
simple_filters = st.dictionaries(paths, conditions, max_size=3)
filters = st.one_of(
    simple_filters,
    st.builds(lambda f, g: {"$or": [f, g]}, simple_filters, simple_filters),
    st.builds(lambda f, g, h: {**f, "$or": [g, h]}, simple_filters, simple_filters, simple_filters),
    st.builds(lambda f, g: {"$and": [f, g]}, simple_filters, simple_filters),
)
index_fields = st.lists(
    st.tuples(paths, st.sampled_from([1, -1])), min_size=1, max_size=3, unique_by=lambda f: f[0]
)
index_options = st.sampled_from(
    [
        {},
        {},
        {"sparse": True},
        {"partialFilterExpression": {"b": {"$exists": True}}},
        {"partialFilterExpression": {"b": 1}},
        {"partialFilterExpression": {"c": {"$gt": 0}}},
    ]
)
indexes = st.lists(st.tuples(index_fields, index_options), max_size=3)
sorts = st.lists(st.tuples(paths, st.sampled_from([1, -1])), max_size=2, unique_by=lambda f: f[0])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(documents, st.lists(filters, min_size=1, max_size=6), indexes, sorts)
def test_indexes_never_change_an_answer(docs, some_filters, some_indexes, sort):
    """The reference is the matcher alone, on every document, sorted by the sort key."""
    kept = [{"_id": number, **document} for number, document in enumerate(docs)]

    async def body(store):
        for fields, options in some_indexes:
            try:
                await store.docs.create_index(fields, **options)
            except Exception:  # parallel paths that cannot be one index
                continue
        stored = []
        for document in kept:
            try:
                await store.docs.insert_one(document)
            except Exception:  # two arrays in one index
                continue
            stored.append(document)
        assert await store.check() == []
        for filter in some_filters:
            wanted = [document for document in stored if compile_filter(filter)(document)]
            found = await store.docs.find(filter, sort=sort).to_list()
            assert sorted(document["_id"] for document in found) == [
                document["_id"] for document in wanted
            ]
            assert await store.docs.count_documents(filter) == len(wanted)
            one = await store.docs.find_one(filter, sort=sort)
            if sort:
                key = sort_key(sort)
                assert [key(document) for document in found] == sorted(map(key, wanted))
                assert (one is None) == (not wanted)
                assert one is None or key(one) == min(map(key, wanted))
                first = await store.docs.find(filter, sort=sort, skip=1, limit=2).to_list()
                assert [key(document) for document in first] == sorted(map(key, wanted))[1:3]

    in_memory(body)
