"""The server beside a bare Tornado handler, under load: rates, memory, and how the loop fares."""

import json
import math
import signal
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

from tqdm import tqdm

from scripts.bench.cells import BARE, BARE_POST, CELL, CELLS, SMALL, Cell, Processes
from scripts.bench.figures import Ratio, Row, at_most
from scripts.bench.load import Load, LoadFailed, Rate, run_load
from scripts.bench.plan import SMALL_POSTS, Place, Plan
from scripts.bench.served import CALLBACKS, LATENESS
from scripts.server_process import Process, ServerFailed, free_port, start_server

_SAMPLES = 30
_REPORT_SECONDS = 10
Rates = dict[str, list[Rate]]


class ServerPart:
    """Measures cell by cell, in rounds: the bare handler, then the server, then again."""

    def __init__(self, place: Place, plan: Plan, wrk: str):
        self._place = place
        self._plan = plan
        self._wrk = wrk
        self._runs = 0

    def rows(self) -> Iterator[Row]:
        """Measure everything."""
        with ExitStack() as stack:
            processes = self._start(stack)
            for cell in CELLS:
                yield from self._cell_rows(cell, processes)
            yield _memory_row(processes.large)
        yield from self._loop_rows()

    def _start(self, stack: ExitStack) -> Processes:
        posts = self._plan.posts
        large, small = self._place.forum(posts), self._place.forum(SMALL_POSTS)
        port = free_port()
        command = ["-m", "scripts.bench.bare", str(port)]
        bare = stack.enter_context(Process(command, port, self._place.log))
        bare.wait_until_healthy("/100")
        servers = Processes(
            bare,
            large=stack.enter_context(start_server(large, self._place.log)),
            small=stack.enter_context(start_server(small, self._place.log)),
            posts=posts,
        )
        servers.large.wait_until_healthy()
        servers.small.wait_until_healthy()
        return servers

    def _cell_rows(self, cell: Cell, processes: Processes) -> Iterator[Row]:
        try:
            size, rates = self._measure(cell, processes)
        except LoadFailed as problem:
            yield Row(cell.name, math.nan, f"failed: {problem}", bar=cell.bar, goal=cell.goal)
            return
        yield Row(f"bare handler, {size:,} bytes", 0, _shown(rates[BARE]))
        name = cell.name if cell.body is None else f"{cell.name}, {processes.posts:,} posts"
        ratio = _ratio(rates[CELL], rates[BARE])
        post_ratio = str(_ratio(rates[CELL], rates[BARE_POST])) if BARE_POST in rates else ""
        yield Row(
            name, ratio.middle, _shown(rates[CELL]), str(ratio), post_ratio, cell.bar, cell.goal
        )
        if cell.small_bar is not None:
            ratio = _ratio(rates[CELL], rates[SMALL])
            figure = f"there {_shown(rates[SMALL])}"
            name = f"the same against {SMALL_POSTS:,} posts"
            yield Row(name, ratio.middle, figure, str(ratio), bar=cell.small_bar)

    def _measure(self, cell: Cell, processes: Processes) -> tuple[int, Rates]:
        """The size of the cell's answers, and the rates of each round."""
        token = cell.signed_in(processes.large)
        size = cell.load(processes.large, processes.posts, token).answer_bytes(_SAMPLES)
        for load in cell.loads(processes, size).values():
            run_load(self._wrk, load, seconds=1, seed=0, directory=self._place.directory)
        rates: Rates = defaultdict(list)
        for _ in tqdm(range(self._plan.rounds), desc=cell.name, unit="round", disable=None):
            for name, load in cell.loads(processes, size).items():
                rates[name].append(self._run(load))
        return size, rates

    def _run(self, load: Load) -> Rate:
        # Another seed each time, or every round would like and unlike the same posts.
        self._runs += 1
        return run_load(
            self._wrk,
            load,
            seconds=self._plan.seconds,
            seed=self._plan.seed + self._runs,
            directory=self._place.directory,
        )

    def _loop_rows(self) -> Iterator[Row]:
        """The same loads once more, on a server whose event loop is watched."""
        lateness, callbacks = self._watch(LATENESS), self._watch(CALLBACKS)
        for cell in CELLS:
            late, called = lateness[cell.name], callbacks[cell.name]
            held = f"{_held(late)}; p99.9 {late['p999_ms']:.1f} ms"
            name = f"event loop held at most, {cell.name}"
            yield Row(name, late["max_ms"], held, bar=at_most(20, "ms"))
            longest = f"{_held(called)}; {called['over_5_ms']} over 5 ms; `{called['longest']}`"
            yield Row("longest single callback there", called["max_ms"], longest)

    def _watch(self, mode: str) -> dict[str, dict[str, Any]]:
        """What a watch of this mode saw under each cell's load."""
        report = self._place.directory / f"{mode}.json"
        command = ["-m", "scripts.bench.served", str(report), mode]
        data_dir = self._place.forum(self._plan.posts)
        seen = {}
        with start_server(data_dir, self._place.log, command=command) as watched:
            watched.wait_until_healthy()
            for cell in tqdm(CELLS, desc=f"event loop, {mode}", unit="cell", disable=None):
                token = cell.signed_in(watched)
                take_report(watched, report)
                self._run(cell.load(watched, self._plan.posts, token))
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


def _memory_row(process: Process) -> Row:
    memory = process.memory_mb()
    figure = f"{memory['VmRSS']:.0f} MB, {memory['VmHWM']:.0f} MB at its highest"
    name = "resident memory after the run"
    return Row(name, memory["VmRSS"], figure, bar=at_most(120, "MB"), goal=at_most(80, "MB"))


def _ratio(rates: list[Rate], base: list[Rate]) -> Ratio:
    return Ratio.of([rate.per_second for rate in rates], [rate.per_second for rate in base])


def _shown(rates: list[Rate]) -> str:
    per_second = median(rate.per_second for rate in rates)
    return f"{per_second:,.0f} a second, p99 {median(rate.p99_ms for rate in rates):.1f} ms"
