"""P17: a backup taken under load is one moment in time, and takes little memory."""

import asyncio
import random
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from scripts.crash.evidence import check
from scripts.crash.ledger import Facts
from scripts.crash.reading import StoreReader
from scripts.prove.filled_store import fill
from scripts.prove.one_moment import find_moment
from scripts.prove.promise import Promise, Proof, Run
from scripts.prove.store import with_storage
from scripts.prove.watched_run import run_watched
from scripts.prove.written import Written
from scripts.server_process import Process

_CLIENTS = 16
#: Between the begin of the writing, or a backup, and the next backup.
_PAUSE_SECONDS = (0.1, 0.5)
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

    def __str__(self) -> str:
        return (
            f"{self.count} of {self.copied_mb:,.0f} MB under {_CLIENTS} writers: {self.torn} torn, "
            f"{self.missing} missing; {min(self.acknowledged, default=0):,} to "
            f"{max(self.acknowledged, default=0):,} writes acknowledged before them, longest "
            f"{max(self.seconds, default=0):.1f} s, memory at most "
            f"{max(self.peak_mb, default=0):.0f} MB"
        )


def _prove(run: Run) -> Proof:
    proof, chance = Proof(limits=[_MONGODB]), run.chance()
    written = Written(run.directory, _CLIENTS, chance)
    small = _back_up_beside_writers(written, run.pick(quick=2, full=20), chance, proof)
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
    made = _back_up_beside_writers(written, 1, chance, proof)
    peak_mb = max(made.peak_mb)
    proof.check(peak_mb < _MEMORY_MB, f"the backup took {peak_mb:.0f} MB, of {_MEMORY_MB} allowed")
    shutil.rmtree(directory)
    return made


def _back_up_beside_writers(
    written: Written, count: int, chance: random.Random, proof: Proof
) -> _Backups:
    made = _Backups()
    with written.start() as server:
        before = dict(written.ledger.facts)
        first = len(written.ledger.history)

        async def back_up_all() -> None:
            for number in range(count):
                await asyncio.sleep(chance.uniform(*_PAUSE_SECONDS))
                target = written.log.with_name(f"backup-{number}")
                await _back_up(written, target, before, first, made, proof)

        asyncio.run(_beside_writers(written, server, back_up_all))
    written.compare(proof)
    return made


async def _beside_writers(
    written: Written, server: Process, work: Callable[[], Awaitable[None]]
) -> None:
    """Do something while clients write."""
    is_over = False
    writing = [
        asyncio.create_task(client.run(server.port, written.tokens, is_over=lambda: is_over))
        for client in written.clients()
    ]
    try:
        await work()
    finally:
        is_over = True
        await asyncio.gather(*writing)


async def _back_up(
    written: Written, target: Path, before: Facts, first: int, made: _Backups, proof: Proof
) -> None:
    """One backup, restored elsewhere and compared with what the clients were told."""
    restored = target.with_name(f"{target.name}-restored")
    began = time.monotonic()
    options = (str(target), f"--data-dir={written.data_dir}")
    backup = await asyncio.to_thread(run_watched, "scripts.backup", *options)
    ended = time.monotonic()
    if not proof.check(backup.code == 0, f"the backup failed: {backup.said}"):
        return
    history = written.ledger.history[first:]
    options = (str(target), f"--data-dir={restored}")
    restore = await asyncio.to_thread(run_watched, "scripts.restore", *options)
    if not proof.check(restore.code == 0, f"restoring failed: {restore.said}"):
        return
    proof.blame_each(await asyncio.to_thread(check, restored))
    reader = StoreReader(restored, random.Random(0))  # noqa: S311 - it reads all of it once
    found = await asyncio.to_thread(lambda: asyncio.run(reader.read()))
    moment = find_moment(before, history, found, began=began, ended=ended)
    proof.blame_each([*moment.missing, *moment.torn])
    made.count += 1
    made.torn += len(moment.torn)
    made.missing += len(moment.missing)
    made.acknowledged.append(moment.acknowledged_before)
    made.seconds.append(backup.seconds)
    made.peak_mb.append(backup.peak_mb)
    made.copied_mb = _size_mb(target)
    if proof.has_held:
        shutil.rmtree(target)
        shutil.rmtree(restored)


def _size_mb(directory: Path) -> float:
    return sum(each.stat().st_size for each in directory.iterdir()) / 1e6


P17 = Promise("P17", "A backup taken under load is one moment in time.", _prove)
