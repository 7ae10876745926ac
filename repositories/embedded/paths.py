"""Where a dotted path leads in a document, by MongoDB's rules for arrays.

A path goes through every object in an array on its way, and a number in it is also an
index. Source: MongoDB manual, "Query an Array of Embedded Documents".
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from repositories.embedded.values import MISSING


class Leaf(NamedTuple):
    """One thing a path leads to.

    `position` is the index in the outermost array the path went through, or None.
    `expands` tells whether a condition also looks into `value` when that is an array: not
    when the path named it by its index (`a.1` is `[2, 4]` itself in `{a: [5, [2, 4]]}`).
    """

    value: Any
    position: int | None
    expands: bool


@lru_cache(maxsize=4096)
def split(path: str) -> tuple[str, ...]:
    """The components of a dotted path."""
    return tuple(path.split("."))


def as_index(part: str) -> int | None:
    """The array index that a path component spells, or None: `0` and `10`, not `01` or `²`."""
    if part.isascii() and part.isdigit() and (part[0] != "0" or part == "0"):
        return int(part)
    return None


def leaves(node: Any, parts: tuple[str, ...]) -> Iterator[Leaf]:
    """Everything that the path leads to in the document `node`.

    A document without the field gives one leaf that is `MISSING`; an array on the way
    whose elements are no objects gives none.
    """
    return _leaves(node, parts, 0, None)


def _leaves(node: Any, parts: tuple[str, ...], depth: int, position: int | None) -> Iterator[Leaf]:
    while depth < len(parts):
        if isinstance(node, dict):
            node = node.get(parts[depth], MISSING)
            depth += 1
        elif isinstance(node, (list, tuple)):
            yield from _leaves_in_array(node, parts, depth, position)
            return
        else:
            node = MISSING
            break
    yield Leaf(node, position, expands=True)


def _leaves_in_array(
    array: Any, parts: tuple[str, ...], depth: int, position: int | None
) -> Iterator[Leaf]:
    index = as_index(parts[depth])
    for offset, element in enumerate(array):
        outermost = offset if position is None else position
        if isinstance(element, dict):
            yield from _leaves(element, parts, depth, outermost)
        if offset != index:
            continue
        if depth + 1 == len(parts):
            yield Leaf(element, outermost, expands=False)
        elif isinstance(element, dict):
            yield from _leaves(element, parts, depth + 1, outermost)
        elif isinstance(element, (list, tuple)):
            yield from _leaves_in_array(element, parts, depth + 1, outermost)


def exists(doc: dict[str, Any], path: str) -> bool:
    """Whether the document has the field, as `$exists` and sparse indexes mean it."""
    if "." not in path:
        return path in doc
    return any(leaf.value is not MISSING for leaf in leaves(doc, split(path)))
