"""Choosing how to find the documents that a filter means.

A plan narrows: it names the keys among which everything that matches is. The matcher
decides, but for plans that are *exact*, where having such a key is all the filter asks.

Plans are made for shapes and kept with the collection; `bind` puts a filter's values in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from repositories.embedded.catalog import CollectionEntry
from repositories.embedded.conditions import ARRAYS
from repositories.embedded.encoding import encode_value
from repositories.embedded.indexes import Index
from repositories.embedded.keys import prefix_upper
from repositories.embedded.match import Matcher, compile_filter
from repositories.embedded.partial import implies
from repositories.embedded.predicates import (
    END,
    Filter,
    Interval,
    Predicate,
    Predicates,
    equality_parts,
    paths_with_root,
    range_part,
    shape_of,
    take_apart,
)

Sort = tuple[tuple[str, int], ...]

_MOST_PLANS: Final = 1000
#: More keys than this from `$in`s on several fields of one index, and only the first is used.
_MOST_INTERVALS: Final = 2000


@dataclass(frozen=True, slots=True)
class Plan:
    """How one query is answered: what `explain` and the store's observer show.

    `stage` is IXSCAN, COLLSCAN, or OR of several index scans (`branches`). `needs_filter`
    tells that found documents are checked against the filter, `sorts` that they are sorted
    in memory.
    """

    stage: str
    index: str | None = None
    bounds: tuple[Interval, ...] = ()
    is_backward: bool = False
    needs_filter: bool = False
    sorts: bool = False
    branches: tuple["Plan", ...] = ()

    @property
    def uses_index(self) -> bool:
        """Whether no part of it reads a whole collection."""
        return self.stage != "COLLSCAN"

    def as_document(self) -> dict[str, Any]:
        """The plan as a document, in the words of MongoDB's explain."""
        shown: dict[str, Any] = {"stage": self.stage}
        if self.index is not None:
            shown["indexName"] = self.index
            shown["direction"] = "backward" if self.is_backward else "forward"
            shown["indexBounds"] = [f"[{low.hex()}, {high.hex()})" for low, high in self.bounds]
        if self.branches:
            shown["inputStages"] = [branch.as_document() for branch in self.branches]
        return {**shown, "needsFilter": self.needs_filter, "sortsInMemory": self.sorts}


@dataclass(slots=True)
class Bound:
    """A plan with a filter's values: which rows of which index to read, in which order.

    `index` None is the whole collection. `intervals` are disjoint, in the order of reading;
    `is_point` tells that each is one key of a unique index.
    """

    entry: CollectionEntry
    index: Index | None
    intervals: list[Interval]
    is_point: bool
    is_backward: bool
    is_exact: bool
    is_sorted: bool
    branches: tuple["Bound", ...] = ()

    @property
    def uses_index(self) -> bool:
        """Whether no part of it reads a whole collection."""
        return self.index is not None or bool(self.branches)

    def describe(self, sort: Sort) -> Plan:
        """The plan for people to see."""
        stage = "OR" if self.branches else "COLLSCAN" if self.index is None else "IXSCAN"
        return Plan(
            stage,
            index=None if self.index is None else self.index.name,
            bounds=tuple(self.intervals),
            is_backward=self.is_backward,
            needs_filter=not self.is_exact,
            sorts=bool(sort) and not self.is_sorted,
            branches=tuple(branch.describe(()) for branch in self.branches),
        )


