"""P3: a failing disk never answers success, and the server serves again when it is well.

Four parts: every n-th write, sync and open of a running server's store fails; so do those of a
start; another process keeps the store's lock; and a real disk runs full.
"""

import asyncio
import random
import time
from collections.abc import Iterable
from contextlib import closing
from itertools import count, product
from pathlib import Path

from repositories.embedded import EmbeddedStore
from scripts.crash.evidence import check
from scripts.prove.disk_faults import Answers, UnderFaults
from scripts.prove.failing_disk import FAILING_SERVER, DiskControl, Fault
from scripts.prove.promise import Promise, Proof, Run
from scripts.prove.small_disk import SmallDisk, small_disk
from scripts.prove.written import Written
from scripts.server_process import ServerFailed, free_port, start_server

_CLIENTS = 4
_EACH = 3
#: So few that some commits of every series copy their pages into the file.
_CHECKPOINT_PAGES = 16
_IN_RUNNING = (
    ("write", "-wal", "EIO"),
    ("write", "-wal", "ENOSPC"),
    ("write", "-wal", "EROFS"),
    ("sync", "-wal", "EIO"),
    ("sync", "-wal", "ENOSPC"),
    ("open write sync", "", "EIO"),
    ("open write sync", "", "EMFILE"),
    ("write", ".db", "EIO"),
    ("write", ".db", "ENOSPC"),
    ("sync", ".db", "EIO"),
)
#: Of the kinds, between one n and the next in a quick run.
_QUICK_STEPS = {"write": 61, "sync": 7, "open write sync": 61}
#: A checkpoint that fails takes nothing from what is committed.
_CHECKPOINTED = ".db"
_IN_START = ("ENOSPC", "EIO", "EROFS", "EMFILE")
_BUSY_SECONDS = 30
_CANNOT_START = "Agora can't start"
_FULL_SECONDS = 10.0
_LEFT_BYTES = 512 * 1024


def _prove(run: Run) -> Proof:
    proof = Proof()
    for part in (_in_running, _locked, _in_start, _on_full_disk):
        if proof.has_held and (figure := part(run, proof)):
            proof.figure += f"{'; ' if proof.figure else ''}{figure}"
    return proof


def _in_running(run: Run, proof: Proof) -> str:
    """One fault after the other, and a server that is not restarted."""
    answers, struck, chance = Answers(), 0, run.chance()
    # A full run takes a server for each: comparing takes longer the more there is.
    parts = [[each] for each in _IN_RUNNING] if run.is_full else [list(_IN_RUNNING)]
    for number, part in enumerate(parts):
        directory = run.directory / f"running-{number}"
        directory.mkdir()
        port = free_port()
        written = _written(directory, chance, f"--disk-port={port}")
        with written.start() as server, closing(DiskControl(port)) as disk:
            faulty = UnderFaults(written, server, proof, answers)
            for (kinds, file, error), lasts in product(part, (False, True)):
                step = 1 if run.is_full else _QUICK_STEPS[kinds]
                faults = (Fault(kinds, file, error, n, lasts) for n in count(1, step))
                struck += _strike_until_clean(faults, disk, faulty, proof)
        proof.blame_each(check(written.data_dir))
    return f"{struck:,} faults of a running server's disk without a restart: {answers}"


def _written(directory: Path, chance: random.Random, *options: str) -> Written:
    pages = f"--checkpoint-pages={_CHECKPOINT_PAGES}"
    return Written(directory, _CLIENTS, chance, pages, *options, command=FAILING_SERVER)


def _strike_until_clean(
    faults: Iterable[Fault], disk: DiskControl, faulty: UnderFaults, proof: Proof
) -> int:
    """Try the n-th of a fault for one n after the other until none is met; how many were."""
    struck = 0
    for fault in faults:
        if not proof.has_held:
            break
        if not _strike(fault, disk, faulty, proof):
            proof.check(struck > 0, f"nothing met {fault}")
            break
        struck += 1
    return struck


def _strike(fault: Fault, disk: DiskControl, faulty: UnderFaults, proof: Proof) -> bool:
    """Let clients write with a fault; tells whether it has struck."""
    faulty.written.sign_in(faulty.server)
    disk.arm(fault)
    asyncio.run(faulty.write(lambda client: len(client.sent) >= _EACH))
    is_refused = asyncio.run(faulty.is_refused()) if fault.lasts else False
    has_struck = disk.end()
    if fault.lasts and fault.file != _CHECKPOINTED:
        proof.check(is_refused == has_struck, "what was not to be written was acknowledged")
    asyncio.run(faulty.serves_again(fault))
    faulty.written.compare(proof)
    if not proof.has_held:
        proof.blame(f"this came of {fault}")
    return has_struck


