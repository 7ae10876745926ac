"""Many random operations on the embedded store and its oracles, by hand or by `scripts.prove`.

`python -m tests.storage.compare_engines [--operations N] [--seed S] [--seconds T]`
"""

import argparse
import asyncio
import functools
import json
import math
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import UnsatisfiedAssumption
from pymongo import MongoClient

from tests.storage import nx_oracle, oracle
from tests.storage import test_language_oracle as language
from tests.storage.contract import nx

# One that is drawn is tried on several documents: drawing takes longer than comparing.
_documents = st.lists(language.documents, min_size=12, max_size=12)
_lists_of_documents = st.lists(st.lists(language.documents, max_size=5), min_size=4, max_size=4)
# So few values that a bound is often met exactly.
_few = st.integers(-1, 3)
_plain_documents = st.lists(
    st.dictionaries(language.names, _few, max_size=3), min_size=12, max_size=12
)
_comparisons = st.dictionaries(
    language.names,
    st.builds(
        lambda operator, bound: {operator: bound},
        st.sampled_from(["$eq", "$ne", "$gt", "$gte", "$lt", "$lte"]),
        _few,
    ),
    min_size=1,
    max_size=2,
)
# What is drawn, and the test that compares it.
_LANGUAGE: tuple[tuple[tuple[st.SearchStrategy, ...], Any], ...] = (
    (
        (_documents, language.filters()),
        language.test_a_filter_matches_the_documents_that_it_matches_in_mongomock,
    ),
    (
        (_plain_documents, _comparisons),
        language.test_a_filter_matches_the_documents_that_it_matches_in_mongomock,
    ),
    (
        (_documents, language.updates.map(language.as_update)),
        language.test_an_update_makes_the_document_that_it_makes_in_mongomock,
    ),
    (
        (_documents, language.projections),
        language.test_a_projection_keeps_what_it_keeps_in_mongomock,
    ),
    (
        (_lists_of_documents, language.orders),
        language.test_a_sort_gives_the_order_of_mongomock,
    ),
)
# Hypothesis remembers what it has tried; so often it forgets.
_EXAMPLES_AT_ONCE = 500
# About as many operations as an example has on a store.
_OPERATIONS_EACH = 8


@dataclass
class Comparison:
    """What was compared: operations by engine, and how many known differences were left out."""

    stores: int = 0
    language: int = 0
    wire: int = 0
    left_out: Counter[int] = field(default_factory=Counter)
    left_out_of_language: int = 0
    left_out_of_wire: tuple[int, ...] = nx_oracle.LEFT_OUT
    differences: list[str] = field(default_factory=list)


class Comparing:
    """Compares until there is enough of each kind, the time is up, or something differs."""

    def __init__(self, first_seed: int, seconds: float, *, finds_shortest: bool = True):
        self.result = Comparison()
        self._phases = (Phase.generate, Phase.shrink)[: 1 + finds_shortest]
        self._seed = first_seed
        self._began, self._seconds = time.monotonic(), seconds
        self._until = self._began

    def within(self, share: float) -> "Comparing":
        """What follows has until this share of the whole time is up."""
        self._until = self._began + share * self._seconds
        return self

    def stores(self, many: int) -> None:
        """Whole stores, beside mongomock."""

        def compare(operations: list[oracle.Operation]) -> None:
            compared = oracle.Compared()
            asyncio.run(oracle.compare_stores(operations, compared))
            self.result.stores += compared.operations
            self.result.left_out.update(compared.left_out)

        self._repeat(
            compare, oracle.operations, lambda: (many - self.result.stores) / _OPERATIONS_EACH
        )

    def language(self, many: int) -> None:
        """Single filters, updates, projections and sorts, beside mongomock."""
        for number, (drawn, test) in enumerate(_LANGUAGE, 1):
            compare = functools.partial(self._count, test.hypothesis.inner_test)
            wanted = many * number // len(_LANGUAGE)
            left = functools.partial(self._examples_of_language, wanted)
            self._repeat(compare, st.tuples(*drawn), left)

    def _count(self, test: Callable[..., None], drawn: tuple[list[Any], Any]) -> None:
        """Compare on each, and count it."""
        each_of, what = drawn
        for each in each_of:
            try:
                test(each, what)
            except UnsatisfiedAssumption:
                self.result.left_out_of_language += 1
            else:
                self.result.language += 1

    def _examples_of_language(self, wanted: int) -> float:
        return (wanted - self.result.language) / _OPERATIONS_EACH

    def wire(self, many: int) -> None:
        """Whole collections, beside nx-27017 over the wire."""
        with tempfile.TemporaryDirectory() as directory, nx.running_server(Path(directory)) as port:
            client: MongoClient = MongoClient("127.0.0.1", port, tz_aware=True)
            things = client["compared"]["things"]

            def compare(operations: list[oracle.Operation]) -> None:
                asyncio.run(nx_oracle.compare_on_wire(things, operations))
                self.result.wire += len(operations)

            self._repeat(
                compare, nx_oracle.operations, lambda: (many - self.result.wire) / _OPERATIONS_EACH
            )
            client.close()

    def _repeat(
        self,
        compare: Callable[[Any], None],
        drawn: st.SearchStrategy,
        examples_left: Callable[[], float],
    ) -> None:
        while (left := math.ceil(examples_left())) > 0 and not self.result.differences:
            if time.monotonic() > self._until:
                return
            self._seed += 1
            try:
                self._compare(compare, drawn, min(left, _EXAMPLES_AT_ONCE))
            # An error that nobody expects is a difference too, and has the example in its notes.
            except Exception as difference:
                notes = getattr(difference, "__notes__", [])
                self.result.differences.append("\n".join([repr(difference), *notes]))

    def _compare(
        self, compare: Callable[[Any], None], drawn: st.SearchStrategy, examples: int
    ) -> None:
        """Compare so many examples. Raises what one that differs raised."""

        @seed(self._seed)
        @settings(
            max_examples=examples,
            derandomize=False,
            database=None,
            deadline=None,
            phases=self._phases,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )
        @given(drawn)
        def each(example: Any) -> None:
            compare(example)

        each()


def main() -> None:
    """Compare, and print what came of it as JSON."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--operations", type=int, default=10_000, help="in all [10000]")
    parser.add_argument("--seconds", type=float, default=600, help="at most [600]")
    parser.add_argument("--seed", type=int, default=1, help="of everything that is drawn [1]")
    own = parser.parse_args()
    comparing = Comparing(own.seed, own.seconds)
    # In percent of all; what is quick is asked more.
    comparing.within(0.15).wire(own.operations * 10 // 100)
    comparing.within(0.75).stores(own.operations * 30 // 100)
    comparing.within(1).language(own.operations * 60 // 100)
    print(json.dumps(vars(comparing.result)))


if __name__ == "__main__":
    main()
