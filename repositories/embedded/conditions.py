"""What a condition on a field is, and how it reads what the path of the field leads to.

Sources: MongoDB manual, "Query an Array", and `src/mongo/db/matcher` for what it leaves open.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from bson.regex import Regex

from repositories.embedded.paths import Leaf
from repositories.embedded.refusals import refused

Test = Callable[[Any], bool]
ARRAYS: Final = (list, tuple)
REGEXES: Final = (re.Pattern, Regex)
_DBREF_FIELDS: Final = frozenset({"$ref", "$id", "$db"})


def is_operators(operand: Any) -> bool:
    """Whether an operand is a document of operators rather than a value."""
    if not isinstance(operand, Mapping) or not operand:
        return False
    first = next(iter(operand))
    return isinstance(first, str) and first.startswith("$") and first not in _DBREF_FIELDS


def has_operators(operand: Any) -> bool:
    """Whether an operand has an operator anywhere among its own fields."""
    return isinstance(operand, Mapping) and any(
        isinstance(name, str) and name.startswith("$") and name not in _DBREF_FIELDS
        for name in operand
    )


class Condition(Protocol):
    """A condition on what a path leads to."""

    def single(self, value: Any) -> bool:
        """Whether this one value meets it, as an element under `$elemMatch` has to."""

    def leaf(self, value: Any) -> bool:
        """Whether the value of a field meets it, or an element of it if it is an array."""

    def holds(self, leaves: Sequence[Leaf]) -> bool:
        """Whether what a path leads to meets it, wherever arrays branched the path."""

    def position(self, leaves: Sequence[Leaf]) -> int | None:
        """The index in the outermost array of what meets it; None without an array."""


class AnyOf:
    """Some value passes the test."""

    __slots__ = ("single",)

    def __init__(self, test: Test) -> None:
        self.single = test

    def leaf(self, value: Any) -> bool:
        if self.single(value):
            return True
        return isinstance(value, ARRAYS) and any(map(self.single, value))

    def holds(self, leaves: Sequence[Leaf]) -> bool:
        for value, _, expands in leaves:
            if self.leaf(value) if expands else self.single(value):
                return True
        return False

    def position(self, leaves: Sequence[Leaf]) -> int | None:
        for value, position, expands in leaves:
            if expands and isinstance(value, ARRAYS):
                for offset, element in enumerate(value):
                    if self.single(element):
                        return offset if position is None else position
            if self.single(value):
                return position
        return None


class AnyArray:
    """Some array passes the test as a whole; its elements are not looked at by themselves.

    `element_of` tells which element made an array pass, where one did.
    """

    __slots__ = ("_element_of", "leaf", "single")

    def __init__(self, test: Test, element_of: Callable[[Any], int | None]) -> None:
        self.single = test
        self.leaf = test
        self._element_of = element_of

    def holds(self, leaves: Sequence[Leaf]) -> bool:
        return any(self.single(value) for value, _, _ in leaves)

    def position(self, leaves: Sequence[Leaf]) -> int | None:
        for value, position, _ in leaves:
            if self.single(value):
                return self._element_of(value) if position is None else position
        return None


class AllOf:
    """Every one of the conditions holds, each perhaps by another element."""

    __slots__ = ("_conditions",)

    def __init__(self, conditions: Sequence[Condition]) -> None:
        self._conditions = conditions

    def single(self, value: Any) -> bool:
        return all(condition.single(value) for condition in self._conditions)

    def leaf(self, value: Any) -> bool:
        return all(condition.leaf(value) for condition in self._conditions)

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

    def leaf(self, value: Any) -> bool:
        return not self._condition.leaf(value)

    def holds(self, leaves: Sequence[Leaf]) -> bool:
        return not self._condition.holds(leaves)

    def position(self, _: Sequence[Leaf]) -> int | None:
        """Nothing in particular makes a negation hold."""
        return None


def one_position(positions: Iterable[int | None]) -> int | None:
    """The index that conditions agree on; refused when `$` could mean several elements."""
    found = {position for position in positions if position is not None}
    if len(found) > 1:
        raise refused(
            "The positional operator '$' is ambiguous: the conditions of the filter match "
            "different array elements. Put them into one $elemMatch."
        )
    return found.pop() if found else None
