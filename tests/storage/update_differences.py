"""Where mongomock updates otherwise than MongoDB's manual, and the embedded store with it.

Each difference has a number, a sentence, the cases it is limited to, and an example that
`test_language_oracle` runs on both. The random tests leave out these cases and no others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from repositories.embedded.conditions import is_operators
from repositories.embedded.paths import as_index, split
from repositories.embedded.values import MISSING, equal
from tests.storage.filter_differences import Document, differences_of_filter, meets, parts_of


class Change(NamedTuple):
    """One operator of an update on one path, and the document it is applied to."""

    path: str
    operator: str
    operand: Any
    doc: Document

    @property
    def old(self) -> Any:
        """The value that the operator meets, by the way an update takes."""
        node: Any = self.doc
        for part in split(self.path):
            if isinstance(node, dict):
                node = node.get(part, MISSING)
            elif isinstance(node, list) and (index := as_index(part)) is not None:
                node = node[index] if index < len(node) else MISSING
            else:
                return MISSING
        return node


def _into_plain_value(change: Change) -> bool:
    node: Any = change.doc
    for part in split(change.path)[:-1]:
        node = node.get(part, MISSING) if isinstance(node, dict) else MISSING
        if not isinstance(node, (dict, list)) and node is not MISSING:
            return True
    return False


def _into_array(change: Change) -> bool:
    *way, _ = split(change.path)
    ways = way if change.operator == "$set" else split(change.path)
    return meets(change.doc, ways, lambda node, _: isinstance(node, list))


def _python_disagrees(change: Change) -> bool:
    """Whether Python compares values otherwise than BSON, where the operator compares."""
    if change.operator not in ("$addToSet", "$pull", "$pullAll"):
        return False
    pairs = [
        (a, b)
        for a in parts_of(change.old)
        for b in (*parts_of(change.operand), *parts_of(change.old))
    ]
    return any(a is not MISSING and b is not MISSING and (a == b) != equal(a, b) for a, b in pairs)


def _no_array(change: Change) -> bool:
    return (
        change.operator in ("$addToSet", "$pull", "$pullAll")
        and change.old is not MISSING
        and not isinstance(change.old, list)
    )


def _repeated_each(change: Change) -> bool:
    if change.operator != "$addToSet" or not is_operators(change.operand):
        return False
    added = change.operand["$each"]
    return any(value in added[:place] or value != value for place, value in enumerate(added))


def _plain_or_nested_element(change: Change) -> bool:
    return (
        change.operator == "$pull"
        and isinstance(change.operand, dict)
        and isinstance(change.old, list)
        and any(not isinstance(element, dict) for element in change.old)
    )


def _filter_of_pull(change: Change) -> bool:
    if change.operator != "$pull" or not isinstance(change.operand, dict):
        return False
    array = change.old if isinstance(change.old, list) else []
    on_values = is_operators(change.operand)
    return any(
        differences_of_filter({"field": change.operand} if on_values else change.operand, doc)
        for element in array
        for doc in ({"field": element}, element)
        if isinstance(doc, dict)
    )


def _other_type(change: Change) -> bool:
    return (
        change.operator in ("$min", "$max")
        and (_is_unordered(change.operand) or change.old is not MISSING)
        and (type(change.old) is not type(change.operand) or _is_unordered(change.operand))
    )


def _is_unordered(value: Any) -> bool:
    return value is None or isinstance(value, (dict, list)) or value != value


@dataclass(frozen=True)
class UpdateDifference:
    """One way in which mongomock updates otherwise, with a case that shows it.

    `ours` and `mongomock` are the documents after it, None where it is refused.
    """

    sentence: str
    applies: Callable[[Change], bool]
    update: dict[str, Any]
    doc: dict[str, Any]
    ours: dict[str, Any] | None
    mongomock: dict[str, Any] | None


UPDATE_DIFFERENCES: dict[int, UpdateDifference] = {
    21: UpdateDifference(
        "A path through a plain value changes nothing instead of being refused.",
        _into_plain_value,
        {"$set": {"a.b": 1}},
        {"a": 5},
        None,
        {"a": 5},
    ),
    22: UpdateDifference(
        "Operators but $set do not reach an element of an array by its index, nor any inside it.",
        _into_array,
        {"$unset": {"a.0": 1}},
        {"a": [1, 2]},
        {"a": [None, 2]},
        {"a": [1, 2]},
    ),
    23: UpdateDifference(
        "$addToSet, $pull and $pullAll compare as Python does: true is 1, in any field order.",
        _python_disagrees,
        {"$addToSet": {"a": True}},
        {"a": [1]},
        {"a": [1, True]},
        {"a": [1]},
    ),
    24: UpdateDifference(
        "$pull, and $addToSet where Python's `in` works, take what is no array.",
        _no_array,
        {"$pull": {"a": 1}},
        {"a": 5},
        None,
        {"a": 5},
    ),
    25: UpdateDifference(
        "$addToSet does not compare the values of $each with each other.",
        _repeated_each,
        {"$addToSet": {"a": {"$each": [1, 1]}}},
        {"a": []},
        {"a": [1]},
        {"a": [1, 1]},
    ),
    26: UpdateDifference(
        "$pull asks a filter on objects of plain elements too.",
        _plain_or_nested_element,
        {"$pull": {"a": {"b": {"$ne": 1}}}},
        {"a": [5]},
        {"a": [5]},
        {"a": []},
    ),
    27: UpdateDifference(
        "The filter of a $pull has the differences of all filters.",
        _filter_of_pull,
        {"$pull": {"a": {"b": {"$size": 1}}}},
        {"a": [{"b": {"x": 1}}]},
        {"a": [{"b": {"x": 1}}]},
        {"a": []},
    ),
    28: UpdateDifference(
        "$min and $max compare as Python does, and fail across most types.",
        _other_type,
        {"$max": {"a": "x"}},
        {"a": 5},
        {"a": "x"},
        None,
    ),
    29: UpdateDifference(
        "$pop of a missing field fails instead of changing nothing.",
        lambda change: change.operator == "$pop" and change.old is MISSING,
        {"$pop": {"a": 1}},
        {"b": 1},
        {"b": 1},
        None,
    ),
    30: UpdateDifference(
        "$inc takes a boolean for a number.",
        lambda change: change.operator == "$inc" and isinstance(change.old, bool),
        {"$inc": {"a": 1}},
        {"a": True},
        None,
        {"a": 2},
    ),
    31: UpdateDifference(
        "$pullAll makes the way to a missing field.",
        lambda change: (
            change.operator == "$pullAll" and "." in change.path and change.old is MISSING
        ),
        {"$pullAll": {"a.b": [1]}},
        {},
        {},
        {"a": {}},
    ),
}


def differences_of_update(update: Mapping[str, Any], doc: Document) -> set[int]:
    """The numbers of the known differences that an update of a document can meet."""
    return {
        number
        for operator, fields in update.items()
        for path, operand in fields.items()
        for number, difference in UPDATE_DIFFERENCES.items()
        if difference.applies(Change(path, operator, operand, doc))
    }
