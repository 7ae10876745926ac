"""Random BSON values and documents for the tests of the document language."""

import re
from datetime import UTC, datetime, timedelta

from bson.binary import Binary
from bson.code import Code
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.max_key import MaxKey
from bson.min_key import MinKey
from bson.objectid import ObjectId
from bson.regex import Regex
from bson.timestamp import Timestamp
from hypothesis import strategies as st

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: Where doubles stop holding every integer, and where 64 bits end.
_EDGES = [0, 2**31, 2**53, 2**62, 2**63]
near_edges = st.builds(
    lambda edge, offset, sign: sign * (edge + offset),
    st.sampled_from(_EDGES),
    st.integers(-3, 3),
    st.sampled_from([1, -1]),
)
decimals = st.builds(
    lambda digits, exponent: Decimal128(f"{digits}E{exponent}"),
    st.integers(-(10**34) + 1, 10**34 - 1) | st.integers(-99, 99),
    st.integers(-6176, 6111) | st.integers(-5, 5),
)
numbers = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    near_edges,
    st.integers(-9, 9).map(Int64),
    st.floats(),
    near_edges.map(float),
    decimals,
    near_edges.map(lambda number: Decimal128(str(number))),
    st.floats(allow_nan=False, allow_infinity=False).map(
        lambda number: Decimal128(f"{number:.30g}")
    ),
    st.sampled_from(["NaN", "sNaN", "Infinity", "-Infinity", "-0", "0E+3"]).map(Decimal128),
)
#: Short strings over few letters, so that one is often the beginning of another.
strings = st.text(alphabet="\x00\x01ab\xffé€\U0001f600", max_size=4) | st.text(max_size=6)
dates = st.integers(-(10**13), 10**13).map(lambda ms: EPOCH + timedelta(milliseconds=ms))
scalars = st.one_of(
    st.none(),
    st.booleans(),
    numbers,
    strings,
    dates,
    st.binary(min_size=12, max_size=12).map(ObjectId),
    st.binary(max_size=3),
    st.builds(Binary, st.binary(max_size=3), st.sampled_from([0, 2, 5, 0x80])),
    st.builds(Timestamp, st.integers(0, 2**32 - 1), st.integers(0, 3)),
    st.builds(Regex, st.sampled_from(["a", "b"]), st.sampled_from(["", "i", "im"])),
    st.just(re.compile("a")),
    st.sampled_from([MinKey(), MaxKey(), Code("a"), Code("b", {"x": 1})]),
)
field_names = st.sampled_from(["a", "b", "ab", "", "c\x01"])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(field_names, inner, max_size=3),
    max_leaves=6,
)

# Few names and values, so that paths often lead somewhere and values are often met.
_names = st.sampled_from(["a", "b", "0"])
plain_values = st.recursive(
    st.none() | st.integers(0, 2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=2),
    max_leaves=6,
)
nested_documents = st.dictionaries(_names, plain_values, max_size=3)
nested_paths = st.lists(st.sampled_from(["a", "b", "0", "1"]), min_size=1, max_size=3).map(".".join)
