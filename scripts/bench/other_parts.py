"""The parts beside the server under load: the store alone, the start, the kills, the power cuts."""

import json
import shutil
import sys
from collections.abc import Iterator
from statistics import median
from typing import Any

from scripts.bench.figures import Limit, Row, at_least, at_most
from scripts.bench.plan import Place, Plan, run_module
from scripts.bench.store import SMALL, WRITERS
from scripts.crash.__main__ import crash_rounds
from scripts.server_process import start_server

_NOTHING = at_most(0)


def store_rows(place: Place, plan: Plan) -> Iterator[Row]:
    """The embedded store alone, in a process of its own."""
    directory = place.directory / "store"
    directory.mkdir()
    options = [f"--documents={plan.documents}", f"--dir={directory}"]
    yield from rows_of_store(json.loads(run_module("scripts.bench.store", *options)))


def rows_of_store(figures: dict[str, Any]) -> Iterator[Row]:
    """What `measure_store` found, with its bars."""
    of = f"{figures['documents']:,} documents"
    reads = (
        ("find_one", "`find_one` by unique key", 40),
        ("page_of_ten", "indexed page of ten", 150),
    )
    for key, name, bar in reads:
        cost, ratio = figures[f"{key}_us"], figures[f"{key}_ratio"]
        yield Row(f"{name}, {of}", cost, f"{cost:.1f} us", bar=at_most(bar, "us"))
        cell = f"the same against {SMALL:,} documents"
        yield Row(cell, ratio, ratio=f"{ratio:.2f}", bar=at_most(1.5))
    rate = figures[f"inserts_per_second_{WRITERS}_writers"]
    yield _inserts(
        f"durable inserts from {WRITERS} writers, {of}", rate, at_least(8_000, "a second")
    )
    yield _inserts("durable inserts from one writer", figures["inserts_per_second_1_writer"], None)


def _inserts(cell: str, rate: float, bar: Limit | None) -> Row:
    return Row(cell, rate, f"{rate:,.0f} a second", bar=bar)


def start_rows(place: Place, plan: Plan) -> Iterator[Row]:
    """How long until the server answers; the two stores in turn."""
    forum = place.forum(plan.posts)
    empty: list[float] = []
    full: list[float] = []
    for number in range(plan.starts):
        new = place.empty(f"empty-{number}")
        for data_dir, times in ((new, empty), (forum, full)):
            with start_server(data_dir, place.log) as server:
                times.append(server.wait_until_healthy())
        shutil.rmtree(new)
    yield _start_row("an empty store", empty, at_most(1, "s"))
    yield _start_row(f"{plan.posts:,} posts", full, at_most(1.5, "s"))


def _start_row(of: str, seconds: list[float], bar: Limit) -> Row:
    middle = median(seconds)
    figure = f"{middle:.2f} s ({min(seconds):.2f} to {max(seconds):.2f})"
    return Row(
        f"first answer after the start, {of}", middle, figure, bar=bar, goal=at_most(0.5, "s")
    )


def crash_rows(_place: Place, plan: Plan) -> Iterator[Row]:
    """`kill -9` under write load; `python -m scripts.crash` alone."""
    result = crash_rounds(plan.kills, plan.clients, plan.seed)
    for example in result.examples:
        print(example, file=sys.stderr)
    figure = (
        f"{result.acknowledged:,} acknowledged, {result.lost} lost, {result.problems} problems; "
        f"restart p95 {result.restart_p95_ms():.0f} ms"
    )
    cell = f"{plan.kills} times `kill -9` under {plan.clients} clients: lost or wrong"
    yield Row(cell, result.lost + result.problems, figure, bar=_NOTHING)


def power_rows(_place: Place, plan: Plan) -> Iterator[Row]:
    """Power cuts; they are a test's, which knows the disk that forgets."""
    options = [f"--cuts={plan.cuts}", f"--seed={plan.seed}"]
    result: dict[str, Any] = json.loads(run_module("tests.storage.cut_power", *options))
    for example in result["examples"]:
        print(example, file=sys.stderr)
    wrong = result["lost"] + result["wrong"] + result["unopenable"]
    figure = (
        f"{result['acknowledged']:,} acknowledged, {result['lost']} lost, {result['wrong']} wrong, "
        f"{result['unopenable']} unopenable"
    )
    yield Row(f"{plan.cuts:,} power cuts: lost or wrong", wrong, figure, bar=_NOTHING)