@dataclass(slots=True)
class IndexPlan:
    """An index scan for one shape: equalities on its first fields, then perhaps a range."""

    entry: CollectionEntry
    index: Index
    equalities: list[Predicate] = field(default_factory=list)
    ranges: list[Predicate] = field(default_factory=list)
    is_exact: bool = False
    is_sorted: bool = False
    is_backward: bool = False
    predicates: Predicates = field(default_factory=Predicates)
    #: The equalities, each with whether the index holds its field in descending order.
    directed: list[tuple[Predicate, bool]] = field(default_factory=list)
    #: Whether each key it looks for is of at most one document.
    is_point: bool = False
    #: The fields of `equalities`, when all are plain values of ascending top-level fields: the
    #: way of most queries, which then need not look for them.
    plain: tuple[str, ...] | None = None

    def score(self) -> tuple[float, int]:
        """The greater, the fewer documents are likely to be read."""
        points = sum(4 if step.operator == "$eq" else 3 for step in self.equalities)
        ranges = {0: 0.0, 1: 1.5}.get(len(self.ranges), 2.0)
        unique = 100 if self.is_point else 0
        return unique + points + ranges + 1.8 * self.is_sorted, -len(self.index.fields)

    def is_usable(self, filter: Filter) -> bool:
        """Whether the index holds every document that this filter means."""
        partial = self.index.partial
        return partial is None or implies(filter, self.predicates, partial)

    def bind(self, filter: Filter) -> Bound:
        """The rows to read for this filter."""
        intervals = self._intervals(filter)
        if self.is_backward:
            intervals.reverse()
        return Bound(
            self.entry,
            self.index,
            intervals,
            self.is_point,
            self.is_backward,
            self.is_exact,
            self.is_sorted,
        )

    def _intervals(self, filter: Filter) -> list[Interval]:
        prefixes = [b""]
        if self.plain is not None:
            prefixes = [b"".join([encode_value(filter[name]) for name in self.plain])]
        for step, descending in self.directed if self.plain is None else ():
            parts = equality_parts(step, filter, descending=descending)
            if len(parts) * len(prefixes) > _MOST_INTERVALS and prefixes != [b""]:
                return self._prefix_intervals(prefixes)
            prefixes = [prefix + part for prefix in prefixes for part in parts]
        if self.ranges:
            direction = self.index.fields[len(self.equalities)][1]
            low, high = range_part(self.ranges, filter, descending=direction < 0)
            return [(prefix + low, prefix + high) for prefix in prefixes] if low < high else []
        if self.is_point:
            return [(prefix, prefix) for prefix in prefixes]
        return self._prefix_intervals(prefixes)

    def _prefix_intervals(self, prefixes: list[bytes]) -> list[Interval]:
        return [(prefix, prefix_upper(prefix) or END) for prefix in prefixes]


@dataclass(slots=True)
class ShapePlan:
    """What was found out for a shape: the index plans that may do, best first.

    `alternatives` are the shapes of an `$or`, each with the steps to its branch.
    """

    entry: CollectionEntry
    candidates: list[IndexPlan]
    alternatives: list[tuple[Any, ...]]

    def bind(self, filter: Filter) -> Bound:
        """The best plan that holds for this filter's values."""
        for candidate in self.candidates:
            if candidate.index.partial is None or candidate.is_usable(filter):
                if candidate.equalities or candidate.ranges:
                    return candidate.bind(filter)
                return self._union(filter) or candidate.bind(filter)
        return self._union(filter) or self._whole()

    def _union(self, filter: Filter) -> Bound | None:
        for steps in self.alternatives:
            operand: Any = filter
            for step in steps:
                operand = operand[step]
            branches = tuple(plan(self.entry, branch, ()) for branch in operand)
            if all(branch.uses_index for branch in branches):
                return Bound(self.entry, None, [], False, False, False, False, branches=branches)
        return None

    def _whole(self) -> Bound:
        return Bound(self.entry, None, [], False, False, False, False)


def plan(entry: CollectionEntry, filter: Filter, sort: Sort) -> Bound:
    """How to find what `filter` means, in the order of `sort` if an index gives it.

    Raises what `compile_filter` raises for a filter that is wrong.
    """
    shape = (shape_of(filter), sort)
    known: ShapePlan | None = entry.plans.get(shape)
    if known is None:
        compile_filter(filter)
        known = _plan_shape(entry, filter, sort)
        if len(entry.plans) >= _MOST_PLANS:
            entry.plans.clear()
        entry.plans[shape] = known
    return known.bind(filter)


def _plan_shape(entry: CollectionEntry, filter: Filter, sort: Sort) -> ShapePlan:
    predicates = take_apart(filter)
    plans = [_plan_index(entry, index, predicates, filter, sort) for index in entry.all_indexes()]
    candidates = [found for found in plans if found is not None]
    candidates.sort(key=IndexPlan.score, reverse=True)
    return ShapePlan(entry, candidates, predicates.alternatives)


