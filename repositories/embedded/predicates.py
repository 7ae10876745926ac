"""What of a filter an index can answer: the conditions that hold for keys in an interval.

Filters of one *shape* (the same fields and operators, values of the same types) are answered
by the same plan, so a predicate says where in the filter its value is, not what it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from bson.int64 import Int64
from bson.objectid import ObjectId

from repositories.embedded.conditions import ARRAYS, REGEXES, is_operators
from repositories.embedded.encoding import encode_value, inverted
from repositories.embedded.keys import equality_keys, prefix_upper, range_bounds, type_bounds
from repositories.embedded.values import Rank, is_nan, rank

Filter = Mapping[str, Any]
Shape = tuple[Any, ...]
Interval = tuple[bytes, bytes]

#: Above every key: no type's tag, ascending or descending, is 0xFF.
END: Final = b"\xff"
_RANGES: Final = ("$gt", "$gte", "$lt", "$lte")
_BRANCHING: Final = ("$and", "$or", "$nor")
#: Values that equal exactly those with the same key, whose order is that of their keys.
_EXACT_TYPES: Final = frozenset({str, int, ObjectId, bool, bytes, Int64})
_PLAIN_TYPES: Final = frozenset({str, int, ObjectId, bool, bytes, datetime, float, type(None)})


def shape_of(filter: Filter) -> Shape:
    """The fields, operators and types of a filter, without its values."""
    parts: list[Any] = []
    for name, operand in filter.items():
        kind = type(operand)
        if kind in _PLAIN_TYPES and name != "$exists":
            parts += (name, kind)
        elif isinstance(operand, Mapping):
            parts += (name, shape_of(operand))
        elif isinstance(operand, ARRAYS):
            parts += (name, _shape_of_array(name, operand))
        else:
            parts += (name, operand if name == "$exists" else kind)
    return tuple(parts)


def _shape_of_array(name: str, operand: Sequence[Any]) -> Any:
    if name in _BRANCHING:
        return tuple(shape_of(part) for part in operand if isinstance(part, Mapping))
    return list, frozenset(map(type, operand))


@dataclass(frozen=True, slots=True)
class Predicate:
    """One operator on one field, and the steps through the filter to its value.

    `in_element` tells that it is about an element of an array (`$elemMatch`): then it
    narrows, and decides nothing.
    """

    operator: str
    steps: tuple[Any, ...]
    in_element: bool = False

    def value(self, filter: Filter) -> Any:
        """The value that this filter has for it."""
        found: Any = filter
        for step in self.steps:
            found = found[step]
        return found

    def values(self, filter: Filter) -> Sequence[Any]:
        """The values one of which a document has to have, of `$eq` or `$in`."""
        value = self.value(filter)
        return value if self.operator == "$in" else (value,)

    def is_equality(self) -> bool:
        """Whether it allows single values rather than a range of them."""
        return self.operator in ("$eq", "$in")

    def is_indexable(self, filter: Filter) -> bool:
        """Whether its value, or one of that type, has keys to look for."""
        if self.operator == "$in":
            return not any(isinstance(value, REGEXES) for value in self.value(filter))
        if self.operator == "$eq":
            return True
        return self._is_ordered(self.value(filter))

    def _is_ordered(self, value: Any) -> bool:
        if range_bounds(self.operator, value) is None:
            return False
        return not (rank(value) is Rank.NUMBER and is_nan(value))

    def is_exact(self, filter: Filter) -> bool:
        """Whether having a key in its intervals is all that it asks (of one without arrays)."""
        if self.in_element:
            return False
        if self.operator == "$in":
            return all(_is_exact(value) or value is None for value in self.value(filter))
        value = self.value(filter)
        return _is_exact(value) or (self.operator == "$eq" and value is None)

    def implies_existence(self, filter: Filter) -> bool:
        """Whether a document that meets it has the field."""
        if self.operator != "$in":
            return self.value(filter) is not None
        return all(value is not None for value in self.values(filter))


def _is_exact(value: Any) -> bool:
    kind = type(value)
    return kind in _EXACT_TYPES or (kind is float and not is_nan(value)) or rank(value) is Rank.DATE


@dataclass(slots=True)
class Predicates:
    """A filter taken apart.

    `alternatives` are the steps to each `$or`; `has_rest` tells whether the filter asks for
    more than `by_path` and `alternatives` say.
    """

    by_path: dict[str, list[Predicate]] = field(default_factory=dict)
    alternatives: list[tuple[Any, ...]] = field(default_factory=list)
    has_rest: bool = False

    def add(self, path: str, predicate: Predicate, filter: Filter) -> None:
        """Keep a predicate if an index has an answer to it."""
        if predicate.is_indexable(filter):
            self.by_path.setdefault(path, []).append(predicate)
        else:
            self.has_rest = True

    def count(self) -> int:
        """How many predicates there are."""
        return sum(map(len, self.by_path.values()))


def take_apart(filter: Filter) -> Predicates:
    """The predicates of a filter whose syntax is right."""
    found = Predicates()
    _collect(found, filter, filter, (), "")
    return found


def _collect(
    found: Predicates, whole: Filter, part: Filter, steps: tuple[Any, ...], prefix: str
) -> None:
    for name, operand in part.items():
        here = (*steps, name)
        if name == "$and" and not prefix:
            for number, branch in enumerate(operand):
                _collect(found, whole, branch, (*here, number), prefix)
        elif name == "$or" and not prefix:
            found.alternatives.append(here)
        elif name.startswith("$") or isinstance(operand, REGEXES):
            found.has_rest = True
        elif is_operators(operand):
            _collect_operators(found, whole, operand, here, prefix + name)
        else:
            found.add(prefix + name, Predicate("$eq", here, bool(prefix)), whole)


def _collect_operators(
    found: Predicates, whole: Filter, operators: Filter, steps: tuple[Any, ...], path: str
) -> None:
    for operator, operand in operators.items():
        here = (*steps, operator)
        if operator in ("$eq", "$in", *_RANGES):
            found.add(
                path, Predicate(operator, here, len(steps) > 1 and "$elemMatch" in steps), whole
            )
            continue
        found.has_rest = True
        if operator == "$elemMatch" and isinstance(operand, Mapping):
            if is_operators(operand):
                _collect_operators(found, whole, operand, here, path)
            else:
                _collect(found, whole, operand, here, f"{path}.")


def equality_parts(predicate: Predicate, filter: Filter, *, descending: bool) -> list[bytes]:
    """The keys of one field under which the documents that meet an equality are found."""
    if predicate.operator == "$eq":
        value = predicate.value(filter)
        if type(value) not in ARRAYS:
            key = encode_value(value)
            return [inverted(key) if descending else key]
    keys = {key for value in predicate.values(filter) for key in equality_keys(value)}
    return sorted(map(inverted, keys) if descending else keys)


def range_part(predicates: Sequence[Predicate], filter: Filter, *, descending: bool) -> Interval:
    """The keys of one field, from and to, that meet all of some ranges."""
    low, high = b"", END
    for predicate in predicates:
        a, b = _interval(predicate.operator, predicate.value(filter))
        if descending:
            a, b = _mirrored(a, b)
        low, high = max(low, a), min(high, b)
    return low, high


def _interval(operator: str, value: Any) -> Interval:
    low, high = type_bounds(value)
    key = encode_value(value)
    after = prefix_upper(key) or END
    if operator == "$gt":
        return after, high
    if operator == "$gte":
        return key, high
    return (low, key) if operator == "$lt" else (low, after)


def _mirrored(low: bytes, high: bytes) -> Interval:
    """The interval of the inverted keys whose originals, prefix-free, are in [low, high)."""
    return _mirror(high), _mirror(low)


def _mirror(bound: bytes) -> bytes:
    # A key is below `bound` exactly when its inversion is past every inversion of keys from
    # `bound` on; those start with what precedes or equals the inversion of `bound`.
    return prefix_upper(inverted(bound)) or END


def paths_with_root(paths: Sequence[str], path: str) -> Iterator[str]:
    """Those of `paths` that begin with the same field as `path`."""
    root = path.partition(".")[0]
    return (other for other in paths if other.partition(".")[0] == root)
