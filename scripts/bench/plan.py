"""How much is measured, and where: the options of a run, and its temporary directory."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from scripts.server_process import ROOT, environment


@dataclass(frozen=True)
class Plan:
    """The sizes of a run."""

    seconds: int
    rounds: int
    posts: int
    products: int
    users: int
    courses: int
    participants: int
    documents: int
    starts: int
    kills: int
    clients: int
    cuts: int
    seed: int


FULL = Plan(
    seconds=5,
    rounds=5,
    posts=100_000,
    products=100_000,
    users=100_000,
    courses=50,
    participants=10_000,
    documents=200_000,
    starts=5,
    kills=50,
    clients=32,
    cuts=1_000,
    seed=1,
)
QUICK = Plan(
    seconds=1,
    rounds=1,
    posts=2_000,
    products=2_000,
    users=2_000,
    courses=5,
    participants=20,
    documents=4_000,
    starts=1,
    kills=2,
    clients=8,
    cuts=20,
    seed=1,
)


class Place:
    """A temporary directory with the stores that are measured, each filled once.

    `wrk` is where the load generator is; empty without one.
    """

    def __init__(self, directory: Path, wrk: str = ""):
        self.directory = directory
        self.wrk = wrk
        self.log = directory / "server.log"

    def forum(self, posts: int) -> Path:
        """The data directory of a forum of so many posts, half as many replies, twice the likes."""
        return self._seeded(f"posts-{posts}", f"--scale={posts}")

    def shop(self, products: int) -> Path:
        """The data directory of a shop with so many products, beside the documents' examples."""
        return self._seeded(f"products-{products}", f"--products={products}")

    def users(self, users: int) -> Path:
        """The data directory of so many users, beside the documents' examples."""
        return self._seeded(f"users-{users}", f"--users={users}")

    def lms(self, courses: int, participants: int) -> Path:
        """The data directory of so many large courses that `user1` takes, and of so many others."""
        return self._seeded(
            f"courses-{courses}-{participants}",
            f"--courses={courses}",
            f"--participants={participants}",
        )

    def _seeded(self, name: str, *seeded: str) -> Path:
        data_dir = self.directory / name
        if not data_dir.exists():
            print(f"filling a store, {' '.join(seeded)}", file=sys.stderr)
            # Signing in is not measured, so that no hash has to be slow.
            run_module("scripts.seed", *seeded, f"--data-dir={data_dir}", "--bcrypt-cost=4")
        return data_dir

    def empty(self, name: str) -> Path:
        """A data directory that is not there yet."""
        return self.directory / name


def run_module(module: str, *options: str) -> str:
    """What a module of the product prints when it is run. Raises CalledProcessError."""
    command = [sys.executable, "-m", module, *options]
    run = subprocess.run(command, check=True, cwd=ROOT, env=environment(), stdout=subprocess.PIPE)
    return run.stdout.decode()
