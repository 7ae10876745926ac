"""Values as bytes that sort as the values do.

The order of the bytes is that of `values.compare`, equal values have equal bytes, and no
encoding is the beginning of another, so that the fields of a compound key are simply joined.

| value | after the tag byte, which is its `values.Rank` |
| --- | --- |
| number | the double next to it towards zero, 8 bytes; 0 if that is it, else 1 and all digits |
| number below zero | the same of its magnitude, every byte inverted |
| string | UTF-8 with NUL as `00 FF`, then `00 00` |
| object | for each field: tag of the value, name, value; then 0 |
| array | each element; then 0 |
| binary | length, subtype, content |
| date | milliseconds, 8 bytes |
"""

import math
import re
import struct
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from bson.binary import Binary
from bson.datetime_ms import DatetimeMS
from bson.dbref import DBRef
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.max_key import MaxKey
from bson.min_key import MinKey
from bson.objectid import ObjectId
from bson.regex import Regex
from bson.son import SON
from bson.timestamp import Timestamp

from repositories.embedded.values import (
    Missing,
    Rank,
    as_mapping,
    binary_parts,
    milliseconds,
    rank,
    regex_parts,
)

_END: Final = b"\x00"
_INVERTED: Final = bytes(range(255, -1, -1))
_NUMBER: Final = bytes([Rank.NUMBER])
_STRING: Final = bytes([Rank.STRING])
_OBJECT_ID: Final = bytes([Rank.OBJECT_ID])
_FALSE: Final = bytes([Rank.BOOL, 0])
_TRUE: Final = bytes([Rank.BOOL, 1])
_ZERO: Final = _NUMBER + b"\x80" + bytes(8)
_NAN: Final = _NUMBER + bytes(9)

_pack_number = struct.Struct(">BdB").pack
_pack_date = struct.Struct(">BQ").pack
_pack_timestamp = struct.Struct(">BII").pack
_pack_binary = struct.Struct(">BIB").pack
_pack_double = struct.Struct(">d").pack
_LARGEST_DOUBLE: Final = math.nextafter(math.inf, 0)
_EXACT_INTEGERS: Final = 2**53
_DATE_BIAS: Final = 2**63
_EXPONENT_BIAS: Final = 2**15


def encode_value(value: Any) -> bytes:
    """The bytes of `value`, ascending.

    Raises `bson.errors.InvalidDocument` for what BSON cannot hold.
    """
    encode = _ENCODERS.get(type(value))
    return encode(value) if encode is not None else _ENCODE_BY_RANK[rank(value)](value)


def encode_descending(value: Any) -> bytes:
    """The bytes of `value` for a field that an index holds in descending order."""
    return inverted(encode_value(value))


def inverted(encoded: bytes) -> bytes:
    """Encoded bytes in the opposite order; applied twice, the bytes themselves."""
    return encoded.translate(_INVERTED)


def _encode_int(value: int) -> bytes:
    if 0 < value <= _EXACT_INTEGERS:
        # A double with the sign bit set is the key of its magnitude.
        return _pack_number(Rank.NUMBER, -value, 0)
    if value == 0:
        return _ZERO
    if -_EXACT_INTEGERS <= value < 0:
        return _NUMBER + _pack_number(0, value, 0)[1:].translate(_INVERTED)
    return _encode_wide(Decimal(value))


def _encode_float(value: float) -> bytes:
    if value > 0:
        return _pack_number(Rank.NUMBER, -value, 0)
    if value < 0:
        return _NUMBER + _pack_number(0, value, 0)[1:].translate(_INVERTED)
    return _ZERO if value == 0 else _NAN


def _encode_decimal(value: Decimal128) -> bytes:
    exact = value.to_decimal()
    if exact.is_nan():
        return _NAN
    if exact.is_infinite():
        return _encode_float(float(exact))
    return _encode_wide(exact) if exact else _ZERO