def _plan_index(
    entry: CollectionEntry, index: Index, predicates: Predicates, filter: Filter, sort: Sort
) -> IndexPlan | None:
    found = IndexPlan(entry, index, predicates=predicates)
    _add_steps(found, predicates)
    if index.sparse and not _implies_presence(found, filter):
        return None
    found.directed = [
        (step, direction < 0)
        for step, (_, direction) in zip(found.equalities, index.fields, strict=False)
    ]
    if all(_is_plain(step, descending, filter) for step, descending in found.directed):
        found.plain = tuple(step.steps[0] for step in found.equalities)
    found.is_point = index.unique and len(found.equalities) == len(index.fields)
    _set_order(found, sort)
    if not (found.equalities or found.ranges or found.is_sorted):
        return None
    used = [*found.equalities, *found.ranges]
    found.is_exact = (
        not index.multikey
        and not predicates.has_rest
        and not predicates.alternatives
        and len(used) == predicates.count()
        and all(step.is_exact(filter) for step in used)
    )
    return found


def _is_plain(step: Predicate, descending: bool, filter: Filter) -> bool:
    is_value = len(step.steps) == 1 and step.operator == "$eq"
    return is_value and not descending and not isinstance(step.value(filter), ARRAYS)


def _add_steps(found: IndexPlan, predicates: Predicates) -> None:
    """Use as many fields of the index as the filter gives conditions for."""
    used: list[str] = []
    for path in found.index.paths:
        given = predicates.by_path.get(path, [])
        # Two fields of one array may be met by different elements, and so by different keys.
        if found.index.multikey and any(paths_with_root(used, path)):
            return
        equality = next((step for step in given if step.operator == "$eq"), None) or next(
            (step for step in given if step.operator == "$in"), None
        )
        if equality is None:
            # Likewise two ranges on one array.
            found.ranges = given[:1] if found.index.multikey else list(given)
            return
        found.equalities.append(equality)
        used.append(path)


def _implies_presence(found: IndexPlan, filter: Filter) -> bool:
    steps = [*found.equalities, *found.ranges]
    return any(step.implies_existence(filter) for step in steps)


def _set_order(found: IndexPlan, sort: Sort) -> None:
    if not sort or found.index.multikey:
        return
    constant = {
        path
        for step, path in zip(found.equalities, found.index.paths, strict=False)
        if step.operator == "$eq"
    }
    wanted = [part for part in sort if part[0] not in constant]
    given = [part for part in found.index.fields if part[0] not in constant]
    for sign in (1, -1):
        if all(
            position < len(given) and given[position] == (path, direction * sign)
            for position, (path, direction) in enumerate(wanted)
        ):
            found.is_sorted = True
            found.is_backward = sign < 0
            return


def whole(entry: CollectionEntry) -> Bound:
    """Every document, by the index on `_id`: how all of them are counted."""
    return Bound(entry, entry.id_index, [(b"", END)], False, False, True, False)


def matcher_of(bound: Bound, filter: Filter) -> Matcher | None:
    """What still has to decide about the rows of `bound`; None when nothing has to."""
    return None if bound.is_exact else compile_filter(filter)


Observer = Callable[[str, str, Plan], None]


def normalised_sort(sort: Any) -> Sort:
    """The sort as pairs of path and 1 or -1, from any of the ways PyMongo takes one.

    Raises TypeError and ValueError as PyMongo does.
    """
    if sort is None:
        return ()
    if isinstance(sort, str):
        return ((sort, 1),)
    pairs: Sequence[Any] = list(sort.items()) if isinstance(sort, Mapping) else list(sort)
    result = []
    for pair in pairs:
        path, direction = (pair, 1) if isinstance(pair, str) else pair
        if not isinstance(path, str):
            raise TypeError("first item in each key pair must be an instance of str")
        if direction not in (1, -1) or isinstance(direction, bool):
            raise TypeError(f"the direction of the sort on {path} must be 1 or -1")
        result.append((path, int(direction)))
    return tuple(result)
