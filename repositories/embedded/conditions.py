"""What a filter can say about one field: its operators as conditions on values.

Sources: MongoDB manual, "Query and Projection Operators", and `src/mongo/db/matcher` for
what the manual leaves open.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from bson.dbref import DBRef
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.objectid import ObjectId
from bson.regex import Regex

from repositories.embedded.paths import Leaf
from repositories.embedded.refusals import refused, unsupported
from repositories.embedded.regex import compile_regex
from repositories.embedded.types import compile_type
from repositories.embedded.values import MISSING, Rank, as_mapping, compare, equal, is_nan, rank

Test = Callable[[Any], bool]
ARRAYS = (list, tuple)
REGEXES = (re.Pattern, Regex)
ORDERINGS = ("$gt", "$gte", "$lt", "$lte")


class Condition(Protocol):
    """A condition on what a path leads to."""

    def single(self, value: Any) -> bool:
        """Whether this one value meets it, as an element under `$elemMatch` has to."""

    def holds(self, leaves: Sequence[Leaf]) -> bool:
        """Whether the leaves of a path, with the elements of leaf arrays, meet it."""

    def position(self, leaves: Sequence[Leaf]) -> int | None:
        """The index in the outermost array of what meets it; None without an array."""


class AnyOf:
    """Some leaf passes the test, or some element of a leaf that is an array.

    `looks_into_arrays` is false for tests of the array as a whole; `element_of` then tells
    which element made it pass, where that is known.
    """

    __slots__ = ("_element_of", "_looks_into_arrays", "single")

    def __init__(
        self,
        test: Test,
        *,
        looks_into_arrays: bool = True,
        element_of: Callable[[Any], int | None] | None = None,
    ) -> None:
        self.single = test
        self._looks_into_arrays = looks_into_arrays
        self._element_of = element_of

    def holds(self, leaves: Sequence[Leaf]) -> bool:
        test = self.single
        for value, _, expands in leaves:
            if test(value):
                return True
            if expands and self._looks_into_arrays and isinstance(value, ARRAYS):
                for element in value:
                    if test(element):
                        return True
        return False

    def position(self, leaves: Sequence[Leaf]) -> int | None:
        for value, position, expands in leaves:
            if expands and self._looks_into_arrays and isinstance(value, ARRAYS):
                for offset, element in enumerate(value):
                    if self.single(element):
                        return offset if position is None else position
            if self.single(value):
                if position is None and self._element_of is not None:
                    return self._element_of(value)
                return position
        return None


class AllOf:
    """Every one of the conditions holds, each perhaps by another element."""

    __slots__ = ("_conditions",)

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._conditions = conditions

    def single(self, value: Any) -> bool:
        return all(condition.single(value) for condition in self._conditions)

    def holds(self, leaves: Sequence[Leaf]) -> bool:
        return all(condition.holds(leaves) for condition in self._conditions)

    def position(self, leaves: Sequence[Leaf]) -> int | None:
        return one_position(condition.position(leaves) for condition in self._conditions)


class Not:
    """The condition does not hold, for no leaf and no element."""

    __slots__ = ("_condition",)

    def __init__(self, condition: Condition) -> None:
        self._condition = condition

    def single(self, value: Any) -> bool:
        return not self._condition.single(value)

    def holds(self, leaves: Sequence[Leaf]) -> bool:
        return not self._condition.holds(leaves)

    def position(self, leaves: Sequence[Leaf]) -> int | None:
        """A condition that does not hold has no element."""


def one_position(positions: Iterable[int | None]) -> int | None:
    """The index that conditions agree on; refused when `$` could mean several elements."""
    found = {position for position in positions if position is not None}
    if len(found) > 1:
        raise refused(
            "The positional operator '$' is ambiguous: the conditions of the filter match "
            "different array elements. Put them into one $elemMatch."
        )
    return found.pop() if found else None


def is_operators(operand: Any) -> bool:
    """Whether an operand is a document of operators rather than a value."""
    if not isinstance(operand, Mapping) or not operand:
        return False
    first = next(iter(operand))
    return isinstance(first, str) and first.startswith("$") and first not in _DBREF_FIELDS


_DBREF_FIELDS = frozenset({"$ref", "$id", "$db"})


def compile_operand(operand: Any) -> Condition:
    """The condition that a field's operand in a filter states: operators, or a value."""
    if is_operators(operand):
        return compile_operators(operand)
    if isinstance(operand, REGEXES):
        return AnyOf(_regex_test(operand))
    return AnyOf(equality_test(operand))


