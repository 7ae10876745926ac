"""P6: a state machine takes one path, also when two push it at once."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from scripts.bench.plan import run_module
from scripts.prove.promise import Promise, Proof, Run

_MACHINES = ("exams", "orders", "subscriptions", "requirements", "posts")
_STEPS = 50
_AT_ONCE = 2
_FULL_SECONDS = 900


def _runs_each(run: Run) -> int:
    return run.pick(quick=7, full=1000)


def _machine(name: str, run: Run) -> dict[str, Any]:
    """What came of one machine (`tests.machines`); it is kept beside what it did."""
    options = [f"--runs={_runs_each(run)}", f"--steps={_STEPS}"]
    options += [f"--seconds={run.pick(quick=15, full=_FULL_SECONDS)}", f"--seed={run.seed}"]
    told = run_module("tests.machines", name, *options)
    (run.directory / f"{name}.json").write_text(told)
    found: dict[str, Any] = json.loads(told)
    return found


def _prove(run: Run) -> Proof:
    with ThreadPoolExecutor(_AT_ONCE) as machines:
        found = list(machines.map(lambda name: _machine(name, run), _MACHINES))
    diverged = [each for each in found if each["divergence"] is not None]
    runs, steps, pairs = (sum(each[name] for each in found) for name in ("runs", "steps", "pairs"))
    doubled = sum(each["was_pair"] for each in diverged)
    proof = Proof(
        f"{runs:,} runs of up to {_STEPS} steps, {steps:,} steps in all, "
        f"{len(diverged)} divergences; pairs: {pairs:,}, illegal double transitions {doubled}",
        limits=[
            "on the embedded store; MongoDB without a replica set has no transactions, so that "
            "what two do at once to several documents can be half of one and half of the other"
        ],
    )
    proof.note_missing(runs, len(_MACHINES) * _runs_each(run), "runs")
    for each in diverged:
        proof.blame(f"{each['name']}: {each['divergence']}")
    return proof


P6 = Promise("P6", "A state machine takes one path.", _prove)
