"""The operators of a filter that compare one value: `$eq`, `$gt`, `$in`, `$regex`, ...

Source: MongoDB manual, "Query and Projection Operators". A value compares with its own
BSON type only ("Comparison/Sort Order", type bracketing).
"""

import operator as python_operators
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.objectid import ObjectId

from repositories.embedded.conditions import (
    ARRAYS,
    REGEXES,
    AnyArray,
    AnyOf,
    Condition,
    Not,
    Test,
    has_operators,
    is_operators,
)
from repositories.embedded.refusals import refused
from repositories.embedded.regex import compile_regex
from repositories.embedded.types import compile_type
from repositories.embedded.values import MISSING, Rank, compare, equal, is_nan, milliseconds, rank

_NATIVE_NUMBERS: Final = frozenset({int, float, Int64})
#: Types whose equality in Python is BSON's, among themselves.
_HASHED: Final = frozenset({str, ObjectId, int, Int64})

_ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "$gt": python_operators.gt,
    "$gte": python_operators.ge,
    "$lt": python_operators.lt,
    "$lte": python_operators.le,
}


def equality_test(expected: Any) -> Test:
    """The test for values that equal `expected`; None is also met by what is missing.

    An operator beside plain fields is refused: it could only be meant as one.
    """
    if has_operators(expected):
        raise refused(f"unknown operator: {next(iter(expected))}")
    kind = type(expected)
    if expected is None:
        return lambda value: value is None or value is MISSING
    if kind is str or kind is ObjectId:
        return lambda value: value == expected
    if kind is bool:
        return lambda value: value is expected
    rank(expected)  # refuses what BSON cannot hold
    return lambda value: value is not MISSING and equal(value, expected)


def regex_test(operand: Any, options: Any = None) -> Test:
    """The test for strings in which a pattern is found, and for that same pattern."""
    search = compile_regex(operand, options).search

    def test(value: Any) -> bool:
        if isinstance(value, str):
            return search(value) is not None
        return isinstance(value, REGEXES) and isinstance(operand, REGEXES) and equal(value, operand)

    return test


def _ordering(name: str) -> Callable[[Any], Condition]:
    in_order = _ORDERS[name]
    with_equal = in_order(0, 0)

    def build(bound: Any) -> Condition:
        if isinstance(bound, REGEXES):
            raise refused(f"Can't have RegEx as arg to {name}.")
        kind, of_rank = type(bound), rank(bound)
        if of_rank is Rank.NULL:
            return AnyOf(lambda value: with_equal and (value is None or value is MISSING))
        if of_rank is Rank.NUMBER:
            return AnyOf(_number_ordering(in_order, bound))
        if kind is str or kind is ObjectId:
            return AnyOf(lambda value: type(value) is kind and in_order(value, bound))
        if kind is datetime:
            at = milliseconds(bound)
            return AnyOf(lambda value: type(value) is kind and in_order(milliseconds(value), at))
        if of_rank in (Rank.MIN_KEY, Rank.MAX_KEY):
            return AnyOf(lambda value: value is not MISSING and in_order(compare(value, bound), 0))
        return AnyOf(lambda value: rank(value) is of_rank and in_order(compare(value, bound), 0))

    return build


def _number_ordering(in_order: Callable[[Any, Any], bool], bound: Any) -> Test:
    """Numbers compare by value; NaN is neither above nor below one, and equals itself."""
    with_equal = in_order(0, 0)
    if is_nan(bound):
        return lambda value: with_equal and rank(value) is Rank.NUMBER and is_nan(value)
    is_native = type(bound) is not Decimal128

    def test(value: Any) -> bool:
        if is_native and type(value) in _NATIVE_NUMBERS:
            return in_order(value, bound)
        return (
            rank(value) is Rank.NUMBER and not is_nan(value) and in_order(compare(value, bound), 0)
        )

    return test


def _equal(operand: Any) -> Condition:
    return AnyOf(equality_test(operand))


def _not_equal(operand: Any) -> Condition:
    if isinstance(operand, REGEXES):
        raise refused("Can't have regex as arg to $ne.")
    return Not(_equal(operand))


def _in(operand: Any, name: str = "$in") -> Condition:
    if not isinstance(operand, ARRAYS):
        raise refused(f"{name} needs an array")
    if any(map(is_operators, operand)):
        raise refused(f"cannot nest $ under {name}")
    members = frozenset(value for value in operand if type(value) in _HASHED)
    tests = [
        regex_test(value) if isinstance(value, REGEXES) else equality_test(value)
        for value in operand
        if type(value) not in _HASHED
    ]

    def test(value: Any) -> bool:
        kind = type(value)
        if kind in _HASHED or kind is float:
            if value in members:
                return True
        elif kind is Decimal128 and any(equal(value, member) for member in members):
            return True
        return any(test(value) for test in tests)

    return AnyOf(test)


def _exists(operand: Any) -> Condition:
    present = AnyOf(lambda value: value is not MISSING)
    is_false = operand is None or (rank(operand) in (Rank.NUMBER, Rank.BOOL) and not operand)
    return Not(present) if is_false else present


def _size(operand: Any) -> Condition:
    if isinstance(operand, bool) or not isinstance(operand, (int, float)) or operand % 1 != 0:
        raise refused(f"Failed to parse $size. Expected an integer: $size: {operand!r}")
    if operand < 0:
        raise refused(f"Failed to parse $size. Expected a non-negative number: $size: {operand!r}")
    return AnyArray(
        lambda value: isinstance(value, ARRAYS) and len(value) == operand, lambda _: None
    )


#: The operators whose operand is a value, by name.
VALUE_OPERATORS: Final[dict[str, Callable[[Any], Condition]]] = {
    "$eq": _equal,
    "$ne": _not_equal,
    "$in": _in,
    "$nin": lambda operand: Not(_in(operand, "$nin")),
    "$exists": _exists,
    "$size": _size,
    "$type": lambda operand: AnyOf(compile_type(operand)),
    **{name: _ordering(name) for name in _ORDERS},
}
