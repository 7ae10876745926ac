"""The keys of a document in an index, and the ranges of keys that a condition can match.

A document has one key, or one for each element of an array that the indexed paths meet
(a multikey index). A missing field is indexed as null. An empty array is indexed as
MongoDB does it, by a key of its own below null (`EMPTY_ARRAY_KEY`); where the path goes on
behind the empty array, as null. A search by keys may find too much, for which the matcher
is asked, but never too little.

Sources: MongoDB manual, "Multikey Indexes" and "Compound Multikey Indexes".
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from repositories.embedded.encoding import (
    encode_descending,
    encode_value,
    inverted,
)
from repositories.embedded.paths import as_index, split
from repositories.embedded.refusals import CANNOT_INDEX_PARALLEL_ARRAYS, refused, unsupported
from repositories.embedded.values import MISSING, Rank, is_nan, rank

__all__ = [
    "EMPTY_ARRAY_KEY",
    "KeyExtractor",
    "encode_descending",
    "encode_value",
    "equality_keys",
    "index_keys",
    "inverted",
    "is_multikey",
    "key_extractor",
    "prefix_upper",
    "range_bounds",
    "sort_key",
    "type_bounds",
]

Fields = Sequence[tuple[str, int]]

#: The key of an empty array: below null, so that a search for null does not meet it.
EMPTY_ARRAY_KEY: Final = bytes([Rank.UNDEFINED])

_ARRAYS: Final = (list, tuple)


class KeyExtractor:
    """The keys of documents in one index, or the sort keys of one order.

    `fields` are dotted paths, each with 1 (ascending) or -1 (descending).
    """

    __slots__ = ("_encoders", "_names", "_paths", "_simple", "fields")

    def __init__(self, fields: Fields) -> None:
        self.fields = tuple((path, direction) for path, direction in fields)
        self._paths = [split(path) for path, _ in self.fields]
        self._encoders = [
            _encode_part if direction > 0 else _encode_part_descending
            for _, direction in self.fields
        ]
        self._simple = [(path, direction > 0) for path, direction in self.fields if "." not in path]

    def extract(self, doc: Mapping[str, Any]) -> tuple[list[bytes], bool]:
        """The keys of `doc` without repetition, and whether a path met an array.

        Raises `OperationFailure` 171 when two fields are arrays of their own, and by name
        when a number in a path would be an index of an array.
        """
        if len(self._simple) == len(self._encoders):
            key = b""
            for path, ascending in self._simple:
                value = doc.get(path)
                if isinstance(value, _ARRAYS):
                    break
                key += encode_value(value) if ascending else encode_descending(value)
            else:
                return [key], False
        return self._extract_any(doc)

    def _extract_any(self, doc: Mapping[str, Any]) -> tuple[list[bytes], bool]:
        cursors = [_descend(doc, parts) for parts in self._paths]
        found: dict[bytes, None] = {}
        self._collect(cursors, found)
        return list(found), any(cursor.met_array for cursor in cursors)

    def _collect(self, cursors: "list[_Cursor]", found: dict[bytes, None]) -> None:
        waiting = [cursor for cursor in cursors if cursor.expands]
        if not waiting:
            parts = zip(self._encoders, cursors, strict=True)
            found[b"".join([encode(cursor.node) for encode, cursor in parts])] = None
            return
        array = waiting[0].node
        for cursor in waiting:
            if cursor.node is not array:
                raise refused(
                    f"cannot index parallel arrays [{'.'.join(cursor.parts)}] "
                    f"[{'.'.join(waiting[0].parts)}]",
                    CANNOT_INDEX_PARALLEL_ARRAYS,
                )
        for element in array or (_EMPTY_ARRAY,):
            self._collect(
                [_step(cursor, element) if cursor.expands else cursor for cursor in cursors], found
            )


class _EmptyArray:
    """The type of `_EMPTY_ARRAY`."""


#: Stands for the one element that an empty array is indexed by.
_EMPTY_ARRAY: Final = _EmptyArray()


class _Cursor(NamedTuple):
    """How far a path has been followed: up to `node`, with `depth` components used.

    `expands` tells that `node` is an array whose elements come next, `met_array` that any
    array was on the way.
    """

    node: Any
    parts: tuple[str, ...]
    depth: int
    expands: bool
    met_array: bool


def _descend(node: Any, parts: tuple[str, ...], depth: int = 0, met: bool = False) -> _Cursor:
    """Follow a path to its end, or to the array whose elements it goes through."""
    while depth < len(parts):
        if isinstance(node, Mapping):
            node = node.get(parts[depth], MISSING)
        elif isinstance(node, _ARRAYS):
            if as_index(parts[depth]) is not None:
                # In a filter the number is also a field name, which no single key could serve.
                path = ".".join(parts)
                raise unsupported(f"an array position in an index or sort ('{path}')")
            met = True
            break
        else:
            node = MISSING
        depth += 1
    expands = isinstance(node, _ARRAYS)
    return _Cursor(node, parts, depth, expands, met or expands)


def _step(cursor: _Cursor, element: Any) -> _Cursor:
    """From an array to one of its elements; only an object in it has the rest of the path."""
    if cursor.depth == len(cursor.parts):
        return cursor._replace(node=element, expands=False)
    inside = element if isinstance(element, Mapping) else MISSING
    return _descend(inside, cursor.parts, cursor.depth, met=True)


def _encode_part(node: Any) -> bytes:
    return EMPTY_ARRAY_KEY if node is _EMPTY_ARRAY else encode_value(node)


def _encode_part_descending(node: Any) -> bytes:
    return inverted(_encode_part(node))


@lru_cache(maxsize=1024)
def _extractor_of(fields: tuple[tuple[str, int], ...]) -> KeyExtractor:
    return KeyExtractor(fields)


def key_extractor(fields: Fields) -> KeyExtractor:
    """The extractor of these fields; the same one each time."""
    return _extractor_of(tuple((path, direction) for path, direction in fields))


def index_keys(doc: Mapping[str, Any], fields: Fields) -> list[bytes]:
    """All keys that `doc` has in an index on `fields`; errors as `KeyExtractor.extract`."""
    return key_extractor(fields).extract(doc)[0]


def is_multikey(doc: Mapping[str, Any], fields: Fields) -> bool:
    """Whether a path of `fields` meets an array in `doc`, even one of a single element."""
    return key_extractor(fields).extract(doc)[1]


def sort_key(sort: Fields) -> Callable[[Mapping[str, Any]], bytes]:
    """The function by which documents sort: an array counts by its least element in the
    direction of the sort, as in MongoDB.
    """
    extract = key_extractor(sort).extract

    def first_key(doc: Mapping[str, Any]) -> bytes:
        keys, _ = extract(doc)
        return keys[0] if len(keys) == 1 else min(keys)

    return first_key


def prefix_upper(key: bytes) -> bytes | None:
    """The exclusive upper bound of all keys that start with `key`; None: there is none."""
    stripped = key.rstrip(b"\xff")
    return stripped[:-1] + bytes([stripped[-1] + 1]) if stripped else None


def equality_keys(value: Any) -> list[bytes]:
    """The ascending keys of one field under which a document that equals `value` is found.

    A document that equals an array is indexed by its elements, and one that holds that
    array as an element by the array itself; so there are two keys for it.
    """
    if not isinstance(value, _ARRAYS):
        return [encode_value(value)]
    of_first = encode_value(value[0]) if value else EMPTY_ARRAY_KEY
    return [of_first, encode_value(value)]


def type_bounds(value: Any) -> tuple[bytes, bytes]:
    """From (inclusive) and to (exclusive): the ascending keys of all values of its type."""
    tag = rank(value)
    return bytes([tag]), bytes([tag + 1])


def range_bounds(operator: str, value: Any) -> tuple[bytes, bytes] | None:
    """From (inclusive) and to (exclusive): the ascending keys that `$gt`, `$gte`, `$lt` or
    `$lte` of `value` can match; None when only the whole index holds them all.
    """
    if rank(value) in _MATCH_ACROSS_KEYS:
        return None
    low, high = type_bounds(value)
    key = encode_value(value)
    if rank(value) is Rank.NUMBER and is_nan(value):
        return key, key + b"\x00"
    if operator in ("$gt", "$gte"):
        return key, high
    return low, key + b"\x00"


#: Arrays are indexed by their elements, and the ends of the order compare with every type.
_MATCH_ACROSS_KEYS: Final = frozenset({Rank.ARRAY, Rank.MIN_KEY, Rank.MAX_KEY})
