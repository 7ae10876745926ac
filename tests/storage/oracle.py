"""Random operations on a whole store, and the same ones on mongomock, its oracle.

The stores have indexes, documents come and go, and transactions are kept or undone.
Unlike MongoDB, an `update_many` that is refused half-way leaves nothing half done here
(known difference 64); the oracle is put back then.
"""

import copy
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import mongomock
from hypothesis import strategies as st
from pymongo import ReturnDocument
from pymongo.errors import (
    BulkWriteError,
    OperationFailure,
    PyMongoError,
)

from repositories.embedded import EmbeddedStore
from repositories.embedded.update import upsert_base
from tests.storage.filter_differences import differences_of_filter
from tests.storage.update_differences import differences_of_update

Operation = tuple[str, dict[str, Any]]

#: What mongomock raises where MongoDB refuses: it seldom checks before it tries.
REFUSALS = (PyMongoError, TypeError, ValueError, AttributeError, KeyError, IndexError)

ids = st.integers(0, 9)
numbers = st.integers(0, 4)
letters = st.sampled_from("xyz")
tags = st.lists(st.sampled_from("abc"), max_size=3)
fields: dict[str, st.SearchStrategy] = {
    "n": numbers,
    "s": letters,
    "tags": tags,
    "sub": st.fixed_dictionaries({"k": numbers}),
}
contents = st.fixed_dictionaries({}, optional=fields)
documents = st.fixed_dictionaries({"_id": ids}, optional=fields)

ranges = st.fixed_dictionaries({}, optional={"$gte": numbers, "$lt": numbers}).filter(bool)
conditions = st.one_of(
    st.tuples(st.sampled_from(["n", "sub.k"]), numbers | ranges),
    st.tuples(st.sampled_from(["n", "sub.k"]), st.builds(lambda n: {"$ne": n}, numbers)),
    st.tuples(
        st.sampled_from(["n", "sub.k"]),
        st.builds(
            lambda operator, some: {operator: some},
            st.sampled_from(["$in", "$nin"]),
            st.lists(numbers, max_size=3),
        ),
    ),
    st.tuples(st.just("s"), letters | st.builds(lambda s: {"$in": [s, "x"]}, letters)),
    st.tuples(st.just("s"), st.just({"$regex": "^[xy]"}) | st.just(None)),
    st.tuples(
        st.just("tags"),
        st.sampled_from(["a", "b", {"$in": ["a", "c"]}, {"$all": ["a", "b"]}, {"$size": 2}]),
    ),
    st.tuples(
        st.sampled_from(["n", "s", "tags"]), st.builds(lambda b: {"$exists": b}, st.booleans())
    ),
    st.tuples(st.just("_id"), ids | st.builds(lambda i: {"$in": i}, st.lists(ids, max_size=4))),
)
clauses = st.lists(conditions, max_size=3).map(dict)
filters = st.one_of(
    clauses,
    clauses,
    st.builds(
        lambda both, name, some: {**both, name: some},
        clauses,
        st.sampled_from(["$or", "$and", "$nor"]),
        st.lists(clauses.filter(bool), min_size=1, max_size=3),
    ),
)
changes = st.one_of(
    st.tuples(st.sampled_from(["$set", "$setOnInsert"]), st.just("n"), numbers),
    st.tuples(st.just("$set"), st.just("s"), letters),
    st.tuples(st.just("$set"), st.just("sub.k"), numbers),
    st.tuples(st.just("$set"), st.just("tags"), tags),
    st.tuples(st.just("$inc"), st.sampled_from(["n", "sub.k", "s"]), st.integers(-2, 2)),
    st.tuples(st.sampled_from(["$min", "$max"]), st.just("n"), numbers),
    st.tuples(st.just("$unset"), st.sampled_from(["n", "s", "tags", "sub"]), st.just("")),
    st.tuples(
        st.sampled_from(["$push", "$addToSet", "$pull"]), st.just("tags"), st.sampled_from("abc")
    ),
)


def _as_update(some: list[tuple[str, str, Any]]) -> dict[str, Any]:
    update: dict[str, Any] = {}
    for operator, path, operand in some:
        update.setdefault(operator, {})[path] = operand
    return update


updates = st.lists(
    changes, min_size=1, max_size=3, unique_by=lambda change: change[1].split(".")[0]
).map(_as_update)
directions = st.sampled_from([1, -1])
sorts = st.lists(
    st.tuples(st.sampled_from(["n", "s", "sub.k"]), directions),
    max_size=2,
    unique_by=lambda s: s[0],
).map(lambda some: [*some, ("_id", 1)])
projections = st.sampled_from([None, {"n": 1}, {"s": 1, "_id": 0}, {"tags": 0}, {"sub.k": 1}])

