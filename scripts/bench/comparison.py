"""Servers beside a bare Tornado handler, under load: rates, memory, and how the loop fares."""

import json
import math
import signal
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from tqdm import tqdm

from scripts.bench.cells import BARE, BARE_POST, LARGE, SMALL, Cell, Contents, Side
from scripts.bench.figures import Ratio, Row, at_most
from scripts.bench.load import Load, LoadFailed, Rate, run_load
from scripts.bench.plan import Place, Plan
from scripts.bench.served import CALLBACKS, LATENESS
from scripts.server_process import Process, ServerFailed, free_port, start_server

_SAMPLES = 30
_REPORT_SECONDS = 10
Rates = dict[str, list[Rate]]


class Comparison:
    """Measures cell by cell, in rounds: the bare handler, then the servers, then again."""

    def __init__(
        self, place: Place, plan: Plan, large: Contents, small: Contents, cells: Sequence[Cell]
    ):
        self._place = place
        self._plan = plan
        self._contents = {LARGE: large, SMALL: small}
        self._cells = cells
        self._runs = 0

    def rows(self) -> Iterator[Row]:
        """Measure everything."""
        with ExitStack() as stack:
            bare, sides = self._start(stack)
            for cell in self._cells:
                yield from self._cell_rows(cell, bare, sides)
            yield _memory_row(sides[LARGE])
        yield from self._loop_rows()

    def _start(self, stack: ExitStack) -> tuple[Process, dict[str, Side]]:
        port = free_port()
        command = ["-m", "scripts.bench.bare", str(port)]
        bare = stack.enter_context(Process(command, port, self._place.log))
        bare.wait_until_healthy("/100")
        sides = {}
        for name, contents in self._contents.items():
            server = stack.enter_context(start_server(contents.data_dir, self._place.log))
            server.wait_until_healthy()
            sides[name] = Side(server, contents)
        return bare, sides

    def _cell_rows(self, cell: Cell, bare: Process, sides: Mapping[str, Side]) -> Iterator[Row]:
        about = self._contents[cell.about]
        name = f"{cell.name}, {about}" if cell.tells_size else cell.name
        try:
            size, rates = self._measure(cell, bare, sides)
        except LoadFailed as problem:
            yield Row(name, math.nan, f"failed: {problem}", bar=cell.bar, goal=cell.goal)
            return
        yield Row(f"bare handler, {size:,} bytes", 0, _shown(rates[BARE]))
        own = rates[cell.about]
        ratio = _ratio(own, rates[BARE])
        post_ratio = str(_ratio(own, rates[BARE_POST])) if BARE_POST in rates else ""
        yield Row(name, ratio.middle, _shown(own), str(ratio), post_ratio, cell.bar, cell.goal)
        if cell.sizes_bar is not None:
            ratio = _ratio(rates[LARGE], rates[SMALL])
            (other,) = {LARGE, SMALL} - {cell.about}
            figure = f"with {self._contents[other]} {_shown(rates[other])}"
            name = f"the same, {self._contents[LARGE]} against {self._contents[SMALL].count:,}"
            yield Row(name, ratio.middle, figure, str(ratio), bar=cell.sizes_bar)

    def _measure(self, cell: Cell, bare: Process, sides: Mapping[str, Side]) -> tuple[int, Rates]:
        """The size of the cell's answers, and the rates of each round."""
        size = cell.load(sides[cell.about]).answer_bytes(_SAMPLES)
        for load in cell.loads(bare, sides, size).values():
            self._run(load, seconds=1)
        rates: Rates = defaultdict(list)
        for _ in tqdm(range(self._plan.rounds), desc=cell.name, unit="round", disable=None):
            for name, load in cell.loads(bare, sides, size).items():
                rates[name].append(self._run(load, seconds=self._plan.seconds))
        return size, rates

    def _run(self, load: Load, *, seconds: int) -> Rate:
        # Another seed each time, or every round would like and unlike the same posts.
        self._runs += 1
        return run_load(
            self._place.wrk,
            load,
            seconds=seconds,
            seed=self._plan.seed + self._runs,
            directory=self._place.directory,
        )

    def _loop_rows(self) -> Iterator[Row]:
        """The same loads once more, on a server whose event loop is watched."""
        lateness, callbacks = self._watch(LATENESS), self._watch(CALLBACKS)
        for cell in self._cells:
            late, called = lateness[cell.name], callbacks[cell.name]
            held = f"{_held(late)}; p99.9 {late['p999_ms']:.1f} ms"
            name = f"event loop held at most, {cell.name}"
            yield Row(name, late["max_ms"], held, bar=at_most(20, "ms"))
            longest = f"{_held(called)}; {called['over_5_ms']} over 5 ms; `{called['longest']}`"
            yield Row("longest single callback there", called["max_ms"], longest)

    def _watch(self, mode: str) -> dict[str, dict[str, Any]]:
        """What a watch of this mode saw under each cell's load, with the large store."""
        report = self._place.directory / f"{mode}.json"
        command = ["-m", "scripts.bench.served", str(report), mode]
        contents = self._contents[LARGE]
        seen = {}
        with start_server(contents.data_dir, self._place.log, command=command) as watched:
            watched.wait_until_healthy()
            for cell in tqdm(self._cells, desc=f"event loop, {mode}", unit="cell", disable=None):
                load = cell.load(Side(watched, contents))
                take_report(watched, report)
                self._run(load, seconds=self._plan.seconds)
                seen[cell.name] = take_report(watched, report)
        return seen


def take_report(watched: Process, report: Path) -> dict[str, Any]:
    """What was seen since the last report."""
    report.unlink(missing_ok=True)
    watched.signal(signal.SIGUSR1)
    ends_at = time.monotonic() + _REPORT_SECONDS
    while not report.exists():
        if time.monotonic() > ends_at:
            raise ServerFailed(f"The watched server made no report.\n{watched.last_words()}")
        time.sleep(0.01)
    return dict(json.loads(report.read_text()))


def _held(seen: dict[str, Any]) -> str:
    return f"{seen['max_ms']:.1f} ms, processor time {seen['max_cpu_ms']:.1f} ms"


def _memory_row(side: Side) -> Row:
    memory = side.process.memory_mb()
    figure = f"{memory['VmRSS']:.0f} MB, {memory['VmHWM']:.0f} MB at its highest"
    name = f"resident memory after the run, {side.contents}"
    return Row(name, memory["VmRSS"], figure, bar=at_most(120, "MB"), goal=at_most(80, "MB"))


def _ratio(rates: list[Rate], base: list[Rate]) -> Ratio:
    return Ratio.of([rate.per_second for rate in rates], [rate.per_second for rate in base])


def _shown(rates: list[Rate]) -> str:
    per_second = median(rate.per_second for rate in rates)
    return f"{per_second:,.0f} a second, p99 {median(rate.p99_ms for rate in rates):.1f} ms"
