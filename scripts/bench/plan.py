"""How much is measured, and where: the options of a run, and its temporary directory."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from scripts.server_process import ROOT, environment

SMALL_POSTS = 1_000


@dataclass(frozen=True)
class Plan:
    """The sizes of a run."""

    seconds: int
    rounds: int
    posts: int
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
    documents=4_000,
    starts=1,
    kills=2,
    clients=8,
    cuts=20,
    seed=1,
)


class Place:
    """A temporary directory with the forums that are measured, each filled once."""

    def __init__(self, directory: Path):
        self.directory = directory
        self.log = directory / "server.log"

    def forum(self, posts: int) -> Path:
        """The data directory of a forum of so many posts, half as many replies, twice the likes."""
        data_dir = self.directory / f"posts-{posts}"
        if not data_dir.exists():
            print(f"filling a forum of {posts:,} posts", file=sys.stderr)
            subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "scripts.seed",
                    f"--scale={posts}",
                    f"--data-dir={data_dir}",
                ],
                check=True,
                cwd=ROOT,
                env=environment(),
                stdout=subprocess.DEVNULL,
            )
        return data_dir

    def empty(self, name: str) -> Path:
        """A data directory that is not there yet."""
        return self.directory / name
