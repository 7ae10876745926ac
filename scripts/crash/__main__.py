"""`python -m scripts.crash [--rounds 50] [--clients 32] [--seed S]` (RELIABILITY.md, P1)."""

import argparse
import json
import secrets
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tqdm import tqdm

from scripts.crash.rounds import CrashResult, CrashRounds
from scripts.options import FAILED, OK, UNUSABLE
from scripts.server_process import ServerFailed


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.crash",
        description="Kill a real server with SIGKILL while clients write, start it again, and "
        "read back everything that was acknowledged. Exits with 1 when something is missing.",
    )
    parser.add_argument("--rounds", type=int, default=50, help="how often it is killed [50]")
    parser.add_argument("--clients", type=int, default=32, help="how many write at once [32]")
    parser.add_argument("--seed", type=int, help="which load and which moments; random if absent")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures here")
    return parser


def crash_rounds(rounds: int, clients: int, seed: int) -> CrashResult:
    """Run the rounds in a temporary directory, which stays when something is wrong."""
    directory = Path(tempfile.mkdtemp(prefix="agora-crash-"))
    run = CrashRounds(directory, clients=clients, seed=seed)
    try:
        with tqdm(total=rounds, unit="kill", desc="kill -9", disable=None) as progress:
            run.run(rounds, progress.update)
    finally:
        if run.result.is_clean():
            shutil.rmtree(directory)
        else:
            run.result.examples.append(f"the store, the history and the log are in {directory}")
    return run.result


def main(arguments: Sequence[str]) -> int:
    """Run the rounds, and print what came of them."""
    own = _parser().parse_args(arguments)
    seed = secrets.randbits(32) if own.seed is None else own.seed
    try:
        result = crash_rounds(own.rounds, own.clients, seed)
    except ServerFailed as problem:
        print(f"seed {seed}: {problem}", file=sys.stderr)
        return UNUSABLE
    print(result)
    for example in result.examples:
        print(f"  {example}")
    if own.json is not None:
        own.json.write_text(json.dumps(asdict(result), indent=2) + "\n")
    return OK if result.is_clean() else FAILED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