#: Named, so that creating one twice or another of the same name is an operation too.
INDEXES: dict[str, tuple[list[tuple[str, int]], dict[str, Any]]] = {
    "n": ([("n", 1)], {}),
    "n_s": ([("n", 1), ("s", -1)], {}),
    "s_n_id": ([("s", 1), ("n", -1), ("_id", 1)], {}),
    "tags": ([("tags", 1)], {}),
    "tags_n": ([("tags", 1), ("n", 1)], {}),
    "sub": ([("sub.k", -1)], {"sparse": True}),
    "some": ([("s", 1)], {"partialFilterExpression": {"n": {"$gt": 1}}}),
    "unique": ([("s", 1), ("n", 1)], {"unique": True}),
    "unique_some": (
        [("sub.k", 1)],
        {"unique": True, "partialFilterExpression": {"sub.k": {"$exists": True}}},
    ),
}


def operation(name: str, /, **arguments: st.SearchStrategy) -> st.SearchStrategy[Operation]:
    """An operation of a collection with arguments that are drawn."""
    return st.tuples(st.just(name), st.fixed_dictionaries(arguments))


#: Which of several documents an operation on one takes is free; so it is named or sorted.
named = st.builds(lambda _id, more: {**more, "_id": _id}, ids, clauses)
reads = st.one_of(
    operation("find", filter=st.builds(lambda path, some: {path: some},
        st.sampled_from(["n", "sub.k"]), ranges), sort=sorts, skip=st.just(0), limit=st.just(0),
        projection=st.none()),
    operation("find", filter=filters, sort=sorts, skip=st.integers(0, 3), limit=st.integers(0, 4),
        projection=projections),
    operation("count_documents", filter=filters),
    operation("distinct", key=st.sampled_from(["n", "s", "tags", "sub.k"]), filter=filters),
)  # fmt: skip
writes = st.one_of(
    operation("insert_one", document=documents),
    operation("insert_many", documents=st.lists(documents, min_size=1, max_size=4),
        ordered=st.booleans()),
    operation("update_one", filter=named, update=updates, upsert=st.booleans()),
    operation("update_many", filter=filters, update=updates),
    # Not an empty one: mongomock refuses it where the _id is 0 (55).
    operation("replace_one", filter=named, replacement=contents.filter(bool), upsert=st.booleans()),
    operation("find_one_and_update", filter=filters, update=updates, sort=sorts,
        return_document=st.sampled_from([ReturnDocument.BEFORE, ReturnDocument.AFTER])),
    operation("find_one_and_delete", filter=filters, sort=sorts),
    operation("delete_one", filter=named),
    operation("delete_many", filter=filters),
)  # fmt: skip
administration = st.one_of(
    operation("create_index", name=st.sampled_from(sorted(INDEXES))),
    operation("drop_index", name=st.sampled_from(sorted(INDEXES))),
)
transactions = operation(
    "transaction", operations=st.lists(reads | writes, max_size=4), is_undone=st.booleans()
)
whole_documents = st.fixed_dictionaries({"_id": ids, **fields})
#: Begun with a few whole documents: most of what is asked of nothing is answered alike.
operations = st.builds(
    lambda documents, more: [
        ("insert_many", {"documents": documents, "ordered": False}),
        *more,
    ],
    st.lists(whole_documents, min_size=3, max_size=6),
    st.lists(
        st.one_of(reads, writes, writes, writes, administration, transactions),
        min_size=5,
        max_size=25,
    ),
)


class Undone(Exception):
    """Raised in a transaction to have it undone."""


@dataclass(frozen=True)
class Refused:
    """The answer of an operation that was refused, with the places of the documents it was for."""

    places: tuple[int, ...] = ()


def refused_documents(refusal: BulkWriteError) -> Refused:
    """The answer of an insertion of which some documents were refused."""
    return Refused(tuple(error["index"] for error in (refusal.details or {})["writeErrors"]))


def shown(name: str, answer: Any) -> Any:
    """What an answer tells, in a form that both have."""
    if name in ("insert_one", "insert_many"):
        return getattr(answer, "inserted_ids", None) or answer.inserted_id
    if name in ("update_one", "update_many", "replace_one"):
        return answer.matched_count, answer.modified_count, answer.upserted_id
    if name in ("delete_one", "delete_many"):
        return answer.deleted_count
    if name == "distinct":
        return sorted(answer, key=repr)
    return None if name in ("create_index", "drop_index") else answer