def _encode_wide(value: Decimal) -> bytes:
    """A number that a double may not hold: the double before it, and its digits."""
    # Not abs(), which rounds to the 28 digits of the decimal context.
    magnitude = value.copy_abs()
    below = _double_towards_zero(magnitude)
    if below == magnitude:
        return _encode_float(math.copysign(below, value))
    text = "".join(map(str, magnitude.as_tuple().digits)).rstrip("0")
    point = magnitude.adjusted() + _EXPONENT_BIAS
    tail = b"\x01" + point.to_bytes(2, "big") + text.encode() + _END
    positive = _pack_double(-below) + tail
    return _NUMBER + (positive if value > 0 else positive.translate(_INVERTED))


def _double_towards_zero(magnitude: Decimal) -> float:
    nearest = float(magnitude)
    if math.isinf(nearest):
        return _LARGEST_DOUBLE
    return math.nextafter(nearest, 0) if Decimal(nearest) > magnitude else nearest


def _escaped(text: str) -> bytes:
    try:
        raw = text.encode()
    except UnicodeEncodeError:
        # A lone surrogate is in no stored document; a search for it finds nothing.
        raw = text.encode("utf-8", "surrogatepass")
    return (raw.replace(b"\x00", b"\x00\xff") if b"\x00" in raw else raw) + b"\x00\x00"


def _encode_string(value: str) -> bytes:
    return _STRING + _escaped(value)


def _encode_object(value: Any) -> bytes:
    parts = [bytes([Rank.OBJECT])]
    for name, field in as_mapping(value).items():
        encoded = encode_value(field)
        parts += (encoded[:1], _escaped(name), encoded)
    return b"".join(parts) + _END


def _encode_array(value: Sequence[Any]) -> bytes:
    return bytes([Rank.ARRAY]) + b"".join(map(encode_value, value)) + _END


def _encode_binary(value: bytes) -> bytes:
    length, subtype, content = binary_parts(value)
    return _pack_binary(Rank.BINARY, length, subtype) + content


def _encode_object_id(value: ObjectId) -> bytes:
    return _OBJECT_ID + value.binary


def _encode_bool(value: bool) -> bytes:
    return _TRUE if value else _FALSE


def _encode_date(value: datetime | DatetimeMS) -> bytes:
    return _pack_date(Rank.DATE, milliseconds(value) + _DATE_BIAS)


def _encode_timestamp(value: Timestamp) -> bytes:
    return _pack_timestamp(Rank.TIMESTAMP, value.time, value.inc)


def _encode_regex(value: Regex | re.Pattern) -> bytes:
    pattern, options = regex_parts(value)
    return bytes([Rank.REGEX]) + _escaped(pattern) + _escaped(options)


def _constant(of: Rank) -> Callable[[Any], bytes]:
    encoded = bytes([of])
    return lambda _: encoded


_ENCODERS: Final[dict[type, Callable[[Any], bytes]]] = {
    int: _encode_int,
    Int64: _encode_int,
    str: _encode_string,
    ObjectId: _encode_object_id,
    datetime: _encode_date,
    bool: _encode_bool,
    type(None): _constant(Rank.NULL),
    Missing: _constant(Rank.NULL),
    float: _encode_float,
    Decimal128: _encode_decimal,
    dict: _encode_object,
    SON: _encode_object,
    DBRef: _encode_object,
    list: _encode_array,
    tuple: _encode_array,
    bytes: _encode_binary,
    Binary: _encode_binary,
    DatetimeMS: _encode_date,
    Timestamp: _encode_timestamp,
    Regex: _encode_regex,
    re.Pattern: _encode_regex,
    MinKey: _constant(Rank.MIN_KEY),
    MaxKey: _constant(Rank.MAX_KEY),
}


def _encode_number(value: Any) -> bytes:
    return _encode_float(value) if isinstance(value, float) else _encode_int(int(value))


_ENCODE_BY_RANK: Final[dict[Rank, Callable[[Any], bytes]]] = {
    Rank.NUMBER: _encode_number,
    Rank.STRING: _encode_string,
    Rank.OBJECT: _encode_object,
    Rank.ARRAY: _encode_array,
    Rank.BINARY: _encode_binary,
    Rank.DATE: _encode_date,
    Rank.CODE: lambda code: bytes([Rank.CODE]) + _escaped(code),
    Rank.CODE_WITH_SCOPE: lambda code: (
        bytes([Rank.CODE_WITH_SCOPE]) + _escaped(code) + encode_value(code.scope)
    ),
}
