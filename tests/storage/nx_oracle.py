"""Random operations on a store and on nx-27017, an independent server, over the wire.

Only what nx-27017 does as MongoDB's manual says (`tests/storage/contract/differences.py` has the
rest): every document has every field, and nothing is a transaction, a pattern, a projected path or
an index.
"""

import copy
from typing import Any

from hypothesis import strategies as st
from pymongo.collection import Collection as WireCollection
from pymongo.errors import BulkWriteError, OperationFailure

from repositories.embedded import EmbeddedStore
from tests.storage.oracle import (
    Operation,
    Refused,
    ids,
    letters,
    numbers,
    operation,
    refused_documents,
    run_on_store,
    shown,
)

#: What is left out here, by the numbers of docs/known-differences.md.
LEFT_OUT = (101, 102, 104, 105, 106, 107, 108, 111, 112, 113, 114, 115, 116, 117, 118)

_contents = {"n": numbers, "s": letters, "sub": st.fixed_dictionaries({"k": numbers})}
_documents = st.fixed_dictionaries({"_id": ids, **_contents})
_ranges = st.fixed_dictionaries({}, optional={"$gte": numbers, "$lt": numbers}).filter(bool)
_conditions = st.one_of(
    st.tuples(st.sampled_from(["n", "sub.k"]), numbers | _ranges),
    st.tuples(
        st.sampled_from(["n", "sub.k"]),
        st.builds(
            lambda name, some: {name: some},
            st.sampled_from(["$in", "$nin"]),
            st.lists(numbers, min_size=1, max_size=3),
        ),
    ),
    st.tuples(st.just("n"), st.builds(lambda n: {"$ne": n}, numbers)),
    st.tuples(st.just("s"), letters),
    st.tuples(st.just("_id"), ids | st.builds(lambda i: {"$in": i}, st.lists(ids, min_size=1))),
)
_clauses = st.lists(_conditions, max_size=3).map(dict)
_filters = st.one_of(
    _clauses,
    st.builds(
        lambda both, name, some: {**both, name: some},
        _clauses,
        st.sampled_from(["$or", "$and"]),
        st.lists(_clauses.filter(bool), min_size=1, max_size=3),
    ),
)
#: 118: a write by $in may miss.
_written = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["n", "sub.k"]), numbers | _ranges),
        st.tuples(st.just("n"), st.builds(lambda n: {"$ne": n}, numbers)),
        st.tuples(st.just("s"), letters),
        st.tuples(st.just("_id"), ids),
    ),
    max_size=3,
).map(dict)
_updates = st.one_of(
    st.builds(lambda n, s: {"$set": {"n": n, "s": s}}, numbers, letters),
    st.builds(lambda k: {"$set": {"sub.k": k}}, numbers),
    st.builds(lambda by, s: {"$inc": {"n": by}, "$set": {"s": s}}, st.integers(-2, 2), letters),
)
_named = st.builds(lambda _id, more: {**more, "_id": _id}, ids, _written)
_sorts = st.lists(
    st.tuples(st.sampled_from(["n", "s", "sub.k"]), st.sampled_from([1, -1])),
    max_size=2,
    unique_by=lambda each: each[0],
).map(lambda some: [*some, ("_id", 1)])

#: Operations on one collection, most of them writes.
operations = st.lists(
    st.one_of(
        operation("find", filter=_filters, sort=_sorts, skip=st.integers(0, 3),
            limit=st.integers(0, 4)),
        operation("count_documents", filter=_filters),
        operation("insert_one", document=_documents),
        operation("insert_many", documents=st.lists(_documents, min_size=1, max_size=4),
            ordered=st.just(True)),
        operation("update_one", filter=_named, update=_updates),
        operation("update_many", filter=_written, update=_updates),
        operation("delete_one", filter=_named),
        operation("delete_many", filter=_written),
    ),
    min_size=5,
    max_size=25,
)  # fmt: skip


def run_on_wire(things: WireCollection, name: str, arguments: dict[str, Any]) -> Any:
    """What the server answers, in the form of `oracle.run_on_store`."""
    arguments = copy.deepcopy(arguments)
    try:
        if name == "find":
            limit, skip, sort = (arguments.pop(part) for part in ("limit", "skip", "sort"))
            return list(things.find(**arguments).sort(sort).skip(skip).limit(limit))
        return shown(name, getattr(things, name)(**arguments))
    except BulkWriteError as refusal:
        return refused_documents(refusal)
    except OperationFailure:
        return Refused()


async def compare_on_wire(things: WireCollection, given: list[Operation]) -> None:
    """Run operations on a new store and an emptied collection. Raises AssertionError."""
    things.delete_many({})
    store = EmbeddedStore.in_memory()
    try:
        for name, arguments in given:
            ours = await run_on_store(store, name, arguments, None)
            assert ours == run_on_wire(things, name, arguments), (name, arguments)
        stored = await store["things"].find().sort("_id", 1).to_list(None)
        assert stored == list(things.find().sort("_id", 1))
    finally:
        await store.close()
