"""Long runs of a machine, by hand or by `scripts.prove`: `python -m tests.machines exams ...`."""

import argparse
import json
import time
from dataclasses import asdict

from tests.machines.machine import Subject, Tally, run_machine
from tests.machines.subjects import SUBJECTS

# Hypothesis remembers what it has tried; so often it forgets.
_RUNS_AT_ONCE = 100


def long_run(subject: Subject, *, runs: int, steps: int, seed: int, seconds: float) -> Tally:
    """Run a machine so often, or until the time is up or it diverged; what was tried."""
    whole, until = Tally(), time.monotonic() + seconds
    while whole.runs < runs and whole.divergence is None and time.monotonic() < until:
        tally, count = Tally(), min(_RUNS_AT_ONCE, runs - whole.runs)
        try:
            run_machine(subject, runs=count, steps=steps, seed_of=seed + whole.runs, tally=tally)
        except AssertionError as divergence:
            # A look at what is kept may fail before anything is compared.
            tally.divergence = tally.divergence or str(divergence)
        whole.add(tally)
    return whole


def main() -> None:
    """Run the machines one after the other; a line of JSON tells what came of each."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("names", nargs="*", default=list(SUBJECTS), metavar="NAME")
    parser.add_argument("--runs", type=int, default=100, help="of each [100]")
    parser.add_argument("--steps", type=int, default=50, help="of each run [50]")
    parser.add_argument("--seconds", type=float, default=600, help="for each at most [600]")
    parser.add_argument("--seed", type=int, default=1, help="of everything that is drawn [1]")
    own = parser.parse_args()
    for name in own.names:
        tally = long_run(
            SUBJECTS[name], runs=own.runs, steps=own.steps, seed=own.seed, seconds=own.seconds
        )
        print(json.dumps({"name": name, **asdict(tally)}), flush=True)


if __name__ == "__main__":
    main()