def _locked(run: Run, proof: Proof) -> str:
    """Another process holds the lock for longer than a write waits, then lets it go."""
    directory = run.directory / "locked"
    directory.mkdir()
    busy_seconds = run.pick(quick=1, full=_BUSY_SECONDS)
    options = ["--disk-port=0", *([] if run.is_full else [f"--busy-seconds={busy_seconds}"])]
    written = _written(directory, run.chance(), *options)
    with written.start() as server:
        faulty = UnderFaults(written, server, proof)
        asyncio.run(_write_while_locked(faulty, 2 * busy_seconds + 10, proof))
        asyncio.run(faulty.serves_again("another process's lock"))
        written.compare(proof)
    return f"another process kept the lock for more than {busy_seconds} s: {faulty.answers}"


async def _write_while_locked(faulty: UnderFaults, max_seconds: int, proof: Proof) -> None:
    store = await EmbeddedStore.open(faulty.written.data_dir)
    try:
        async with store.transaction(max_seconds=max_seconds) as tx:
            await store["posts"].update_one({"_id": "none"}, {"$set": {"likes": 0}}, session=tx)
            await faulty.write(lambda client: len(client.sent) >= _EACH)
            proof.check(await faulty.is_refused(), "a write was done under another's lock")
    finally:
        await store.close()


def _in_start(run: Run, proof: Proof) -> str:
    """Starts on a disk that fails from its n-th event on, until one is not reached by it."""
    refused = 0
    for error in _IN_START[: run.pick(quick=1, full=len(_IN_START))]:
        for power in count():
            place = run.directory / f"start-{error}-{power}"
            n = run.pick(quick=64, full=2) ** power
            if _starts(place, Fault("open write sync truncate", "", error, n, lasts=True), proof):
                break
            refused += 1
            with start_server(place / "data", place / "log") as server:
                server.wait_until_healthy()
    return f"{refused} starts on a failing disk refused in words, and made when it was well"


def _starts(place: Path, fault: Fault, proof: Proof) -> bool:
    """Whether the server starts in spite of a fault; if not it must say so, and end with 2."""
    place.mkdir()
    log, options = place / "failing.log", ("--disk-port=0", f"--fault={fault.as_json()}")
    with start_server(place / "data", log, *options, command=FAILING_SERVER) as server:
        try:
            server.wait_until_healthy()
        except ServerFailed:
            said = log.read_text()
            is_told = said.startswith(_CANNOT_START) and len(said.splitlines()) == 1
            ended = server.wait(0)
            proof.check(ended == 2 and is_told, f"a start with {fault} ended with {ended}: {said}")
            return False
    return True


def _on_full_disk(run: Run, proof: Proof) -> str:
    """The real server on a real disk that runs full, again and again."""
    directory = run.directory / "full"
    directory.mkdir()
    with small_disk(directory / "disk") as disk:
        if disk is None:
            proof.not_run.append("a disk that is truly full: mounting one needs the right to")
            return ""
        written = Written(directory, _CLIENTS, run.chance(), data_dir=disk.directory / "data")
        with written.start() as server:
            faulty, chance = UnderFaults(written, server, proof), run.chance()
            rounds = run.pick(quick=4, full=100)
            full = sum(_fill(disk, faulty, chance, proof) for _ in range(rounds))
        proof.check(full > 0, "the disk was never full")
        proof.blame_each(check(written.data_dir))
        return f"{full} times a full {disk.kind}: {faulty.answers}"


def _fill(disk: SmallDisk, faulty: UnderFaults, chance: random.Random, proof: Proof) -> bool:
    """Fill the disk but for a little, and let clients write until each is refused."""
    if not proof.has_held:
        return False
    faulty.written.sign_in(faulty.server)
    disk.fill(chance.randrange(_LEFT_BYTES))
    before, until = faulty.answers.refused.total(), time.monotonic() + _FULL_SECONDS
    asyncio.run(faulty.write(lambda _: time.monotonic() > until))
    disk.free()
    asyncio.run(faulty.serves_again("the disk had space again"))
    faulty.written.compare(proof)
    return faulty.answers.refused.total() > before


P3 = Promise("P3", "A failing disk is never answered with success.", _prove)
