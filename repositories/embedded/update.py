"""Updates: from one document to the next.

`compile_update` checks an update once; `Update.apply` makes a new document, which shares
with the old one what did not change.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from repositories.embedded.conditions import REGEXES, is_operators
from repositories.embedded.modifiers import OPERATORS, REMOVING, Modifier, compile_modifier
from repositories.embedded.paths import as_index, split
from repositories.embedded.refusals import (
    CONFLICTING_UPDATE_OPERATORS,
    DOLLAR_PREFIXED_FIELD_NAME,
    EMPTY_FIELD_NAME,
    FAILED_TO_PARSE,
    IMMUTABLE_FIELD,
    NOT_SINGLE_VALUE_FIELD,
    PATH_NOT_VIABLE,
    unsupported,
    write_refused,
)
from repositories.embedded.values import MISSING, equal

Document = dict[str, Any]
Path = tuple[str, ...]

#: MongoDB fills an array with nulls up to a new index, but not with more than this.
_MOST_FILLED = 1_500_000


class _Change(NamedTuple):
    """One operator on one field."""

    operator: str
    parts: Path
    modifier: Modifier


class _Step(NamedTuple):
    """What happens at the end of a path; `creates` makes the way to it where it is missing."""

    modifier: Modifier
    now: datetime
    creates: bool


class Update:
    """A checked update document.

    `needs_array_position` tells whether it has the positional `$`, `fields` are the names
    of the top-level fields that it can change.
    """

    __slots__ = ("_changes", "fields", "needs_array_position")

    def __init__(self, changes: Sequence[_Change]) -> None:
        self._changes = changes
        self.needs_array_position = any("$" in change.parts for change in changes)
        self.fields = frozenset(change.parts[0] for change in changes)

    def apply(
        self,
        doc: Mapping[str, Any],
        *,
        now: datetime,
        inserting: bool = False,
        array_position: int | None = None,
    ) -> Document:
        """The document that `doc` becomes; `doc` stays as it is.

        `now` is what `$currentDate` sets, `inserting` tells whether `$setOnInsert` counts,
        `array_position` is what the positional `$` stands for.
        Raises `WriteError` where a value forbids its operator, and 66 for another `_id`.
        """
        changes = self._changes
        if self.needs_array_position:
            changes = _with_position(changes, array_position)
        result = dict(doc)
        for operator, parts, modifier in changes:
            if operator == "$setOnInsert" and not inserting:
                continue
            _apply_at_root(result, parts, _Step(modifier, now, operator not in REMOVING))
        if "_id" in self.fields:
            _refuse_other_id(doc, result)
        return result


class Replacement:
    """A whole document in place of another, which keeps its `_id`."""

    __slots__ = ("_doc",)

    needs_array_position = False

    def __init__(self, doc: Mapping[str, Any]) -> None:
        self._doc = doc

    def apply(
        self,
        doc: Mapping[str, Any],
        *,
        now: datetime,  # noqa: ARG002 - the same call as `Update.apply`
        inserting: bool = False,  # noqa: ARG002
        array_position: int | None = None,  # noqa: ARG002
    ) -> Document:
        """The new document, with the `_id` of `doc`; raises `WriteError` 66 for another."""
        result = {"_id": doc["_id"], **self._doc} if "_id" in doc else dict(self._doc)
        _refuse_other_id(doc, result)
        return result


def compile_update(update: Mapping[str, Any]) -> Update:
    """The update that a document of operators states.

    Raises `ValueError` like PyMongo for one without operators, `OperationFailure` for what
    is malformed, not supported (by name), or in conflict with itself (40).
    """
    if isinstance(update, list):
        raise unsupported("an aggregation pipeline as an update", FAILED_TO_PARSE)
    if not isinstance(update, Mapping):
        raise TypeError(f"update must be a mapping of operators, not {update!r}")
    if not update:
        raise ValueError("update cannot be empty")
    if not next(iter(update)).startswith("$"):
        raise ValueError("update only works with $ operators")
    changes = [
        _Change(operator, _checked_path(path), compile_modifier(operator, path, operand))
        for operator, fields in update.items()
        for path, operand in _fields_of(operator, fields).items()
    ]
    if len(changes) > 1:
        # MongoDB applies the fields in this order, which new fields show.
        changes.sort(key=lambda change: change.parts)
        _refuse_conflicts(changes)
    return Update(changes)


def compile_replacement(doc: Mapping[str, Any]) -> Replacement:
    """The replacement by `doc`; raises `ValueError` like PyMongo if it has operators."""
    if not isinstance(doc, Mapping):
        raise TypeError(f"replacement must be a document, not {doc!r}")
    if doc and next(iter(doc)).startswith("$"):
        raise ValueError("replacement can not include $ operators")
    return Replacement(doc)


def _fields_of(operator: str, fields: Any) -> Mapping[str, Any]:
    if operator not in OPERATORS:
        if not operator.startswith("$"):
            raise write_refused(f"Unknown modifier: {operator}", FAILED_TO_PARSE)
        raise unsupported(operator, FAILED_TO_PARSE)
    if not isinstance(fields, Mapping):
        raise write_refused(
            f"Modifiers operate on fields but {operator} has {fields!r} instead. "
            f"For example: {{{operator}: {{<field>: ...}}}}",
            FAILED_TO_PARSE,
        )
    return fields


def _checked_path(path: str) -> Path:
    parts = split(path)
    if not all(parts):
        raise write_refused(
            f"The update path '{path}' contains an empty field name, which is not allowed.",
            EMPTY_FIELD_NAME,
        )
    for place, part in enumerate(parts):
        if part.startswith("$["):
            raise unsupported(f"{part} in an update path ('{path}')")
        if part == "$" and place:
            continue
        if part.startswith("$"):
            raise write_refused(
                f"The dollar ($) prefixed field '{part}' in '{path}' is not allowed.",
                DOLLAR_PREFIXED_FIELD_NAME,
            )
    if parts.count("$") > 1:
        raise write_refused(f"Too many positional (i.e. '$') elements found in path '{path}'")
    return parts


def _refuse_conflicts(changes: Sequence[_Change]) -> None:
    """Refuse two changes of one field or of a field and its parent; they come in order."""
    seen: set[Path] = set()
    for _, parts, _ in changes:
        for length in range(1, len(parts) + 1):
            if parts[:length] in seen:
                raise write_refused(
                    f"Updating the path '{'.'.join(parts)}' would create a conflict at "
                    f"'{'.'.join(parts[:length])}'",
                    CONFLICTING_UPDATE_OPERATORS,
                )
        seen.add(parts)


def _with_position(changes: Sequence[_Change], position: int | None) -> list[_Change]:
    if position is None:
        raise write_refused(
            "The positional operator did not find the match needed from the query. "
            "The filter has to have a condition on the array."
        )
    placed = [
        change._replace(parts=tuple(str(position) if p == "$" else p for p in change.parts))
        for change in changes
    ]
    placed.sort(key=lambda change: change.parts)
    _refuse_conflicts(placed)
    return placed


def _refuse_other_id(before: Mapping[str, Any], after: Document) -> None:
    old, new = before.get("_id", MISSING), after.get("_id", MISSING)
    if old is not MISSING and (new is MISSING or not equal(old, new)):
        raise write_refused(
            "Performing an update on the path '_id' would modify the immutable field '_id'",
            IMMUTABLE_FIELD,
        )


def _apply_at_root(root: Document, parts: Path, step: _Step) -> None:
    name = parts[0]
    value = _rewritten(root.get(name, MISSING), parts, 1, step)
    if value is not MISSING:
        root[name] = value
    else:
        root.pop(name, None)


def _rewritten(node: Any, parts: Path, depth: int, step: _Step) -> Any:
    """`node` with the modifier applied at the rest of the path, copied only on the way."""
    if depth == len(parts):
        return step.modifier(node, step.now)
    if node is MISSING and step.creates:
        node = {}
    if isinstance(node, Mapping):
        return _rewritten_object(node, parts, depth, step)
    if isinstance(node, (list, tuple)):
        return _rewritten_array(node, parts, depth, step)
    if step.creates:
        raise write_refused(
            f"Cannot create field '{parts[depth]}' in element {{{parts[depth - 1]}: {node!r}}}",
            PATH_NOT_VIABLE,
        )
    return node


def _rewritten_object(node: Mapping[str, Any], parts: Path, depth: int, step: _Step) -> Any:
    name = parts[depth]
    old = node.get(name, MISSING)
    new = _rewritten(old, parts, depth + 1, step)
    if new is MISSING:
        return {k: v for k, v in node.items() if k != name} if old is not MISSING else node
    return {**node, name: new}


def _rewritten_array(node: Sequence[Any], parts: Path, depth: int, step: _Step) -> Any:
    index = as_index(parts[depth])
    if index is None:
        if not step.creates:
            return node
        raise write_refused(
            f"Cannot create field '{parts[depth]}' in element {{{parts[depth - 1]}: {node!r}}}",
            PATH_NOT_VIABLE,
        )
    old = node[index] if index < len(node) else MISSING
    new = _rewritten(old, parts, depth + 1, step)
    if new is MISSING:
        if old is MISSING:
            return node
        new = None  # $unset keeps the places of the other elements
    if index - len(node) > _MOST_FILLED:
        raise write_refused(f"can't backfill more than {_MOST_FILLED} elements: {'.'.join(parts)}")
    copy = list(node) + [None] * (index + 1 - len(node))
    copy[index] = new
    return copy


def upsert_base(filter: Mapping[str, Any]) -> Document:
    """The document that an upsert begins with: what the filter says by equality.

    Raises `WriteError` 54 when the filter names a field twice.
    """
    base: Document = {}
    seen: set[Path] = set()
    for path, value in _equalities(filter):
        parts = split(path)
        if any(parts[: len(other)] == other or other[: len(parts)] == parts for other in seen):
            raise write_refused(
                f"cannot infer query fields to set, path '{path}' is matched twice",
                NOT_SINGLE_VALUE_FIELD,
            )
        seen.add(parts)
        _apply_at_root(base, parts, _Step(_constant(value), datetime.min, creates=True))
    return base


def _constant(value: Any) -> Modifier:
    return lambda _old, _now: value


def _equalities(filter: Mapping[str, Any]) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, operand in filter.items():
        if name == "$and" or (name == "$or" and len(operand) == 1):
            for branch in operand:
                found += _equalities(branch)
        elif name.startswith("$"):
            continue
        elif not is_operators(operand):
            if not isinstance(operand, REGEXES):
                found.append((name, operand))
        elif "$eq" in operand:
            found.append((name, operand["$eq"]))
        elif len(operand.get("$all", ())) == 1 and not is_operators(operand["$all"][0]):
            found.append((name, operand["$all"][0]))
    return found
