"""What measuring costs: how the two servers are compared."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scripts.bench import metrics_cost
from scripts.bench.cells import Contents
from scripts.bench.families.forum import FEED
from scripts.bench.load import LoadFailed, Rate
from scripts.bench.metrics_cost import PAIRS, metrics_rows, row_of
from scripts.bench.plan import QUICK, Place

NAME = "feed page, signed in, with metrics against without"


class Server:
    """Stands for a server that was started with some settings."""

    def __init__(self, _data_dir: Path, _log: Path, *settings: str):
        self.settings = settings

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def wait_until_healthy(self) -> float:
        return 0.1

    def sign_in(self, name: str, _password: str) -> str:
        return f"token of {name}"


@pytest.fixture
def _no_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is sent to a seeded store is looked at in test_bench.py."""
    forum = Contents(Path("nowhere"), 40, "posts", 42)
    monkeypatch.setattr(metrics_cost, "contents", lambda *_: forum)


@pytest.mark.usefixtures("_no_store")
def test_a_server_with_metrics_and_one_without_are_loaded_in_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    loaded: list[tuple[Any, int, int]] = []

    def run_load(_wrk: str, load: Any, *, seconds: int, seed: int, directory: Path) -> Rate:
        assert (load.path, load.token, directory) == (FEED.path, "token of user1", tmp_path)
        loaded.append((load.process.settings, seconds, seed))
        return Rate(100.0 if load.process.settings else 99.0, 1.0)

    monkeypatch.setattr(metrics_cost, "start_server", Server)
    monkeypatch.setattr(metrics_cost, "run_load", run_load)
    (row,) = metrics_rows(Place(tmp_path), replace(QUICK, seconds=7, rounds=2))
    on: tuple[str, ...] = ()
    off = ("--metrics=off",)
    for number, first in enumerate((1, 1 + PAIRS)):
        half = loaded[number * len(loaded) // 2 :][: len(loaded) // 2]
        warming, pairs = half[:2], half[2:]
        assert warming == [(on, 1, 1), (off, 1, 1)]
        assert [settings for settings, _, _ in pairs] == [off, on, on, off] * (PAIRS // 2)
        seeds = [first + pair for pair in range(PAIRS) for _ in range(2)]
        assert [(seconds, seed) for _, seconds, seed in pairs] == [(7, seed) for seed in seeds]
    assert (row.cell, row.ratio, str(row.bar)) == (NAME, "0.990 (0.990 to 0.990)", "at least 0.97")
    assert row.verdict == "ok"


def test_the_row_tells_the_middle_pair_and_how_far_they_lie_apart():
    row = row_of([(90, 100), (95, 100), (96, 100), (99, 100), (101, 100)])
    assert row.ratio == "0.960 (0.900 to 1.010)"
    assert row.figure == "96 a second, without 100; half of 5 pairs from 0.950 to 0.990"
    assert row.verdict == "missed"


@pytest.mark.usefixtures("_no_store")
def test_a_load_that_fails_is_a_bar_that_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise LoadFailed("2 connections broke off")

    monkeypatch.setattr(metrics_cost, "_round", fail)
    (row,) = metrics_rows(Place(tmp_path), QUICK)
    assert (row.figure, row.verdict) == ("failed: 2 connections broke off", "missed")
