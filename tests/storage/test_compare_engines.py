"""The long comparison of the engines counts what it compares, and finds what differs."""

from typing import Any

import pytest

from tests.storage import oracle
from tests.storage import test_language_oracle as language
from tests.storage.compare_engines import Comparing


def test_what_is_compared_is_counted_and_known_differences_are_not():
    comparing = Comparing(7, 60).within(1)
    comparing.stores(100)
    comparing.language(40)
    result = comparing.result
    assert result.differences == []
    assert result.stores >= 100
    assert result.language >= 40


def test_a_store_that_answers_otherwise_is_found(monkeypatch: pytest.MonkeyPatch):
    honest = oracle.Oracle.run

    def run(self: oracle.Oracle, name: str, arguments: dict[str, Any]) -> Any:
        answer = honest(self, name, arguments)
        return answer + 1 if name == "count_documents" and answer else answer

    monkeypatch.setattr(oracle.Oracle, "run", run)
    comparing = Comparing(7, 60, finds_shortest=False).within(1)
    comparing.stores(5_000)
    (difference,) = comparing.result.differences
    assert difference.startswith("AssertionError(('count_documents', {'filter': ")


def test_a_filter_that_matches_otherwise_is_found(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(language, "mongomock_matches", lambda _filter, _doc: False)
    comparing = Comparing(7, 60, finds_shortest=False).within(1)
    comparing.language(4_000)
    assert len(comparing.result.differences) == 1
