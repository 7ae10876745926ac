"""Cutting the power while many write: `run_power_cuts` does it and counts what was lost.

A load of concurrent clients is run once, on a watched disk. Then, for each cut, the files are
made as the disk would hold them had the power gone at that event, the store is opened on
them, and everything in it is compared with what the clients had been told.
"""

import asyncio
import random
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from repositories.embedded import EmbeddedStore, StoreError
from tests.storage.load import Client, count_everything, read_clients, run_clients
from tests.storage.vfs import Event, File, WatchedVFS, watched_disk

_CLIENTS: Final = 8
_STEPS: Final = 25
#: Pages after which a commit checkpoints; few, so that many cuts fall into checkpoints.
_CHECKPOINT_PAGES: Final = 64
_WORST: Final = 5


@dataclass
class PowerCuts:
    """What came of the cuts; all is well when nothing was lost and there are no problems."""

    seed: int
    cuts: int = 0
    writes: int = 0
    syncs: int = 0
    #: Acknowledged operations that had to be there, summed over the cuts.
    acknowledged: int = 0
    lost: int = 0
    unopenable: int = 0
    #: Half a transaction, something nobody wrote, or what `check` found.
    wrong: int = 0
    #: The first few of them, in words.
    examples: list[str] = field(default_factory=list)

    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return self.lost == self.unopenable == self.wrong == 0

    def note(self, position: int, problem: str) -> None:
        """Keep an example of what went wrong at a cut."""
        if len(self.examples) < _WORST:
            self.examples.append(f"seed {self.seed}, cut at event {position}: {problem}")

    def __str__(self) -> str:
        return (
            f"{self.cuts} power cuts (seed {self.seed}; {self.writes} writes, {self.syncs} syncs): "
            f"{self.acknowledged} acknowledged operations, {self.lost} lost, "
            f"{self.wrong} wrong, {self.unopenable} unopenable"
        )


@dataclass(frozen=True)
class _Recording:
    """What the disk saw and what the clients were told."""

    path: Path
    content: bytes
    events: list[Event]
    clients: list[Client]


def run_power_cuts(cuts: int, seed: int, *, durable: bool = True) -> PowerCuts:
    """Run a load, cut the power `cuts` times, and tell what was lost.

    `durable=False` runs it on a store that does not wait for the disk, which must lose.
    """
    directory = Path(tempfile.mkdtemp(prefix="agora-power-cuts-"))
    try:
        with watched_disk() as disk:
            return asyncio.run(_run(disk, directory, cuts, seed, durable))
    finally:
        shutil.rmtree(directory)


async def _run(disk: WatchedVFS, directory: Path, cuts: int, seed: int, durable: bool) -> PowerCuts:
    recording = await _record(disk, directory / "load", seed, durable)
    kinds = [event.kind for event in recording.events]
    result = PowerCuts(seed, writes=kinds.count("write"), syncs=kinds.count("sync"))
    chance = random.Random(seed)
    for number, position, files in _cuts(recording, cuts, chance):
        contents = {path: file.after_power_cut(chance) for path, file in files.items()}
        place = directory / f"cut-{number}"
        place.mkdir()
        for path, content in contents.items():
            if content is not None:
                (place / Path(path).name).write_bytes(content)
        await _verify(place, recording.clients, position, result)
        shutil.rmtree(place)
    return result


async def _record(disk: WatchedVFS, place: Path, seed: int, durable: bool) -> _Recording:
    store = await EmbeddedStore.open(place, durable=durable, vfs=disk.name)
    store.writer.view.connection.wal_autocheckpoint(_CHECKPOINT_PAGES)
    content = store.path.read_bytes()
    disk.events.clear()
    clients = [Client(number, _STEPS, seed) for number in range(_CLIENTS)]
    await run_clients(store, clients, now=lambda: len(disk.events))
    await store.close()
    return _Recording(store.path, content, disk.events, clients)


def _cuts(
    recording: _Recording, cuts: int, chance: random.Random
) -> Iterator[tuple[int, int, dict[str, File]]]:
    """The files before each event at which the power goes, in order."""
    events = recording.events
    whole, rest = divmod(cuts, len(events) + 1)
    everywhere = range(len(events) + 1)
    positions = sorted([*list(everywhere) * whole, *chance.sample(everywhere, rest)])
    files = {str(recording.path): File(recording.content), f"{recording.path}-wal": File()}
    reached = 0
    for number, position in enumerate(positions):
        for event in events[reached:position]:
            if event.path in files:
                files[event.path].happens(event)
        reached = position
        yield number, position, files


async def _verify(place: Path, clients: Sequence[Client], position: int, result: PowerCuts) -> None:
    """Open the store that a cut at event `position` has left, and look at everything in it."""
    acknowledged = sum(client.acknowledged_by(position) for client in clients)
    result.cuts += 1
    result.acknowledged += acknowledged
    try:
        store = await EmbeddedStore.open(place)
    except StoreError as problem:
        result.unopenable += 1
        result.lost += acknowledged
        result.note(position, str(problem))
        return
    try:
        problems = await _problems(store, clients, position, result)
        for sentence in problems:
            result.wrong += 1
            result.note(position, sentence)
        if not problems:
            await store["notes"].insert_one({"client": -1})
    except StoreError as problem:
        result.unopenable += 1
        result.note(position, str(problem))
    finally:
        await store.close()


async def _problems(
    store: EmbeddedStore, clients: Sequence[Client], position: int, result: PowerCuts
) -> list[str]:
    """What is wrong with the store, beside what it has lost, which goes into `result`."""
    if problems := await store.check():
        return problems  # what is damaged is not worth reading
    problems = await count_everything(store)
    found = await read_clients(store, clients)
    for client in clients:
        steps = client.acknowledged_by(position)
        reached = client.steps_in(found[client.number], client.begun_by(position))
        if reached is None:
            problems.append(f"client {client.number} has half of something, or what it never wrote")
        elif reached < steps:
            result.lost += steps - reached
            result.note(position, f"client {client.number} has {reached} steps of {steps}")
    return problems
