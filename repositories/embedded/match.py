"""Filters: which documents a query means.

`compile_filter` turns a filter into a function once; what is not supported is refused
there, by name, and never answered wrongly. Source: MongoDB manual, "Query Documents".
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bson.dbref import DBRef
from bson.decimal128 import Decimal128
from bson.objectid import ObjectId

from repositories.embedded.conditions import (
    ARRAYS,
    REGEXES,
    AllOf,
    AnyArray,
    AnyOf,
    Condition,
    Not,
    Test,
    is_operators,
    one_position,
)
from repositories.embedded.operators import (
    VALUE_OPERATORS,
    equality_test,
    regex_test,
)
from repositories.embedded.paths import leaves, split
from repositories.embedded.refusals import refused, unsupported
from repositories.embedded.values import MISSING, as_mapping, equal

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

    Raises `TypeError` when it is no mapping, and `OperationFailure` with the name of what
    is malformed or not supported.
    """
    if not isinstance(filter, Mapping):
        raise TypeError(f"filter must be a mapping of field names to conditions, not {filter!r}")
    return Matcher(filter, [_compile_clause(name, operand) for name, operand in filter.items()])


def _compile_clause(name: str, operand: Any) -> Clause:
    kind = type(operand)
    if name.startswith("$"):
        return _logical_clause(name, operand)
    if "." in name:
        return _dotted_clause(name, compile_operand(operand))
    if kind is str or kind is ObjectId:
        return _plain_equality_clause(name, operand)
    if kind is int:
        return _int_equality_clause(name, operand)
    leaf = compile_operand(operand).leaf
    return lambda doc: leaf(doc.get(name, MISSING))


def _plain_equality_clause(name: str, expected: Any) -> Clause:
    """Equality with a value that equals nothing of another type."""

    def clause(doc: Document) -> bool:
        value = doc.get(name)
        return value == expected or (isinstance(value, ARRAYS) and expected in value)

    return clause


def _int_equality_clause(name: str, expected: int) -> Clause:
    def test(value: Any) -> bool:
        if type(value) is Decimal128:
            return equal(value, expected)
        return value == expected and type(value) is not bool

    def clause(doc: Document) -> bool:
        value = doc.get(name)
        return test(value) or (isinstance(value, ARRAYS) and any(map(test, value)))

    return clause


def _dotted_clause(path: str, condition: Condition) -> Clause:
    parts = split(path)

    def clause(doc: Document) -> bool:
        node: Any = doc
        for part in parts:
            if isinstance(node, dict):
                node = node.get(part, MISSING)
            elif isinstance(node, ARRAYS):
                return condition.holds(list(leaves(doc, parts)))
            else:
                node = MISSING
                break
        return condition.leaf(node)

    return clause


def _logical_clause(operator: str, operand: Any) -> Clause:
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


def compile_operand(operand: Any) -> Condition:
    """The condition that a field's operand in a filter states: operators, or a value."""
    if is_operators(operand):
        return _compile_operators(operand)
    if isinstance(operand, REGEXES):
        return AnyOf(regex_test(operand))
    return AnyOf(equality_test(operand))


def _compile_operators(operators: Mapping[str, Any]) -> Condition:
    conditions = [
        _compile_operator(name, operand, operators)
        for name, operand in operators.items()
        if name != "$options" or "$regex" not in operators
    ]
    return conditions[0] if len(conditions) == 1 else AllOf(conditions)


def _compile_operator(name: str, operand: Any, siblings: Mapping[str, Any]) -> Condition:
    compiler = VALUE_OPERATORS.get(name) or _NESTING_OPERATORS.get(name)
    if compiler is not None:
        return compiler(operand)
    if name == "$regex":
        return AnyOf(regex_test(operand, siblings.get("$options")))
    if name == "$options":
        raise refused("$options needs a $regex")
    if not name.startswith("$"):
        raise refused(f"unknown operator: {name}")
    raise unsupported(name)


def _compile_not(operand: Any) -> Condition:
    if isinstance(operand, REGEXES):
        return Not(AnyOf(regex_test(operand)))
    if not isinstance(operand, Mapping):
        raise refused("$not needs a regex or a document")
    if not operand:
        raise refused("$not cannot be empty")
    return Not(_compile_operators(operand))


def _compile_all(operand: Any) -> Condition:
    if not isinstance(operand, ARRAYS):
        raise refused("$all needs an array")
    if not operand:
        return AnyOf(lambda _: False)
    if all(is_operators(value) and set(value) == {"$elemMatch"} for value in operand):
        return AllOf([_compile_operators(value) for value in operand])
    if any(map(is_operators, operand)):
        raise refused("no $ expressions in $all")
    return AllOf([compile_operand(value) for value in operand])


def _compile_elem_match(operand: Any) -> Condition:
    if not isinstance(operand, Mapping):
        raise refused("$elemMatch needs an Object")
    on_values = is_operators(operand) and next(iter(operand)) not in _LOGICAL
    matches = _compile_operators(operand).single if on_values else _object_test(operand)

    def element_of(array: Any) -> int | None:
        for offset, element in enumerate(array):
            if matches(element):
                return offset
        return None

    return AnyArray(
        lambda value: isinstance(value, ARRAYS) and any(map(matches, value)), element_of
    )


def _object_test(filter: Mapping[str, Any]) -> Test:
    """A filter on elements; an array as an element counts as an object of its indexes."""
    matcher = compile_filter(filter)

    def test(element: Any) -> bool:
        if isinstance(element, ARRAYS):
            return matcher({str(offset): value for offset, value in enumerate(element)})
        return isinstance(element, (Mapping, DBRef)) and matcher(as_mapping(element))

    return test


_NESTING_OPERATORS: dict[str, Callable[[Any], Condition]] = {
    "$not": _compile_not,
    "$all": _compile_all,
    "$elemMatch": _compile_elem_match,
}


def _position(name: str, operand: Any, doc: Document) -> int | None:
    if not name.startswith("$"):
        return compile_operand(operand).position(list(leaves(doc, split(name))))
    if name == "$nor":
        return None
    matching: list[Matcher] = [matcher for matcher in map(compile_filter, operand) if matcher(doc)]
    if name == "$or":
        return matching[0].array_position(doc)
    return one_position(matcher.array_position(doc) for matcher in matching)
