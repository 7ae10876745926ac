"""P16: the embedded store answers as the stores that it is compared with."""

import json
from typing import Any

from scripts.bench.plan import run_module
from scripts.prove.promise import Promise, Proof, Run

_FULL_SECONDS = 1_200


def _prove(run: Run) -> Proof:
    wanted = run.pick(quick=2_000, full=200_000)
    options = [f"--operations={wanted}", f"--seed={run.seed}"]
    options.append(f"--seconds={run.pick(quick=20, full=_FULL_SECONDS)}")
    found: dict[str, Any] = json.loads(run_module("tests.storage.compare_engines", *options))
    total = found["stores"] + found["language"] + found["wire"]
    met = sum(found["left_out"].values()) + found["left_out_of_language"]
    proof = Proof(
        f"{total:,} operations ({found['stores']:,} on whole stores and {found['language']:,} "
        f"single filters, updates, projections and sorts beside mongomock, {found['wire']:,} "
        f"beside nx-27017 over the wire), {len(found['differences'])} differences",
        limits=[
            f"{met:,} more met a known difference of mongomock "
            f"({_numbers(found['left_out'])} and others) and were left out; nx-27017 is "
            f"asked nothing that meets {_numbers(found['left_out_of_wire'])} "
            "(docs/known-differences.md)"
        ],
    )
    proof.note_missing(total, wanted, "operations")
    proof.blame_each(found["differences"])
    return proof


def _numbers(some: Any) -> str:
    return ", ".join(map(str, sorted(map(int, some))))


P16 = Promise("P16", "The store equals its oracle.", _prove)
