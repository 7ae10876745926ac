"""P15: parsers never break the server."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from scripts.prove.history import History
from scripts.prove.p15_parsers.sending import HANG_SECONDS, Sent, send_bodies, send_raw
from scripts.prove.p15_parsers.target import PORT, Target, running_target
from scripts.prove.promise import Promise, Proof, Run
from scripts.server_process import ROOT, environment

_PHASES = "examples,coverage,fuzzing,stateful"
_CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,"
    "response_headers_conformance,response_schema_conformance"
)
_CASES = re.compile(r"([\d,]+) generated")
# Google's, without which two routes can only say that they are not set up, and what would sign
# out the one who asks, who could not be told from a refusal.
_LEFT_OUT = "google|logout|^/dev/"
_HOOKS = "scripts.prove.p15_parsers.schemathesis_hooks"
_QUICK = "^/(courses|api/v1/cart)"
# As of P12: nothing of what is refused may stay.
_MOST_MB = 300


@dataclass(frozen=True)
class _Seen:
    """What became of the server, with the memory that it had in the end and at most."""

    documented: int
    bodies: Sent
    raw: Sent
    problems: list[str]
    end_mb: float
    peak_mb: float


def _try(run: Run, proof: Proof) -> _Seen:
    """Send everything to one server."""
    history = History(run.directory / "history.jsonl")
    many, seconds = run.pick(quick=500, full=1_000_000), run.pick(quick=4, full=1_800)
    many_raw, raw_seconds = run.pick(quick=500, full=100_000), run.pick(quick=4, full=600)
    with running_target(run.directory) as target:
        documented = _documented(target, run, proof)
        bodies = asyncio.run(send_bodies(target, many, seconds, run.chance(), history))
        raw = asyncio.run(send_raw(target, many_raw, raw_seconds, run.chance(), history))
        # It is started once: what answers now is the process that was there all the time.
        problems = list(target.problems())
        end_mb, peak_mb = target.memory_mb()
    history.close()
    proof.note_missing(bodies.requests, many, "fuzzed bodies")
    proof.note_missing(raw.requests, many_raw, "broken requests")
    return _Seen(documented, bodies, raw, problems, end_mb, peak_mb)


def _prove(run: Run) -> Proof:
    proof = Proof()
    seen = _try(run, proof)
    bodies, raw = seen.bodies, seen.raw
    hangs = bodies.hangs + raw.hangs
    proof.blame_each(seen.problems)
    proof.blame_each(bodies.errors + raw.errors)
    proof.blame_each(f"nothing within {HANG_SECONDS:.0f} s: {each}" for each in hangs)
    proof.check(seen.peak_mb <= _MOST_MB, f"it took {seen.peak_mb:.0f} MB")
    done = sum(bodies.statuses[status] for status in (200, 201, 204))
    proof.check(done > 0, "no body was taken: nothing behind the parsers was reached")
    proof.figure = (
        f"{seen.documented + bodies.requests + raw.requests:,} requests ({seen.documented:,} cases "
        f"of schemathesis in all phases, {bodies.requests:,} fuzzed bodies of which {done:,} were "
        f"taken, {raw.requests:,} broken requests), {_server_errors((bodies, raw))} 5xx, "
        f"{len(hangs)} hangs over {HANG_SECONDS:.0f} s, "
        + ("; ".join(seen.problems) or "0 restarts, 0 tracebacks in the log")
        + f"; {seen.end_mb:.0f} MB in the end, at most {seen.peak_mb:.0f} (limit {_MOST_MB})"
    )
    proof.limits.append(
        "schemathesis leaves out the two routes to Google, signing out and the developers' clock"
    )
    return proof


def _server_errors(both: Iterable[Sent]) -> int:
    return sum(count for sent in both for status, count in sent.statuses.items() if status >= 500)


def _documented(target: Target, run: Run, proof: Proof) -> int:
    """Have schemathesis try all that the document says; how many cases that were."""
    command = [sys.executable, "-m", "schemathesis.cli", "run"]
    command += [f"{target.server.base_url}/openapi.json", f"--phases={_PHASES}"]
    command += [f"--checks={_CHECKS}", f"--request-timeout={HANG_SECONDS:.0f}"]
    command += [f"--seed={run.seed}", "--generation-database=none", "--no-color", "--workers=2"]
    command += [f"--max-examples={run.pick(quick=1, full=20)}", "--warnings=off"]
    command.append(f"--max-time={run.pick(quick=12, full=180)}")
    command.append(f"--exclude-path-regex={_LEFT_OUT}")
    if not run.is_full:
        command.append(f"--include-path-regex={_QUICK}")
    own = {"SCHEMATHESIS_HOOKS": _HOOKS, PORT: str(target.server.port), "PYTHONPATH": str(ROOT)}
    # Where it runs it leaves what it would repeat.
    # S603: what is run is this Python with a module that the tests want too.
    done = subprocess.run(  # noqa: S603
        command,
        cwd=run.directory,
        env=environment() | own,
        capture_output=True,
        text=True,
        check=False,
    )
    (run.directory / "schemathesis.txt").write_text(done.stdout + done.stderr)
    found = _CASES.search(done.stdout)
    proof.check(done.returncode == 0, f"schemathesis: {done.stdout[-3000:]}{done.stderr[-500:]}")
    return int(found[1].replace(",", "")) if found else 0


P15 = Promise("P15", "Parsers never break the server.", _prove)