class Oracle:
    """The same operations on mongomock."""

    def __init__(self) -> None:
        self.things: Any = mongomock.MongoClient(tz_aware=True).db.things

    def everything(self) -> list[dict[str, Any]]:
        return sorted(self.things.find(), key=lambda document: document["_id"])

    def put_back(self, documents: list[dict[str, Any]]) -> None:
        self.things.delete_many({})
        if documents:
            self.things.insert_many(copy.deepcopy(documents))

    def run(self, name: str, arguments: dict[str, Any]) -> Any:
        before = self.everything()
        try:
            return shown(name, self._run(name, copy.deepcopy(arguments)))
        except BulkWriteError as refusal:
            return refused_documents(refusal)
        except REFUSALS:
            # 54: it leaves the part of an update that came before what it refused.
            self.put_back(before)
            return Refused()

    def _run(self, name: str, arguments: dict[str, Any]) -> Any:
        if name == "find":
            limit, skip, sort = (arguments.pop(part) for part in ("limit", "skip", "sort"))
            return list(self.things.find(**arguments).sort(sort).skip(skip).limit(limit))
        if name == "create_index":
            keys, options = INDEXES[arguments["name"]]
            return self.things.create_index(keys, name=arguments["name"], **options)
        if name == "drop_index":
            return self.things.drop_index(arguments["name"])
        return getattr(self.things, name)(**arguments)

    def known_differences(self, name: str, arguments: dict[str, Any]) -> set[int]:
        """The numbers of what an operation meets on a document there is."""
        if name == "create_index" and arguments["name"] == "unique_some" and self.everything():
            # It looks for duplicates also among documents that a partial index leaves out.
            return {53}
        filter, update = arguments.get("filter", {}), arguments.get("update", {})
        inserted = upsert_base(filter) if arguments.get("upsert") else {}
        met: set[int] = set()
        for document in [*self.everything(), inserted]:
            met |= differences_of_filter(filter, document)
            met |= differences_of_update(update, document)
        return met


async def run_on_store(store: EmbeddedStore, name: str, arguments: dict[str, Any], tx: Any) -> Any:
    things = store["things"]
    arguments = copy.deepcopy(arguments)
    try:
        if name == "find":
            limit, skip, sort = (arguments.pop(part) for part in ("limit", "skip", "sort"))
            cursor = things.find(**arguments, session=tx).sort(sort).skip(skip).limit(limit)
            return await cursor.to_list(None)
        if name == "create_index":
            keys, options = INDEXES[arguments["name"]]
            return shown(name, await things.create_index(keys, name=arguments["name"], **options))
        if name == "drop_index":
            await things.drop_index(arguments["name"])
            return None
        return shown(name, await getattr(things, name)(**arguments, session=tx))
    except BulkWriteError as refusal:
        return refused_documents(refusal)
    except OperationFailure:
        return Refused()


@dataclass
class Compared:
    """How many operations were compared, and which were left out, by their known difference."""

    operations: int = 0
    left_out: Counter[int] = field(default_factory=Counter)

    def takes(self, oracle: Oracle, name: str, arguments: dict[str, Any]) -> bool:
        """Count an operation; whether both have to answer the same."""
        met = oracle.known_differences(name, arguments)
        self.left_out.update(met)
        self.operations += not met
        return not met


async def run_both(
    store: EmbeddedStore, oracle: Oracle, operations: list[Operation], compared: Compared
) -> None:
    """Both run the operations, and have to answer and to keep the same after each."""
    for name, arguments in operations:
        if name == "transaction":
            await _run_transaction(store, oracle, compared, **arguments)
        elif compared.takes(oracle, name, arguments):
            ours = await run_on_store(store, name, arguments, None)
            assert ours == oracle.run(name, arguments), (name, arguments)
        stored = await store["things"].find().sort("_id", 1).to_list(None)
        assert stored == oracle.everything(), (name, arguments)


async def _run_transaction(
    store: EmbeddedStore,
    oracle: Oracle,
    compared: Compared,
    operations: list[Operation],
    is_undone: bool,
) -> None:
    """Both run the operations; one that is refused ends the transaction, with all it did."""
    before = oracle.everything()
    try:
        async with store.transaction() as tx:
            was_refused = await _run_all(store, oracle, compared, operations, tx)
            if was_refused or is_undone:
                raise Undone  # noqa: TRY301 - as a service would, out of the block
    except Undone:
        oracle.put_back(before)


async def _run_all(
    store: EmbeddedStore, oracle: Oracle, compared: Compared, operations: list[Operation], tx: Any
) -> bool:
    """Run operations until one is refused; whether one was."""
    for name, arguments in operations:
        if not compared.takes(oracle, name, arguments):
            continue
        ours = await run_on_store(store, name, arguments, tx)
        assert ours == oracle.run(name, arguments), (name, arguments)
        if isinstance(ours, Refused):
            return True
    return False


async def compare_stores(operations: list[Operation], compared: Compared) -> None:
    """Run operations on a new store and a new oracle. Raises AssertionError where they differ."""
    store, oracle = EmbeddedStore.in_memory(), Oracle()
    try:
        await run_both(store, oracle, operations, compared)
        assert await store.check() == []
    finally:
        await store.close()