def compile_operators(operators: Mapping[str, Any]) -> Condition:
    """The condition that a document of operators (`{"$gt": 1, "$lt": 5}`) states.

    Raises `OperationFailure` for an operator that is not supported or has a bad operand.
    """
    conditions = [
        _compile_operator(operator, operand, operators) for operator, operand in operators.items()
    ]
    return conditions[0] if len(conditions) == 1 else AllOf(conditions)


def _compile_operator(operator: str, operand: Any, siblings: Mapping[str, Any]) -> Condition:
    if operator in ("$regex", "$options"):
        return _compile_regex_operator(operator, siblings)
    compiler = _COMPILERS.get(operator)
    if compiler is not None:
        return compiler(operand)
    if not operator.startswith("$"):
        raise refused(f"unknown operator: {operator}")
    raise unsupported(operator)


def equality_test(expected: Any) -> Test:
    """The test for values that equal `expected`; `None` is also met by what is missing."""
    refuse_nested_operators(expected)
    kind = type(expected)
    if expected is None:
        return lambda value: value is None or value is MISSING
    if kind is str or kind is ObjectId:
        return lambda value: value == expected
    if kind is bool:
        return lambda value: value is expected
    rank(expected)
    return lambda value: value is not MISSING and equal(value, expected)


def refuse_nested_operators(value: Any) -> None:
    """Refuse a `$` operator beside plain fields, which could only be meant as an operator."""
    if not isinstance(value, Mapping):
        return
    for name in value:
        if isinstance(name, str) and name.startswith("$") and name not in _DBREF_FIELDS:
            raise refused(f"unknown operator: {next(iter(value))}, in one document with {name}")


def _ordering_test(operator: str) -> Callable[[Any], Condition]:
    accepts = {
        "$gt": lambda order: order > 0,
        "$gte": lambda order: order >= 0,
        "$lt": lambda order: order < 0,
        "$lte": lambda order: order <= 0,
    }[operator]
    allows_equal = operator in ("$gte", "$lte")

    def build(bound: Any) -> Condition:
        if isinstance(bound, REGEXES):
            raise refused(f"Can't have RegEx as arg to predicate over field ({operator}).")
        of_rank = rank(bound)
        if of_rank is Rank.NULL:
            return AnyOf(lambda value: allows_equal and (value is None or value is MISSING))
        if of_rank in (Rank.MIN_KEY, Rank.MAX_KEY):
            return AnyOf(lambda value: value is not MISSING and accepts(compare(value, bound)))
        if of_rank is Rank.NUMBER:
            return AnyOf(_number_test(bound, accepts, allows_equal))
        return AnyOf(lambda value: rank(value) is of_rank and accepts(compare(value, bound)))

    return build


def _number_test(bound: Any, accepts: Callable[[int], bool], allows_equal: bool) -> Test:
    """Numbers compare by value; NaN is neither above nor below a number, and equals itself."""
    if is_nan(bound):
        return lambda value: allows_equal and rank(value) is Rank.NUMBER and is_nan(value)

    def test(value: Any) -> bool:
        kind = type(value)
        if kind is not int and kind is not float and kind is not Int64 and kind is not Decimal128:
            return False
        return not is_nan(value) and accepts(compare(value, bound))

    return test


def _regex_test(operand: Any, options: Any = None) -> Test:
    pattern = compile_regex(operand, options)
    search = pattern.search

    def test(value: Any) -> bool:
        if isinstance(value, str):
            return search(value) is not None
        return isinstance(value, REGEXES) and isinstance(operand, REGEXES) and equal(value, operand)

    return test


def _compile_regex_operator(operator: str, siblings: Mapping[str, Any]) -> Condition:
    if "$regex" not in siblings:
        raise refused("$options needs a $regex")
    if operator == "$options":
        return AllOf(())
    return AnyOf(_regex_test(siblings["$regex"], siblings.get("$options")))


