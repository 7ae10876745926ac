"""Where mongomock projects and sorts otherwise than MongoDB's manual, and we with it.

Each difference has a number, a sentence, the cases it is limited to, and an example that
`test_language_oracle` runs on both. The random tests leave out these cases and no others.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from repositories.embedded.paths import split
from tests.storage.filter_differences import Document, meets, parts_of

#: What a projection by mongomock cannot do, with the case that shows it.
PROJECTION_DIFFERENCES: dict[int, tuple[str, dict[str, Any], dict[str, Any]]] = {
    41: ("An exclusion through a plain value drops the value.", {"a.b": False}, {"a": 5}),
    42: ("A projection fails on elements that are no objects.", {"a.b": True}, {"a": [5]}),
}


def _drops_plain_value(projection: Mapping[str, Any], doc: Document) -> bool:
    return any(
        not keeps and meets(doc, split(path), lambda node, _: not isinstance(node, (dict, list)))
        for path, keeps in projection.items()
    )


def _plain_element(projection: Mapping[str, Any], doc: Document) -> bool:
    def is_mixed_array(node: Any, _: str) -> bool:
        return isinstance(node, list) and not all(isinstance(element, dict) for element in node)

    return any(meets(doc, split(path), is_mixed_array) for path in projection)


_APPLIES: dict[int, Callable[[Mapping[str, Any], Document], bool]] = {
    41: _drops_plain_value,
    42: _plain_element,
}


def differences_of_projection(projection: Mapping[str, Any], doc: Document) -> set[int]:
    """The numbers of the known differences that a projection of a document can meet."""
    return {number for number, applies in _APPLIES.items() if applies(projection, doc)}


#: Sorts in which mongomock gives another order, with the documents that show it.
SORT_DIFFERENCES: dict[int, tuple[str, list[Any]]] = {
    51: ("An array sorts by its first element.", [[5, 1], 3]),
    52: ("NaN has no place among the numbers.", [1, float("nan")]),
}


def differences_of_sort(values: Sequence[Any]) -> set[int]:
    """The numbers of the known differences that a sort by these values can meet."""
    arrays = {51} if any(isinstance(value, list) for value in values) else set()
    nans = {52} if any(part != part for value in values for part in parts_of(value)) else set()
    return arrays | nans
