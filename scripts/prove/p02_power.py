"""P2: an acknowledged write survives power loss.

Two parts: what a real server asks of the system before it answers, and what a disk that forgets
all that was not synced leaves of the store.
"""

import asyncio
import base64
import io
import json
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from scripts.bench.plan import run_module
from scripts.crash.clients import accounts_of
from scripts.crash.connection import Connection, NoAnswer
from scripts.crash.ledger import Ledger
from scripts.crash.preparing import prepare
from scripts.crash.shopping import ADDRESS, customer_of
from scripts.prove.covered import Audit, mark_of
from scripts.prove.history import History
from scripts.prove.promise import Promise, Proof, Run
from scripts.prove.system_calls import read_calls, tracing_command
from scripts.server_process import start_server

_CLIENTS = 8
_WAL = "agora.db-wal"
_LAZYFS = "LazyFS, a file system that forgets: it is not packaged, and there was no way to fetch it"
_MONGODB = (
    "of the embedded store; on MongoDB a replica set keeps it (w: majority, j: true), "
    "and a server without one (--allow-standalone) may lose what it acknowledged last"
)


def _prove(run: Run) -> Proof:
    proof = Proof(not_run=[_LAZYFS], limits=[_MONGODB])
    cuts = _cut(run, proof)
    synced = _trace(run, proof)
    proof.figure = f"{cuts}; {synced}" if synced else cuts
    return proof


def _cut(run: Run, proof: Proof) -> str:
    """Cut the power of the store alone; it is a test's disk that forgets."""
    options = [f"--cuts={run.pick(quick=100, full=10_000)}", f"--seed={run.seed}"]
    found: dict[str, Any] = json.loads(run_module("tests.storage.cut_power", *options))
    proof.broken += found["lost"] + found["wrong"] + found["unopenable"]
    proof.examples += found["examples"]
    return (
        f"{found['cuts']:,} cuts, {found['acknowledged']:,} acknowledged, {found['lost']} lost, "
        f"{found['wrong']} wrong, {found['unopenable']} unopenable"
    )


def _trace(run: Run, proof: Proof) -> str:
    """Have the calls of a server written down while clients write, and look at each answer."""
    output = run.directory / "calls.txt"
    under = tracing_command(output)
    if under is None:
        proof.not_run.append("what is synced before an answer: there is no strace that may trace")
        return ""
    marks = {mark_of(number) for number in range(run.pick(quick=200, full=3_000))}
    history = History(run.directory / "history.jsonl")
    data_dir, log = run.directory / "data", run.directory / "server.log"
    with start_server(data_dir, log, "--bcrypt-cost=4", under=under) as server:
        server.wait_until_healthy()
        tokens = prepare(server, data_dir, accounts_of(_CLIENTS), Ledger())
        acknowledged = asyncio.run(_write(server.port, tokens, sorted(marks), history))
    history.close()
    proof.check(acknowledged == marks, f"only {len(acknowledged)} of {len(marks)} were answered")
    audit = audit_of(output)
    proof.blame_each(f"{mark} was answered before it was synced" for mark in audit.uncovered)
    unseen = acknowledged - audit.covered - audit.uncovered
    proof.blame_each(f"{mark} was answered, and the trace does not show it" for mark in unseen)
    return (
        f"{len(acknowledged):,} acks, {len(audit.covered):,} covered by a sync ({audit.syncs:,} "
        "syncs of the WAL)"
    )


def audit_of(output: Path) -> Audit:
    """Look through what strace wrote."""
    audit = Audit(_WAL)
    with output.open() as lines:
        for call in read_calls(lines):
            audit.take(call)
    return audit


async def _write(port: int, tokens: dict[str, str], marks: list[str], history: History) -> set[str]:
    """Several clients share the marks; answers those that were acknowledged."""
    acknowledged: set[str] = set()

    async def client(number: int) -> None:
        connection = await Connection.open(port, tokens[customer_of(number)])
        writer = _Writer(connection, history)
        try:
            for turn, mark in enumerate(marks[number::_CLIENTS]):
                if await writer.write(turn, mark):
                    acknowledged.add(mark)
        except NoAnswer:
            pass  # what is missing is blamed by the caller
        finally:
            await connection.close()

    await asyncio.gather(*(client(number) for number in range(_CLIENTS)))
    return acknowledged


class _Writer:
    """One client: posts, replies, nights, pictures and orders in turn, each with its mark."""

    def __init__(self, connection: Connection, history: History):
        self._connection = connection
        self._history = history
        self._kinds = (self._post, self._reply, self._night, self._picture, self._order)

    async def write(self, turn: int, mark: str) -> bool:
        """Whether it was acknowledged."""
        path, body = await self._kinds[turn % len(self._kinds)](mark)
        entry = self._history.sent(path, {"mark": mark})
        headers = {"X-Request-ID": mark}
        status, _ = await self._connection.call("POST", path, body, headers=headers)
        entry.answered(status)
        return status in (200, 201)

    async def _post(self, mark: str) -> tuple[str, Any]:
        return "/api/forum/create_post/", {"content": mark}

    async def _reply(self, mark: str) -> tuple[str, Any]:
        return "/api/forum/reply_post/", {"postid": 1, "reply_content": mark}

    async def _night(self, mark: str) -> tuple[str, Any]:
        night = {"date": "2025-01-18", "sleep_status": "slept", "note": mark}
        return "/api/sleep-records/", night

    async def _picture(self, mark: str) -> tuple[str, Any]:
        text = PngImagePlugin.PngInfo()
        text.add_text("mark", mark)
        content = io.BytesIO()
        Image.new("RGB", (2, 2)).save(content, "PNG", pnginfo=text)
        data = base64.b64encode(content.getvalue()).decode()
        return "/api/forum/create_picture/", {"image_type": "png", "image_data": data}

    async def _order(self, mark: str) -> tuple[str, Any]:
        piece = {"product_id": "goods-many", "quantity": 1}
        await self._connection.call("POST", "/api/v1/cart/items", piece)
        return "/api/v1/orders", {"shipping_address": ADDRESS, "notes": mark}


P2 = Promise("P2", "An acknowledged write survives power loss.", _prove)
