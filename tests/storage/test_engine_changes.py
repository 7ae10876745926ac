"""Any sequence of writes leaves the documents that the language makes, and true indexes."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pymongo.errors import BulkWriteError, PyMongoError

from repositories.embedded.match import compile_filter
from repositories.embedded.update import compile_update
from tests.storage.engine import in_memory

NOW = datetime(2025, 1, 1, tzinfo=UTC)

scalars = st.one_of(st.integers(0, 3), st.sampled_from(["a", "b"]), st.none())
values = st.one_of(scalars, st.lists(scalars, max_size=3))
fields = st.sampled_from(["a", "b", "c", "d.x"])
filters = st.dictionaries(
    fields, st.one_of(scalars, st.builds(lambda v: {"$gte": v}, st.integers(0, 3))), max_size=2
)
updates = st.one_of(
    st.builds(lambda f, v: {"$set": {f: v}}, fields, values),
    st.builds(lambda f: {"$unset": {f: ""}}, fields),
    st.builds(lambda f: {"$inc": {f: 1}}, fields),
    st.builds(lambda f, v: {"$push": {f: v}}, fields, scalars),
    st.builds(lambda f, v: {"$pull": {f: v}}, fields, scalars),
)
steps = st.one_of(
    st.tuples(st.just("insert"), st.dictionaries(st.sampled_from("abc"), values, max_size=3)),
    st.tuples(st.just("update_one"), filters, updates),
    st.tuples(st.just("update_many"), filters, updates),
    st.tuples(st.just("delete_one"), filters),
    st.tuples(st.just("delete_many"), filters),
    st.tuples(st.just("abort"), filters, updates),
)
INDEXES: list[tuple[Any, dict[str, Any]]] = [
    ("a", {}),
    ([("b", -1), ("c", 1)], {}),
    ("c", {"sparse": True}),
    ("d.x", {}),
    ([("a", 1), ("d.x", -1)], {"partialFilterExpression": {"b": {"$exists": True}}}),
    ("b", {"unique": True, "partialFilterExpression": {"c": 1}, "name": "taken"}),
]


class Model:
    """The same collection as a list, by the document language alone."""

    def __init__(self) -> None:
        self.documents: list[dict[str, Any]] = []

    def meant(self, filter: dict[str, Any], *, many: bool) -> list[int]:
        """The positions that a write means; one means the first that was inserted."""
        matches = compile_filter(filter)
        found = [n for n, document in enumerate(self.documents) if matches(document)]
        return found if many else found[:1]

    def update(self, filter: dict[str, Any], update: dict[str, Any], *, many: bool) -> None:
        """Change what is meant, or nothing if one change is refused."""
        change = compile_update(update)
        positions = self.meant(filter, many=many)
        changed = [change.apply(self.documents[n], now=NOW) for n in positions]
        for n, document in zip(positions, changed, strict=True):
            self.documents[n] = document

    def delete(self, filter: dict[str, Any], *, many: bool) -> None:
        """Delete what is meant."""
        for n in reversed(self.meant(filter, many=many)):
            del self.documents[n]


async def apply(store, model, number, step):
    """One step on both; a refusal of the store's unique index is a refusal of the model."""
    kind, *arguments = step
    if kind == "insert":
        document = {"_id": number, **arguments[0]}
        await store.docs.insert_one(dict(document))
        model.documents.append(document)
    elif kind == "abort":
        with suppress(BulkWriteError):
            async with store.transaction() as tx:
                await store.docs.update_many(*arguments, session=tx)
                await store.docs.insert_many([{"_id": -1}, {"_id": -1}], session=tx)
    elif kind.startswith("update"):
        # By its `_id`, so that "the first" means the same to an index and to a list.
        filter, update = arguments
        if kind == "update_one":
            meant = model.meant(filter, many=False)
            filter = {"_id": model.documents[meant[0]]["_id"]} if meant else filter
        await getattr(store.docs, kind)(filter, update)
        model.update(filter, update, many=kind == "update_many")
    else:
        filter = arguments[0]
        if kind == "delete_one":
            meant = model.meant(filter, many=False)
            filter = {"_id": model.documents[meant[0]]["_id"]} if meant else filter
        await getattr(store.docs, kind)(filter)
        model.delete(filter, many=kind == "delete_many")


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.lists(steps, min_size=1, max_size=25), st.lists(st.sampled_from(range(6)), max_size=3))
def test_documents_and_indexes_follow_every_write(some_steps, chosen):
    async def body(store):
        model = Model()
        for index in sorted(set(chosen)):
            keys, options = INDEXES[index]
            await store.docs.create_index(keys, **options)
        for number, step in enumerate(some_steps):
            before = list(model.documents)
            try:
                await apply(store, model, number, step)
            except PyMongoError:
                model.documents = before
            assert await store.docs.find().to_list() == model.documents
        assert await store.check() == []

    in_memory(body)
