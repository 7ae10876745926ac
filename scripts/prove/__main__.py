"""Try to break every promise: `python -m scripts.prove [P1 P4 ...] [--quick|--full]`."""

import argparse
import secrets
import shlex
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from scripts.marked_page import MarkedPage, NoMarkers
from scripts.options import FAILED, OK, UNUSABLE
from scripts.prove.logs import secrets_in_logs
from scripts.prove.promise import Promise, Proof, Run
from scripts.prove.promises import PROMISES
from scripts.prove.table import MARK, Row, write_rows
from scripts.server_process import ServerFailed


def _promise(text: str) -> Promise:
    if text.upper() not in PROMISES:
        raise argparse.ArgumentTypeError(f"{text}: there are {', '.join(PROMISES)}")
    return PROMISES[text.upper()]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.prove",
        description="Try to break the promises of docs/reliability.md on real servers, each in a "
        "temporary directory. Exits with 1 when one was broken; then its directory stays, with the "
        "store, the log and, of most, the history of what was asked and answered.",
    )
    parser.add_argument(
        "promises", nargs="*", type=_promise, metavar="P", help=f"of {', '.join(PROMISES)} [all]"
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="within 5 minutes in all [default]")
    size.add_argument("--full", action="store_true", help="the sizes of the table; takes long")
    parser.add_argument("--seed", type=int, help="of everything that is random; random if absent")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the rows into this page")
    return parser


def _prove(promise: Promise, seed: int, *, is_full: bool) -> Proof:
    """Run one, in a directory of its own that stays when the promise was broken."""
    directory = Path(tempfile.mkdtemp(prefix=f"agora-prove-{promise.number.lower()}-"))
    try:
        proof = promise.prove(Run(directory, is_full, seed))
    except ServerFailed as problem:
        proof = Proof("there was nothing to try it on", 1, [str(problem)])
    # Whatever it is, nothing was proved: an older row must not stand, and the others are tried.
    except Exception as problem:
        (directory / "error.txt").write_text(traceback.format_exc())
        proof = Proof("it ended with an error", 1, [repr(problem)])
    proof.blame_each(secrets_in_logs(directory))
    if proof.has_held:
        shutil.rmtree(directory)
    else:
        proof.examples.append(f"what it left is in {directory}")
    return proof


def _show(promise: Promise, proof: Proof, seconds: float) -> None:
    verdict = "held" if proof.has_held else f"BROKEN {proof.broken} times"
    print(f"{promise.number} {verdict} ({seconds:.0f} s): {proof.figure}", flush=True)
    for limit in proof.limits:
        print(f"  limit: {limit}")
    for part in proof.not_run:
        print(f"  not run here: {part}")
    for example in proof.examples:
        print(f"  {example}", flush=True)


def main(arguments: Sequence[str]) -> int:
    """Run them one after the other, and print what came of each."""
    own = _parser().parse_args(arguments)
    seed = secrets.randbits(32) if own.seed is None else own.seed
    if own.write is not None:
        try:
            MarkedPage(own.write, MARK).split()
        except NoMarkers as problem:
            print(problem, file=sys.stderr)
            return UNUSABLE
    size = "--full" if own.full else "--quick"
    print(f"{size}, seed {seed}", flush=True)
    has_broken = False
    for promise in own.promises or PROMISES.values():
        began = time.monotonic()
        proof = _prove(promise, seed, is_full=own.full)
        seconds = time.monotonic() - began
        _show(promise, proof, seconds)
        has_broken |= not proof.has_held
        if own.write is not None:
            command = shlex.join([promise.number, size, f"--seed={seed}"])
            run = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, `{command}`, {seconds:,.0f} s"
            write_rows(own.write, [Row(promise, proof, run)])
    return FAILED if has_broken else OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
