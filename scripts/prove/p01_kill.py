"""P1: an acknowledged write survives `kill -9`."""

from tqdm import tqdm

from scripts.crash.rounds import CrashRounds
from scripts.prove.promise import Promise, Proof, Run

_CLIENTS = 32


def _prove(run: Run) -> Proof:
    cycles = run.pick(quick=4, full=200)
    rounds = CrashRounds(run.directory, clients=_CLIENTS, seed=run.seed)
    with tqdm(total=cycles, unit="kill", desc="kill -9", disable=None) as progress:
        result = rounds.run(cycles, progress.update)
    return Proof(
        figure=f"{result.rounds} cycles, {result.acknowledged:,} acknowledged, "
        f"{result.lost} lost, {result.problems} problems (index mismatches, half pictures, wrong "
        f"answers); restart p95 {result.restart_p95_ms():.0f} ms",
        broken=result.lost + result.problems,
        examples=result.examples,
    )


P1 = Promise("P1", "An acknowledged write survives `kill -9`.", _prove)
