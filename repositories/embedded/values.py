"""The order and the equality of BSON values.

One definition for filters, updates, sorts and indexes; `keys` encodes the same order as
bytes. Source: MongoDB manual, "Comparison/Sort Order".
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, Final

from bson.binary import Binary
from bson.code import Code
from bson.datetime_ms import DatetimeMS
from bson.dbref import DBRef
from bson.decimal128 import Decimal128
from bson.errors import InvalidDocument
from bson.int64 import Int64
from bson.max_key import MaxKey
from bson.min_key import MinKey
from bson.objectid import ObjectId
from bson.regex import Regex
from bson.son import SON
from bson.timestamp import Timestamp


class Missing:
    """The type of `MISSING`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


#: What a path leads to where the document has no such field; it sorts as null does.
MISSING: Final = Missing()

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Rank(IntEnum):
    """The place of each BSON type in the order of all values; also its tag byte in a key.

    UNDEFINED is no value of a document: an empty array is indexed and sorted as it.
    """

    MIN_KEY = 0x05
    UNDEFINED = 0x0A
    NULL = 0x10
    NUMBER = 0x20
    STRING = 0x30
    OBJECT = 0x40
    ARRAY = 0x50
    BINARY = 0x60
    OBJECT_ID = 0x70
    BOOL = 0x80
    DATE = 0x90
    TIMESTAMP = 0xA0
    REGEX = 0xB0
    CODE = 0xC0
    CODE_WITH_SCOPE = 0xC8
    MAX_KEY = 0xF0


_RANK_OF_TYPE: dict[type, Rank] = {
    MinKey: Rank.MIN_KEY,
    type(None): Rank.NULL,
    Missing: Rank.NULL,
    int: Rank.NUMBER,
    float: Rank.NUMBER,
    Int64: Rank.NUMBER,
    Decimal128: Rank.NUMBER,
    str: Rank.STRING,
    dict: Rank.OBJECT,
    SON: Rank.OBJECT,
    DBRef: Rank.OBJECT,
    list: Rank.ARRAY,
    tuple: Rank.ARRAY,
    bytes: Rank.BINARY,
    Binary: Rank.BINARY,
    ObjectId: Rank.OBJECT_ID,
    bool: Rank.BOOL,
    datetime: Rank.DATE,
    DatetimeMS: Rank.DATE,
    Timestamp: Rank.TIMESTAMP,
    Regex: Rank.REGEX,
    re.Pattern: Rank.REGEX,
    MaxKey: Rank.MAX_KEY,
}


def rank(value: Any) -> Rank:
    """The BSON type of `value` as its place in the order.

    Raises `bson.errors.InvalidDocument` for what BSON cannot hold.
    """
    found = _RANK_OF_TYPE.get(type(value))
    return found if found is not None else _rank_of_unusual(value)


def _rank_of_unusual(value: Any) -> Rank:
    if isinstance(value, Code):
        return Rank.CODE if value.scope is None else Rank.CODE_WITH_SCOPE
    for known, its_rank in _RANK_OF_TYPE.items():
        if isinstance(value, known):
            return its_rank
    if isinstance(value, Mapping):
        return Rank.OBJECT
    raise InvalidDocument(f"cannot encode object: {value!r}, of type: {type(value)}")


def milliseconds(moment: datetime | DatetimeMS) -> int:
    """Milliseconds since 1970 UTC, rounded down, as BSON stores a date; naive means UTC."""
    if isinstance(moment, DatetimeMS):
        return int(moment)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    since: timedelta = moment - EPOCH
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000


def as_mapping(value: Any) -> Mapping[str, Any]:
    """An object value as a mapping; a DBRef is the document that BSON makes of it."""
    return value.as_doc() if isinstance(value, DBRef) else value


def regex_parts(value: Regex | re.Pattern) -> tuple[str, str]:
    """The pattern of a regular expression and its options in alphabetical order."""
    pattern = value.pattern if isinstance(value.pattern, str) else value.pattern.decode("latin-1")
    letters = {re.I: "i", re.L: "l", re.M: "m", re.S: "s", re.U: "u", re.X: "x"}
    return pattern, "".join(letter for flag, letter in letters.items() if value.flags & flag)


def is_nan(value: Any) -> bool:
    """Whether a number, of any kind, is not a number."""
    return value.to_decimal().is_nan() if isinstance(value, Decimal128) else value != value


def compare(a: Any, b: Any) -> int:
    """-1, 0 or 1: where `a` stands to `b` in BSON's order.

    Numbers of all kinds compare by their exact value; NaN equals NaN and is below every
    other number. Documents compare field by field, in their order.
    """
    rank_a, rank_b = rank(a), rank(b)
    if rank_a != rank_b:
        return -1 if rank_a < rank_b else 1
    by_rank = _COMPARE_SAME_RANK.get(rank_a)
    return by_rank(a, b) if by_rank is not None else 0


def equal(a: Any, b: Any) -> bool:
    """Whether two values are the same to BSON: 1 and 1.0 are, 1 and True are not."""
    if type(a) is type(b) and type(a) in _PLAINLY_EQUAL:
        return a == b
    return compare(a, b) == 0


_PLAINLY_EQUAL: Final = frozenset({int, str, bool, ObjectId, Int64})


def _sign(a: Any, b: Any) -> int:
    return (a > b) - (a < b)


def _compare_numbers(a: Any, b: Any) -> int:
    if is_nan(a) or is_nan(b):
        return is_nan(b) - is_nan(a)
    a = a.to_decimal() if isinstance(a, Decimal128) else a
    b = b.to_decimal() if isinstance(b, Decimal128) else b
    return _sign(a, b)


def _compare_objects(a: Any, b: Any) -> int:
    fields_a, fields_b = list(as_mapping(a).items()), list(as_mapping(b).items())
    for (name_a, value_a), (name_b, value_b) in zip(fields_a, fields_b, strict=False):
        order = (
            _sign(rank(value_a), rank(value_b))
            or _sign(name_a, name_b)
            or compare(value_a, value_b)
        )
        if order:
            return order
    return _sign(len(fields_a), len(fields_b))


def _compare_arrays(a: Any, b: Any) -> int:
    for element_a, element_b in zip(a, b, strict=False):
        order = compare(element_a, element_b)
        if order:
            return order
    return _sign(len(a), len(b))


def binary_parts(value: bytes) -> tuple[int, int, bytes]:
    """Length, subtype and content: the order in which binary values compare."""
    return len(value), value.subtype if isinstance(value, Binary) else 0, bytes(value)


def _by(part: Callable[[Any], Any]) -> Callable[[Any, Any], int]:
    return lambda a, b: _sign(part(a), part(b))


def _compare_scoped_code(a: Code, b: Code) -> int:
    return _sign(str(a), str(b)) or compare(a.scope, b.scope)


_COMPARE_SAME_RANK: Final[dict[Rank, Callable[[Any, Any], int]]] = {
    Rank.NUMBER: _compare_numbers,
    Rank.STRING: _sign,
    Rank.OBJECT: _compare_objects,
    Rank.ARRAY: _compare_arrays,
    Rank.BINARY: _by(binary_parts),
    Rank.OBJECT_ID: _sign,
    Rank.BOOL: _sign,
    Rank.DATE: _by(milliseconds),
    Rank.TIMESTAMP: _by(lambda stamp: (stamp.time, stamp.inc)),
    Rank.REGEX: _by(regex_parts),
    Rank.CODE: _by(str),
    Rank.CODE_WITH_SCOPE: _compare_scoped_code,
}
