"""Measure everything that has a bar: `python -m scripts.bench` (docs/benchmarks.md)."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path

from scripts.bench.families.forum import forum_rows
from scripts.bench.families.lms import lms_rows
from scripts.bench.families.shop import shop_rows
from scripts.bench.families.sociox import sociox_rows
from scripts.bench.figures import MISSED, Row
from scripts.bench.load import HOW_TO_INSTALL
from scripts.bench.machine import machine_facts
from scripts.bench.metrics_cost import metrics_rows
from scripts.bench.other_parts import crash_rows, power_rows, start_rows, store_rows
from scripts.bench.plan import FULL, QUICK, Place, Plan
from scripts.bench.table import MARK, as_data, render
from scripts.marked_page import MarkedPage, NoMarkers
from scripts.options import FAILED, OK, UNUSABLE
from scripts.server_process import ServerFailed

PARTS: dict[str, Callable[[Place, Plan], Iterator[Row]]] = {
    "store": store_rows,
    "forum": forum_rows,
    "shop": shop_rows,
    "sociox": sociox_rows,
    "lms": lms_rows,
    "metrics": metrics_rows,
    "start": start_rows,
    "crash": crash_rows,
    "power": power_rows,
}
# What can't be measured without the load generator.
_UNDER_LOAD = {"forum", "shop", "metrics"}
_HELP = {
    "seconds": "length of one load",
    "rounds": "rounds of each cell",
    "posts": "posts in the forum",
    "products": "products in the large shop; the small one has a tenth",
    "users": "users to list; the small store has a hundredth",
    "courses": "large courses that a participant takes",
    "participants": "others who take them",
    "documents": "documents in the store",
    "starts": "starts of each kind",
    "kills": "rounds of kill -9",
    "clients": "clients that write while it is killed",
    "cuts": "power cuts",
    "seed": "of everything that is random",
}


def _parts(text: str) -> list[str]:
    parts = text.split(",")
    if unknown := set(parts) - set(PARTS):
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: there are {', '.join(PARTS)}")
    return [part for part in PARTS if part in parts]


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError("a whole number from 1")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.bench",
        description="Measure the store and the server against their bars, on the loopback and in "
        "a temporary directory. Exits with 1 when a bar is missed. Wants a quiet machine.",
    )
    parser.add_argument(
        "--only",
        type=_parts,
        default=list(PARTS),
        metavar="PART,...",
        help=f"measure these parts of {', '.join(PARTS)}",
    )
    parser.add_argument("--quick", action="store_true", help="small: shows that it works, no more")
    for row in fields(Plan):
        shown = f"{_HELP[row.name]} [{getattr(FULL, row.name):,}]"
        parser.add_argument(f"--{row.name}", type=_whole, metavar="N", help=shown)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the table into this page")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    return parser


def _plan(own: argparse.Namespace) -> Plan:
    given = {row.name: getattr(own, row.name) for row in fields(Plan)}
    asked = {name: value for name, value in given.items() if value is not None}
    return replace(QUICK if own.quick else FULL, **asked)


def _measure(parts: Sequence[str], plan: Plan, wrk: str | None) -> Iterator[Row]:
    directory = Path(tempfile.mkdtemp(prefix="agora-bench-"))
    try:
        place = Place(directory, wrk or "")
        for part in parts:
            yield from PARTS[part](place, plan)
    finally:
        shutil.rmtree(directory)


def _usable(own: argparse.Namespace, wrk: str | None) -> bool:
    """Find out before measuring for minutes."""
    if wrk is None and not _UNDER_LOAD.isdisjoint(own.only):
        print(HOW_TO_INSTALL, file=sys.stderr)
        return False
    try:
        if own.write is not None:
            MarkedPage(own.write, MARK).split()
    except NoMarkers as problem:
        print(problem, file=sys.stderr)
        return False
    return True


def main(arguments: Sequence[str]) -> int:
    """Measure, print the table, and tell whether every bar is met."""
    own = _parser().parse_args(arguments)
    wrk = shutil.which("wrk")
    if not _usable(own, wrk):
        return UNUSABLE
    facts = machine_facts(arguments, wrk)
    try:
        rows = list(_measure(own.only, _plan(own), wrk))
    except (ServerFailed, subprocess.SubprocessError) as problem:
        print(problem, file=sys.stderr)
        return UNUSABLE
    print(render(facts, rows))
    if own.json is not None:
        own.json.write_text(json.dumps(as_data(facts, rows), indent=2) + "\n")
    if own.write is not None:
        MarkedPage(own.write, MARK).write(render(facts, rows))
    missed = [row.cell for row in rows if row.verdict == MISSED]
    for cell in missed:
        print(f"missed: {cell}", file=sys.stderr)
    return FAILED if missed else OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
