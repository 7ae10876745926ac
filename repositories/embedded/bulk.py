"""Several writes in one call: each by itself, with one answer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import apsw
from bson.objectid import ObjectId
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure

from repositories.embedded import inserting, writing
from repositories.embedded.reading import Query
from repositories.embedded.refusals import unsupported
from repositories.embedded.update import compile_replacement, compile_update
from repositories.embedded.view import TooHeavy, WriteView

MakeQuery = Callable[..., Query]


@dataclass(slots=True)
class Step:
    """One write. `kind` is the count of the answer that it adds to; `op` is for errors."""

    kind: str
    op: Mapping[str, Any]
    run: Callable[[WriteView], Any]


def insertion(name: str, document: dict[str, Any]) -> Step:
    """The step that keeps a document."""
    return Step("insert", document, lambda view: writing.insert(view, name, document))


def steps_of(
    name: str, requests: Sequence[Any], make_query: MakeQuery, now: datetime
) -> list[Step]:
    """The steps that PyMongo's operation objects stand for.

    Raises TypeError for anything else, OperationFailure naming an option that is not
    supported, and what the compilation of their filters and updates raises.
    """
    if not isinstance(requests, Sequence):
        raise TypeError("requests must be a list")
    if not requests:
        raise ValueError("No operations to execute")
    recorder = _Recorder(name, make_query, now)
    for request in requests:
        try:
            add = request._add_to_bulk
        except AttributeError:
            raise TypeError(f"{request!r} is not a valid request") from None
        add(recorder)
    return recorder.steps


class _Recorder:
    """What PyMongo's operation objects describe themselves to."""

    def __init__(self, name: str, make_query: MakeQuery, now: datetime):
        self._name = name
        self._make_query = make_query
        self._now = now
        self.steps: list[Step] = []

    def add_insert(self, document: dict[str, Any]) -> None:
        if "_id" not in document:
            document["_id"] = ObjectId()
        self.steps.append(insertion(self._name, document))

    def add_update(
        self, filter: Any, update: Any, multi: bool, upsert: bool | None, **options: Any
    ) -> None:
        query = self._query("update_many" if multi else "update_one", filter, options)
        change, now = compile_update(update), self._now
        write = writing.update_many if multi else writing.update_one
        self._add_change(
            {"q": filter, "u": update, "multi": multi, "upsert": bool(upsert)},
            lambda view: write(view, query, change, now=now, upsert=bool(upsert)),
        )

    def add_replace(
        self, filter: Any, replacement: Any, upsert: bool | None, **options: Any
    ) -> None:
        query = self._query("replace_one", filter, options)
        change, now = compile_replacement(replacement), self._now
        self._add_change(
            {"q": filter, "u": replacement, "multi": False, "upsert": bool(upsert)},
            lambda view: writing.update_one(view, query, change, now=now, upsert=bool(upsert)),
        )

    def add_delete(self, filter: Any, limit: int, **options: Any) -> None:
        query = self._query("delete_one" if limit else "delete_many", filter, options)
        if limit:

            def run(view: WriteView) -> int:
                return int(writing.delete_one(view, query) is not None)

        else:

            def run(view: WriteView) -> int:
                return writing.delete_many(view, query)

        self.steps.append(Step("delete", {"q": filter, "limit": limit}, run))

    def _add_change(self, op: Mapping[str, Any], run: Callable[[WriteView], Any]) -> None:
        self.steps.append(Step("update", op, run))

    def _query(self, operation: str, filter: Any, options: dict[str, Any]) -> Query:
        sort = options.pop("sort", None)
        for option, value in options.items():
            if value is not None:
                raise unsupported(f"{option} in bulk_write")
        return self._make_query(operation, filter, sort=sort)


def run(
    view: WriteView, steps: Sequence[Step], *, ordered: bool, in_transaction: bool
) -> dict[str, Any]:
    """Run the steps, and answer their counts and errors as MongoDB does.

    Raises BulkWriteError for errors in a transaction, which they abort; elsewhere what was
    done stays, and the errors are for `raise_errors`, after the commit.
    """
    answer = _nothing_done()
    view.connection.execute("SAVEPOINT steps")
    try:
        _run_steps(view, steps, answer, ordered=ordered)
    except TooHeavy:
        # A later step may find that out; the worker begins with the first again.
        view.undo("steps")
        raise
    view.connection.execute("RELEASE steps")
    if answer["writeErrors"] and in_transaction:
        raise BulkWriteError(answer)
    return answer


def insert_all(
    view: WriteView,
    name: str,
    documents: Sequence[dict[str, Any]],
    *,
    ordered: bool,
    in_transaction: bool,
) -> dict[str, Any]:
    """Keep documents, and answer, or raise, as `run` does with an insertion for each."""
    view.connection.execute("SAVEPOINT documents")
    try:
        inserting.insert_together(view, name, documents)
    except (apsw.ConstraintError, OperationFailure):
        # One by one, to keep those that can be kept and to tell which cannot.
        view.undo("documents")
        steps = [insertion(name, document) for document in documents]
        return run(view, steps, ordered=ordered, in_transaction=in_transaction)
    view.connection.execute("RELEASE documents")
    return {**_nothing_done(), "nInserted": len(documents)}


def _nothing_done() -> dict[str, Any]:
    return {
        "writeErrors": [],
        "writeConcernErrors": [],
        "nInserted": 0,
        "nUpserted": 0,
        "nMatched": 0,
        "nModified": 0,
        "nRemoved": 0,
        "upserted": [],
    }


def _run_steps(
    view: WriteView, steps: Sequence[Step], answer: dict[str, Any], *, ordered: bool
) -> None:
    for number, step in enumerate(steps):
        view.connection.execute("SAVEPOINT step")
        try:
            _count(answer, number, step, step.run(view))
        except OperationFailure as problem:
            view.undo("step")
            answer["writeErrors"].append(_write_error(number, step, problem))
            if ordered:
                break
        else:
            view.connection.execute("RELEASE step")


def raise_errors(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer, or BulkWriteError when it has errors."""
    if answer["writeErrors"]:
        raise BulkWriteError(answer)
    return answer


def _count(answer: dict[str, Any], number: int, step: Step, result: Any) -> None:
    if step.kind == "insert":
        answer["nInserted"] += 1
    elif step.kind == "delete":
        answer["nRemoved"] += result
    else:
        answer["nMatched"] += result.matched
        answer["nModified"] += result.modified
        if result.did_upsert:
            answer["nUpserted"] += 1
            answer["upserted"].append({"index": number, "_id": result.upserted_id})


def _write_error(number: int, step: Step, problem: OperationFailure) -> dict[str, Any]:
    error = {"index": number, "code": problem.code, "errmsg": str(problem), "op": step.op}
    if isinstance(problem, DuplicateKeyError) and problem.details is not None:
        error["errmsg"] = problem.details["errmsg"]
        error["keyPattern"] = problem.details["keyPattern"]
        error["keyValue"] = problem.details["keyValue"]
    return error
