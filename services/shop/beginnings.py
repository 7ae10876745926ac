"""The sets of all beginnings of stems: each is joined from those that are a letter longer."""

from collections.abc import Iterator, Mapping, Sequence

from repositories import number_sets
from repositories.number_sets import Chunks


def sets_of_beginnings(numbers: Mapping[str, Sequence[int]]) -> Iterator[tuple[str, Chunks]]:
    """Each beginning of each stem with the numbers of all the stems that begin with it.

    The stems are walked like the branches of a tree, so that only the sets on the way to
    one of them are there at a time: of 300,000 stems, all would take a gigabyte.
    """
    # The sets so far of each beginning of the stem that was met last.
    open_sets: list[Chunks] = []
    last = ""
    for stem in sorted(numbers):
        yield from _closed(open_sets, last, stem)
        open_sets += [{} for _ in range(len(stem) - len(open_sets))]
        open_sets[-1] = number_sets.chunks_of(numbers[stem])
        last = stem
    yield from _closed(open_sets, last, "")


def _closed(open_sets: list[Chunks], last: str, stem: str) -> Iterator[tuple[str, Chunks]]:
    """Those that are whole, because `stem` does not begin so; the longest first."""
    while open_sets and not (stem and stem.startswith(last[: len(open_sets)])):
        whole = open_sets.pop()
        yield last[: len(open_sets) + 1], whole
        if open_sets:
            shorter = open_sets[-1]
            open_sets[-1] = number_sets.union((shorter, whole)) if shorter else whole
