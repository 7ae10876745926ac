"""The BSON types that `$type` names."""

from collections.abc import Callable
from typing import Any

from bson.decimal128 import Decimal128
from bson.int64 import Int64

from repositories.embedded.refusals import refused, unsupported
from repositories.embedded.values import MISSING, Rank, rank

_INT32 = range(-(2**31), 2**31)


def _is_int(value: Any) -> bool:
    return type(value) is int and value in _INT32


def _is_long(value: Any) -> bool:
    return isinstance(value, Int64) or (type(value) is int and value not in _INT32)


def _of_rank(expected: Rank) -> Callable[[Any], bool]:
    return lambda value: rank(value) is expected


_TESTS: dict[str, Callable[[Any], bool]] = {
    "double": lambda value: isinstance(value, float),
    "string": _of_rank(Rank.STRING),
    "object": _of_rank(Rank.OBJECT),
    "array": _of_rank(Rank.ARRAY),
    "binData": _of_rank(Rank.BINARY),
    "objectId": _of_rank(Rank.OBJECT_ID),
    "bool": _of_rank(Rank.BOOL),
    "date": _of_rank(Rank.DATE),
    "null": _of_rank(Rank.NULL),
    "regex": _of_rank(Rank.REGEX),
    "int": _is_int,
    "timestamp": _of_rank(Rank.TIMESTAMP),
    "long": _is_long,
    "decimal": lambda value: isinstance(value, Decimal128),
    "minKey": _of_rank(Rank.MIN_KEY),
    "maxKey": _of_rank(Rank.MAX_KEY),
    "number": _of_rank(Rank.NUMBER),
}
_ALIASES = {
    1: "double",
    2: "string",
    3: "object",
    4: "array",
    5: "binData",
    7: "objectId",
    8: "bool",
    9: "date",
    10: "null",
    11: "regex",
    16: "int",
    17: "timestamp",
    18: "long",
    19: "decimal",
    -1: "minKey",
    127: "maxKey",
}


def compile_type(operand: Any) -> Callable[[Any], bool]:
    """The test for values of the type, or of one of the types, that `$type` names."""
    named = operand if isinstance(operand, (list, tuple)) else [operand]
    if not named:
        raise refused("$type must match at least one type", 9)
    tests = [_test_of(name) for name in named]
    return lambda value: value is not MISSING and any(test(value) for test in tests)


def _test_of(name: Any) -> Callable[[Any], bool]:
    if isinstance(name, bool) or not isinstance(name, (str, int, float)):
        raise refused("type must be represented as a number or a string", 14)
    alias = name if isinstance(name, str) else _ALIASES.get(int(name), "")
    test = _TESTS.get(alias)
    if test is None:
        raise unsupported(f"$type {name!r}")
    return test
