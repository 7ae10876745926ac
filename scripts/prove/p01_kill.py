"""P1: an acknowledged write survives `kill -9`."""

from scripts.crash.__main__ import crash_rounds
from scripts.prove.promise import Promise, Proof, Run

_CLIENTS = 32


def _prove(run: Run) -> Proof:
    cycles = run.pick(quick=4, full=200)
    result = crash_rounds(cycles, _CLIENTS, run.seed)
    return Proof(
        figure=f"{result.rounds} cycles, {result.acknowledged:,} acknowledged, "
        f"{result.lost} lost, {result.problems} problems (index mismatches, half pictures, wrong "
        f"answers); restart p95 {result.restart_p95_ms():.0f} ms",
        broken=result.lost + result.problems,
        examples=result.examples,
    )


P1 = Promise("P1", "An acknowledged write survives `kill -9`.", _prove)
