"""What measuring costs: the feed page with metrics and without, in pairs."""

import math
from collections.abc import Iterator
from contextlib import ExitStack
from statistics import median, quantiles

from tqdm import tqdm

from scripts.bench.cells import Contents, Side
from scripts.bench.families.forum import FEED, contents
from scripts.bench.figures import Row, at_least
from scripts.bench.load import Load, LoadFailed, run_load
from scripts.bench.plan import Place, Plan
from scripts.server_process import start_server

#: Pairs of loads in a round. Each round has new servers: the rates of two processes differ by a
#: percent or two, though they do the same.
PAIRS = 4
_NAME = f"{FEED.name}, with metrics against without"
_BAR = at_least(0.97)


def metrics_rows(place: Place, plan: Plan) -> Iterator[Row]:
    """The ratio of two servers on one store; the other has `--metrics=off`."""
    forum = contents(place, plan.posts)
    pairs: list[tuple[float, float]] = []
    try:
        for number in tqdm(range(plan.rounds), desc="metrics", unit="round", disable=None):
            pairs += _round(place, plan, forum, number)
    except LoadFailed as problem:
        yield Row(_NAME, math.nan, f"failed: {problem}", bar=_BAR)
        return
    yield row_of(pairs)


def row_of(pairs: list[tuple[float, float]]) -> Row:
    """The row of pairs of rates, with metrics and without."""
    ratios = [with_metrics / without for with_metrics, without in pairs]
    lower, middle, upper = quantiles(ratios, n=4, method="inclusive")
    figure = (
        f"{median(rate for rate, _ in pairs):,.0f} a second, "
        f"without {median(rate for _, rate in pairs):,.0f}; "
        f"half of {len(pairs)} pairs from {lower:.3f} to {upper:.3f}"
    )
    spread = f"{middle:.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
    return Row(_NAME, middle, figure, spread, bar=_BAR)


def _round(place: Place, plan: Plan, forum: Contents, number: int) -> list[tuple[float, float]]:
    """Start both servers, and load them in turn, so that whatever else is slow is slow for both."""
    with ExitStack() as stack:
        loads: list[Load] = []
        for settings in ((), ("--metrics=off",)):
            server = stack.enter_context(start_server(forum.data_dir, place.log, *settings))
            server.wait_until_healthy()
            loads.append(FEED.load(Side(server, forum)))
            _rate(place, loads[-1], seconds=1, seed=plan.seed)
        pairs = []
        for pair in range(PAIRS):
            seed = plan.seed + number * PAIRS + pair
            # Each goes first as often as the other.
            order = (0, 1) if pair % 2 else (1, 0)
            rates = {at: _rate(place, loads[at], seconds=plan.seconds, seed=seed) for at in order}
            pairs.append((rates[0], rates[1]))
        return pairs


def _rate(place: Place, load: Load, *, seconds: int, seed: int) -> float:
    rate = run_load(place.wrk, load, seconds=seconds, seed=seed, directory=place.directory)
    return rate.per_second