def _compile_equal(operand: Any) -> Condition:
    return AnyOf(equality_test(operand))


def _compile_not_equal(operand: Any) -> Condition:
    if isinstance(operand, REGEXES):
        raise refused("Can't have regex as arg to $ne.")
    return Not(_compile_equal(operand))


def _compile_in(operand: Any, operator: str = "$in") -> Condition:
    if not isinstance(operand, ARRAYS):
        raise refused(f"{operator} needs an array")
    if any(is_operators(value) for value in operand):
        raise refused(f"cannot nest $ under {operator}")
    if all(type(value) is str or type(value) is ObjectId for value in operand):
        members = frozenset(operand)
        return AnyOf(
            lambda value: (type(value) is str or type(value) is ObjectId) and value in members
        )
    tests = [
        _regex_test(value) if isinstance(value, REGEXES) else equality_test(value)
        for value in operand
    ]
    return AnyOf(lambda value: any(test(value) for test in tests))


def _compile_not_in(operand: Any) -> Condition:
    return Not(_compile_in(operand, "$nin"))


def _compile_exists(operand: Any) -> Condition:
    present = AnyOf(lambda value: value is not MISSING)
    return present if operand else Not(present)


def _compile_not(operand: Any) -> Condition:
    if isinstance(operand, REGEXES):
        return Not(AnyOf(_regex_test(operand)))
    if not isinstance(operand, Mapping):
        raise refused("$not needs a regex or a document")
    if not operand:
        raise refused("$not cannot be empty")
    return Not(compile_operators(operand))


def _compile_all(operand: Any) -> Condition:
    if not isinstance(operand, ARRAYS):
        raise refused("$all needs an array")
    if not operand:
        return AnyOf(lambda _: False)
    matches_elements = [is_operators(value) and "$elemMatch" in value for value in operand]
    if all(matches_elements):
        return AllOf([compile_operators(value) for value in operand])
    if any(map(is_operators, operand)):
        raise refused("no $ expressions in $all")
    return AllOf([compile_operand(value) for value in operand])


def _compile_size(operand: Any) -> Condition:
    if (
        isinstance(operand, bool)
        or not isinstance(operand, (int, float))
        or operand != operand // 1
    ):
        raise refused(f"Failed to parse $size. Expected an integer: $size: {operand!r}")
    if operand < 0:
        raise refused(f"Failed to parse $size. Expected a non-negative number: $size: {operand!r}")
    return AnyOf(
        lambda value: isinstance(value, ARRAYS) and len(value) == operand, looks_into_arrays=False
    )


def _compile_elem_match(operand: Any) -> Condition:
    if not isinstance(operand, Mapping):
        raise refused("$elemMatch needs an Object")
    if is_operators(operand) and next(iter(operand)) not in ("$and", "$or", "$nor"):
        matches: Test = compile_operators(operand).single
    else:
        matches = _element_filter(operand)

    def element_of(array: Any) -> int | None:
        for offset, element in enumerate(array):
            if matches(element):
                return offset
        return None

    def test(value: Any) -> bool:
        return isinstance(value, ARRAYS) and element_of(value) is not None

    return AnyOf(test, looks_into_arrays=False, element_of=element_of)


def _element_filter(operand: Mapping[str, Any]) -> Test:
    """A filter on elements; an array as an element counts as an object of its indexes."""
    from repositories.embedded.match import compile_filter

    matcher = compile_filter(operand)

    def matches(element: Any) -> bool:
        if isinstance(element, ARRAYS):
            return matcher({str(offset): value for offset, value in enumerate(element)})
        return isinstance(element, (Mapping, DBRef)) and matcher(as_mapping(element))

    return matches


_COMPILERS: dict[str, Callable[[Any], Condition]] = {
    "$eq": _compile_equal,
    "$ne": _compile_not_equal,
    "$in": _compile_in,
    "$nin": _compile_not_in,
    "$exists": _compile_exists,
    "$not": _compile_not,
    "$all": _compile_all,
    "$size": _compile_size,
    "$elemMatch": _compile_elem_match,
    "$type": lambda operand: AnyOf(compile_type(operand)),
    **{operator: _ordering_test(operator) for operator in ORDERINGS},
}
