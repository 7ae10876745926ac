"""Bodies that are nearly right: each a valid one with something in it that parsers trip over."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

_BIG = 100_000
# What takes the place of a value, as a value.
_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1.5,
    2**31,
    2**53 + 1,
    2**63 - 1,
    2**63,
    -(2**63) - 1,
    10**400,
    "",
    " ",
    "1",
    "\u0000",
    "a\u0000b",
    "\ud800",
    "\udfff\ud800",
    "\u202etxt",
    "\U0001f600" * 50,
    "\u00b2",
    "\uff11\uff12",
    "x" * _BIG,
    "../../etc/passwd",
    "%00",
    "'; DROP TABLE users; --",
    "a@b.c\r\nBcc: x@y.z",
    [],
    {},
    [[]],
    [None] * 1000,
    {"$ne": None},
    {"$gt": ""},
    {"$where": "sleep(1000)"},
    {"$regex": "(a+)+$"},
    ["$ne"],
    {"": ""},
    {"a.b": 1},
    {"__proto__": {"x": 1}},
    "507f1f77bcf86cd799439011",
    "2025-02-30",
    "9999-12-31T23:59:59.999999Z",
)
# What takes the place of a value, as text that is JSON to some and not to others.
_TEXTS = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-1e-999",
    "1" * 5000,
    "0x10",
    "01",
    "1.",
    "'text'",
    "undefined",
    "nul",
    '"\\ud800"',
    '"\\u0000"',
    '"\\x41"',
    '"\t"',
    "[" * 200,
    "[" * _BIG,
    '{"a":' * _BIG,
    "[" * 5000 + "]" * 5000,
    '{"a":' * 5000 + "1" + "}" * 5000,
    "//\n1",
    "1,",
    "[1,]",
)
_PLACE = "a place for a text"


def fuzzed(body: dict[str, Any], chance: random.Random) -> bytes:
    """A mutation of a body, as it is sent."""
    mutate = chance.choice(_MUTATIONS)
    return mutate(body, chance)


def _with_value(body: dict[str, Any], chance: random.Random) -> bytes:
    changed = copy.deepcopy(body)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        _put(changed, chance.choice(_VALUES), chance)
    return _encoded(changed)


def _with_text(body: dict[str, Any], chance: random.Random) -> bytes:
    changed = copy.deepcopy(body)
    _put(changed, _PLACE, chance)
    return _encoded(changed).replace(f'"{_PLACE}"'.encode(), chance.choice(_TEXTS).encode())


def _without_field(body: dict[str, Any], chance: random.Random) -> bytes:
    changed = copy.deepcopy(body)
    for name in chance.sample(sorted(changed), min(len(changed), chance.choice((1, 2)))):
        del changed[name]
    return _encoded(changed)


def _with_fields(body: dict[str, Any], chance: random.Random) -> bytes:
    names = ("$set", "_id", "id", "role", "roles", "permissions", "a.b", "", "Authorization", "\0")
    more = {name: chance.choice(_VALUES) for name in chance.sample(names, 2)}
    return _encoded({**body, **more})


def _with_twin(body: dict[str, Any], chance: random.Random) -> bytes:
    """The same name twice."""
    if not body:
        return b'{"a":1,"a":2}'
    name = chance.choice(sorted(body))
    twin = json.dumps({name: chance.choice(_VALUES)})
    return _encoded(body)[:-1] + b"," + twin[1:].encode()


def _in_other_bytes(body: dict[str, Any], chance: random.Random) -> bytes:
    text = json.dumps(body, ensure_ascii=False)
    encoding = chance.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "latin-1", "utf-7"))
    return text.encode(encoding, "replace")


def _cut(body: dict[str, Any], chance: random.Random) -> bytes:
    content = _encoded(body)
    return content[: chance.randrange(len(content) + 1)]


def _flipped(body: dict[str, Any], chance: random.Random) -> bytes:
    content = bytearray(_encoded(body))
    for _ in range(chance.choice((1, 2, 8))):
        content[chance.randrange(len(content))] = chance.randrange(256)
    return bytes(content)


def _whole(_body: dict[str, Any], chance: random.Random) -> bytes:
    """Something that is no object."""
    if chance.random() < 0.5:
        return chance.choice(_TEXTS).encode()
    return _encoded(chance.choice(_VALUES))


def _unchanged(body: dict[str, Any], _chance: random.Random) -> bytes:
    return _encoded(body)


_MUTATIONS: tuple[Callable[[dict[str, Any], random.Random], bytes], ...] = (
    _with_value,
    _with_value,
    _with_value,
    _with_text,
    _with_text,
    _without_field,
    _with_fields,
    _with_twin,
    _in_other_bytes,
    _cut,
    _flipped,
    _whole,
    # Now and then one is taken, so that there is something to name.
    _unchanged,
    _unchanged,
)


def _put(within: dict[str, Any], value: Any, chance: random.Random) -> None:
    """Put a value in the place of one that is somewhere in an object."""
    here: Any = within
    while here:
        keys = sorted(here) if isinstance(here, dict) else range(len(here))
        key = chance.choice(keys)
        if isinstance(here[key], dict | list) and here[key] and chance.random() < 0.6:
            here = here[key]
            continue
        here[key] = copy.deepcopy(value)
        return


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode()
