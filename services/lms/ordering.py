"""Places in a list: dense from 0 whatever is put in, moved or taken out. Pure."""

from collections.abc import Sequence
from typing import TypeVar

from services.lms.errors import InvalidField

MAX_INDEX = 1_000_000_000
T = TypeVar("T")


def accepted_index(index: int) -> int:
    """A place as it may be asked for; one past the end means the end. Raises InvalidField."""
    if not 0 <= index <= MAX_INDEX:
        raise InvalidField("order_index", f"must be 0 to {MAX_INDEX}")
    return index


def with_item(items: Sequence[T], item: T, index: int) -> list[T]:
    """The list with `item` at a place, moved there if it was elsewhere."""
    others = [each for each in items if each != item]
    others.insert(index, item)
    return others


def reordered(items: Sequence[T], places: Sequence[tuple[T, int]]) -> list[T]:
    """The list once some of its items are at the places named; the others keep their order.

    Only the order of the places counts where they leave gaps, so that whoever counts from
    1 gets the same. Each item of `places` is in the list, and no item or place comes twice.
    """
    moved = {item for item, _ in places}
    result = [item for item in items if item not in moved]
    for item, index in sorted(places, key=lambda place: place[1]):
        result.insert(index, item)
    return result
