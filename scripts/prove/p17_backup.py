"""P17: a backup taken under load is one moment in time, and takes little memory."""

import asyncio
import random
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from scripts.crash.evidence import check
from scripts.crash.ledger import Facts
from scripts.crash.reading import StoreReader
from scripts.prove.filled_store import fill
from scripts.prove.one_moment import Moment, find_moment
from scripts.prove.promise import Promise, Proof, Run
from scripts.prove.store import with_storage
from scripts.prove.watched_run import Ran, run_watched
from scripts.prove.written import Written
from scripts.server_process import Process

_CLIENTS = 16
#: Between the begin of the writing, or a backup, and the next backup.
_PAUSE_SECONDS = (0.1, 0.5)
#: Backups between two sign-ins of the writers; each is compared with all that they
#: wrote since.
_AT_A_TIME = 4
_LARGE_POSTS, _LARGE_MB = 100_000, 1_000
_MEMORY_MB = 200
_MONGODB = "of the embedded store; MongoDB is backed up by its own tools (mongodump --oplog)"


@dataclass
class _Backups:
    """What the backups of one store came to."""

    count: int = 0
    torn: int = 0
    missing: int = 0
    acknowledged: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    copied_mb: float = 0.0

    def add(self, backup: Ran, moment: Moment, copied_mb: float) -> None:
        """One more."""
        self.count += 1
        self.torn += len(moment.torn)
        self.missing += len(moment.missing)
        self.acknowledged.append(moment.acknowledged_before)
        self.seconds.append(backup.seconds)
        self.peak_mb.append(backup.peak_mb)
        self.copied_mb = copied_mb

    def __str__(self) -> str:
        return (
            f"{self.count} of up to {self.copied_mb:,.0f} MB under {_CLIENTS} writers: "
            f"{self.torn} torn, {self.missing} missing; {min(self.acknowledged, default=0):,} to "
            f"{max(self.acknowledged, default=0):,} writes acknowledged before them, longest "
            f"{max(self.seconds, default=0):.1f} s, memory at most "
            f"{max(self.peak_mb, default=0):.0f} MB"
        )


def _prove(run: Run) -> Proof:
    proof, chance = Proof(limits=[_MONGODB]), run.chance()
    written = Written(run.directory, _CLIENTS, chance)
    small = _Trial(written, chance, proof).back_up(run.pick(quick=2, full=20))
    proof.figure = f"backups: {small}"
    if run.is_full and proof.has_held:
        proof.figure += f"; large: {_large(run, chance, proof)}"
    return proof


def _large(run: Run, chance: random.Random, proof: Proof) -> _Backups:
    """One backup of a store with many posts and pictures."""
    directory = run.directory / "large"
    directory.mkdir()
    written = Written(directory, _CLIENTS, chance)
    asyncio.run(
        with_storage(
            written.data_dir,
            lambda storage: fill(
                storage, post_count=_LARGE_POSTS, picture_mb=_LARGE_MB, chance=chance
            ),
        )
    )
    written.ledger.adopt(asyncio.run(StoreReader(written.data_dir, chance).read()))
    made = _Trial(written, chance, proof).back_up(1)
    peak_mb = max(made.peak_mb, default=0.0)
    proof.check(peak_mb < _MEMORY_MB, f"the backup took {peak_mb:.0f} MB, of {_MEMORY_MB} allowed")
    shutil.rmtree(directory)
    return made


class _Trial:
    """Backups of one store beside those who write to it."""

    def __init__(self, written: Written, chance: random.Random, proof: Proof):
        self._written = written
        self._chance = chance
        self._proof = proof
        self.made = _Backups()

    def back_up(self, count: int) -> _Backups:
        """Make so many, each restored elsewhere and compared with what the writers were told."""
        with self._written.start() as server:
            for start in range(0, count, _AT_A_TIME):
                self._written.sign_in(server)
                numbers = range(start, min(start + _AT_A_TIME, count))
                asyncio.run(self._beside_writers(server, numbers))
                self._written.compare(self._proof)
        return self.made

    async def _beside_writers(self, server: Process, numbers: Iterable[int]) -> None:
        ledger, tokens = self._written.ledger, self._written.tokens
        before, first = dict(ledger.facts), len(ledger.history)
        is_over = False
        writing = [
            asyncio.create_task(client.run(server.port, tokens, is_over=lambda: is_over))
            for client in self._written.clients()
        ]
        try:
            for number in numbers:
                await asyncio.sleep(self._chance.uniform(*_PAUSE_SECONDS))
                await self._back_up(number, before, first)
        finally:
            is_over = True
            await asyncio.gather(*writing)

    async def _back_up(self, number: int, before: Facts, first: int) -> None:
        """One of what `before` and the operations from `first` on have made."""
        target = self._written.log.with_name(f"backup-{number}")
        restored = target.with_name(f"{target.name}-restored")
        began = time.monotonic()
        backup = await self._run("scripts.backup", target, self._written.data_dir)
        ended = time.monotonic()
        history = self._written.ledger.history[first:]
        await self._run("scripts.restore", target, restored)
        if not self._proof.has_held:
            return
        self._proof.blame_each(await asyncio.to_thread(check, restored))
        reader = StoreReader(restored, random.Random(0))  # noqa: S311 - it reads all of it once
        found = await asyncio.to_thread(lambda: asyncio.run(reader.read()))
        moment = find_moment(before, history, found, began=began, ended=ended)
        self._proof.blame_each([*moment.missing, *moment.torn])
        self.made.add(backup, moment, _size_mb(target))
        if self._proof.has_held:
            shutil.rmtree(target)
            shutil.rmtree(restored)

    async def _run(self, script: str, backup: Path, data_dir: Path) -> Ran:
        options = (str(backup), f"--data-dir={data_dir}")
        ran = await asyncio.to_thread(run_watched, script, *options)
        self._proof.check(ran.code == 0, f"{script} ended with {ran.code}: {ran.said}")
        return ran


def _size_mb(directory: Path) -> float:
    return sum(each.stat().st_size for each in directory.iterdir()) / 1e6


P17 = Promise("P17", "A backup taken under load is one moment in time.", _prove)
