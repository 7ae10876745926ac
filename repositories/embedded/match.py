"""Filters: which documents a query means.

`compile_filter` turns a filter into a function once; what is not supported is refused
there, by name, and never answered wrongly.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bson.decimal128 import Decimal128
from bson.objectid import ObjectId

from repositories.embedded.conditions import (
    ARRAYS,
    Condition,
    compile_operand,
    one_position,
)
from repositories.embedded.paths import Leaf, leaves, split
from repositories.embedded.refusals import refused, unsupported
from repositories.embedded.values import MISSING, equal

Document = Mapping[str, Any]
Clause = Callable[[Document], bool]

_LOGICAL = ("$and", "$or", "$nor")


class Matcher:
    """Whether a document meets a filter."""

    __slots__ = ("_clauses", "filter")

    def __init__(self, filter: Mapping[str, Any], clauses: Sequence[Clause]) -> None:
        self.filter = filter
        self._clauses = clauses

    def __call__(self, doc: Document) -> bool:
        for clause in self._clauses:  # noqa: SIM110 - all() of a generator takes twice as long
            if not clause(doc):
                return False
        return True

    def array_position(self, doc: Document) -> int | None:
        """The array index that `$` in an update means for a document that matches.

        None when the filter has no condition on an array. Raises `OperationFailure` when
        its conditions met different elements.
        """
        return one_position(_position(name, operand, doc) for name, operand in self.filter.items())


def compile_filter(filter: Mapping[str, Any]) -> Matcher:
    """The matcher of a filter in MongoDB's query language.

    Raises `TypeError` when it is no mapping, and `OperationFailure` (2 or 9) with the name
    of what is malformed or not supported.
    """
    if not isinstance(filter, Mapping):
        raise TypeError(f"filter must be a mapping of field names to conditions, not {filter!r}")
    return Matcher(filter, [_compile_clause(name, operand) for name, operand in filter.items()])


def _compile_clause(name: str, operand: Any) -> Clause:
    kind = type(operand)
    if name[:1] == "$":
        return _compile_logical(name, operand)
    if "." in name:
        return _dotted_clause(name, compile_operand(operand))
    if kind is str or kind is ObjectId:
        return _plain_equality(name, operand)
    if kind is int:
        return _int_equality(name, operand)
    return _field_clause(name, compile_operand(operand))


def _plain_equality(name: str, expected: Any) -> Clause:
    """Equality with a value that equals nothing of another type."""

    def clause(doc: Document) -> bool:
        value = doc.get(name)
        return value == expected or (isinstance(value, ARRAYS) and expected in value)

    return clause


def _int_equality(name: str, expected: int) -> Clause:
    def test(value: Any) -> bool:
        if type(value) is Decimal128:
            return equal(value, expected)
        return value == expected and type(value) is not bool

    def clause(doc: Document) -> bool:
        value = doc.get(name)
        return test(value) or (isinstance(value, ARRAYS) and any(map(test, value)))

    return clause


def _field_clause(name: str, condition: Condition) -> Clause:
    holds = condition.holds
    return lambda doc: holds((Leaf(doc.get(name, MISSING), None, True),))


def _dotted_clause(path: str, condition: Condition) -> Clause:
    parts = split(path)
    holds = condition.holds

    def clause(doc: Document) -> bool:
        node: Any = doc
        for part in parts:
            if isinstance(node, dict):
                node = node.get(part, MISSING)
            elif isinstance(node, ARRAYS):
                return holds(list(leaves(doc, parts)))
            else:
                node = MISSING
                break
        return holds((Leaf(node, None, True),))

    return clause


def _compile_logical(operator: str, operand: Any) -> Clause:
    matchers = [compile_filter(branch) for branch in _branches(operator, operand)]
    if operator == "$and":
        return lambda doc: all(matcher(doc) for matcher in matchers)
    if operator == "$or":
        return lambda doc: any(matcher(doc) for matcher in matchers)
    return lambda doc: not any(matcher(doc) for matcher in matchers)


def _branches(operator: str, operand: Any) -> Sequence[Mapping[str, Any]]:
    if operator not in _LOGICAL:
        raise unsupported(operator)
    if not isinstance(operand, ARRAYS) or not operand:
        raise refused(f"{operator} must be a nonempty array")
    for branch in operand:
        if not isinstance(branch, Mapping):
            raise refused(f"{operator} entries need to be full objects")
    return operand


def _position(name: str, operand: Any, doc: Document) -> int | None:
    if not name.startswith("$"):
        return compile_operand(operand).position(list(leaves(doc, split(name))))
    if name == "$nor":
        return None
    matching = [matcher for matcher in map(compile_filter, operand) if matcher(doc)]
    if name == "$or":
        return matching[0].array_position(doc)
    return one_position(matcher.array_position(doc) for matcher in matching)
