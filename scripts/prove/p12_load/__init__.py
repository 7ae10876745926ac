"""P12: memory and latency stay bounded under hostile load."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from scripts.prove.accounts import make_accounts
from scripts.prove.history import History
from scripts.prove.http_client import HttpClient
from scripts.prove.p12_load.hostile import (
    Attacker,
    bomb,
    dawdlers,
    large_body,
    largest_allowed,
    odd_bodies,
    odd_requests,
    upload,
)
from scripts.prove.p12_load.warming import warm_up
from scripts.prove.p12_load.watching import NormalClient, loop_lag_below_seconds, open_files
from scripts.prove.promise import Promise, Proof, Run
from scripts.prove.servers import Servers
from scripts.server_process import Process

_LIMIT_MB = 300
#: For the ninety-nine of a hundred requests of somebody who just uses it.
_MOST_P99_MS = 1_000
_BACK_WITHIN = 1.10
_BACK_SECONDS = 60
_SAMPLE_SECONDS = 0.2
_AT_ONCE = 8
# More than dawdle: who fills them all keeps newcomers out, which is the limit that is told.
_CONNECTIONS = 1_200
_CHUNKS = 100_000
_PATHS = (
    "/api/forum/create_post/",
    "/api/login/",
    "/api/v1/orders",
    "/api/v1/auth/register",
    "/nowhere",
)
_PICTURES = "/api/forum/create_picture/"
_SPILLED_FILES = 8


@dataclass
class _Peak:
    rss_mb: float = 0
    files: int = 0

    async def watch(self, server: Process, is_over: asyncio.Event) -> None:
        """Note the highest there was; the kernel keeps that of the memory itself."""
        while not is_over.is_set():
            self.rss_mb = max(self.rss_mb, server.memory_mb()["VmHWM"])
            self.files = max(self.files, open_files(server))
            await asyncio.sleep(_SAMPLE_SECONDS)


class _Load:
    """Sends what is hostile, some of it at once."""

    def __init__(self, port: int, token: str, run: Run, history: History):
        self._port, self._token = port, token
        self._run, self._history = run, history
        self.unanswered: list[str] = []

    async def send(self) -> None:
        """All of it: while connections dawdle, bodies, bombs and odd requests come in."""
        is_over = asyncio.Event()
        dawdling = dawdlers(self._port, self._token, _slow(self._run), is_over)
        await asyncio.sleep(1)
        for _ in range(self._run.pick(quick=1, full=10)):
            await self._odd()
        many = self._run.pick(quick=4, full=50)
        body, explosive, heavy = large_body(), upload(bomb()), upload(largest_allowed())
        # All at once, which is more than there is room for: some may be told to come later.
        await self._many("large body", many, many, {400, 503}, lambda a: a.post(_PICTURES, body))
        await self._many("bomb", many, _AT_ONCE, {400}, lambda a: a.post(_PICTURES, explosive))
        # Allowed, but as many at once as nobody has use for: here, too.
        await self._many(
            "large picture", many, _AT_ONCE, {201, 503}, lambda a: a.post(_PICTURES, heavy)
        )
        await self._many("chunks", 2, 2, {400, 413}, lambda a: a.post_in_bytes(_PATHS[0], _CHUNKS))
        is_over.set()
        await asyncio.gather(*dawdling)

    async def _odd(self) -> None:
        attacker = self._attacker("127.0.3.1")
        for body in odd_bodies():
            for path in _PATHS:
                what = f"{path} {body[:40]!r}"
                self._note(await self._sent(what, attacker.post(path, body)), what)
        for request in odd_requests():
            status = await self._sent(f"{request[:40]!r}", attacker.ask(request))
            if status >= 500:
                self.unanswered.append(f"{request[:40]!r} was answered {status}")

    async def _sent(self, what: str, sending: Awaitable[int]) -> int:
        """Send, and keep what it was and how it was answered."""
        entry = self._history.sent(what)
        status = await sending
        if status:
            entry.answered(status)
        return status

    def _attacker(self, address: str) -> Attacker:
        return Attacker(self._port, address, self._token)

    def _note(self, status: int, what: str) -> None:
        if status == 0 or status >= 500:
            self.unanswered.append(f"{what} was answered {status}")

    async def _many(
        self,
        what: str,
        count: int,
        at_once: int,
        expected: set[int],
        send: Callable[[Attacker], Awaitable[int]],
    ) -> None:
        """Send so often, so many at once; answers must be expected, and not all of them 503."""
        slots = asyncio.Semaphore(at_once)

        async def one(number: int) -> int:
            async with slots:
                sending = send(self._attacker(f"127.0.4.{number % 250 + 1}"))
                return await self._sent(what, sending)

        statuses = set(await asyncio.gather(*(one(number) for number in range(count))))
        if statuses - expected or statuses == {503}:
            self.unanswered.append(f"{sorted(expected)} was to be answered, not {sorted(statuses)}")


def _slow(run: Run) -> int:
    return run.pick(quick=200, full=1_000)


async def _run_load(server: Process, load: _Load, normal: NormalClient, peak: _Peak) -> None:
    """Send a load while a normal client is served, and what it takes is watched."""
    is_over = asyncio.Event()
    beside = [
        asyncio.create_task(normal.use(server.port, is_over)),
        asyncio.create_task(peak.watch(server, is_over)),
    ]
    await asyncio.sleep(0.5)
    await load.send()
    is_over.set()
    await asyncio.gather(*beside)


async def _settle(server: Process, files: int, rss_mb: float, within_seconds: float) -> float:
    """The seconds until memory and files are back, or all that there were."""
    began = time.monotonic()
    while time.monotonic() - began < within_seconds:
        is_back = server.memory_mb()["VmRSS"] <= rss_mb * _BACK_WITHIN
        if is_back and open_files(server) <= files:
            break
        await asyncio.sleep(_SAMPLE_SECONDS)
    return time.monotonic() - began


async def _try(server: Process, token: str, run: Run, proof: Proof) -> None:
    async with HttpClient(server.port) as client:
        made = await client.post("/api/forum/create_post/", {"content": "A post."}, token=token)
    postid = made.body["postid"]
    history = History(run.directory / "history.jsonl")
    await warm_up(server, NormalClient(token, postid, history), _slow(run), run.chance())
    before_mb, files = server.memory_mb()["VmRSS"], open_files(server) + _SPILLED_FILES
    normal, peak = NormalClient(token, postid, history), _Peak()
    load = _Load(server.port, token, run, history)
    left = []
    # A leak would leave as much again.
    for _ in range(run.pick(quick=1, full=2)):
        await _run_load(server, load, normal, peak)
        seconds = await _settle(server, files, before_mb, _BACK_SECONDS)
        after_mb = server.memory_mb()["VmRSS"]
        left.append(f"{after_mb:.0f} MB {seconds:.0f} s later")
    history.close()
    files_after = open_files(server)
    async with HttpClient(server.port) as client:
        metrics = (await client.get("/metrics")).content.decode()
    proof.check(peak.rss_mb <= _LIMIT_MB, f"it took {peak.rss_mb:.0f} MB")
    proof.check(
        after_mb <= before_mb * _BACK_WITHIN,
        f"{' and '.join(left)} were left, of {before_mb:.0f} before",
    )
    proof.check(files_after <= files, f"{files_after} files were left open, of {files} before")
    proof.check(
        normal.p99_ms() <= _MOST_P99_MS,
        f"a normal client waited {normal.p99_ms():.0f} ms (p99), of {_MOST_P99_MS:,} allowed",
    )
    proof.blame_each(normal.failures)
    proof.blame_each(load.unanswered)
    proof.figure = (
        f"RSS peak {peak.rss_mb:.0f} MB (limit {_LIMIT_MB}), {before_mb:.0f} before, "
        f"{', after another load '.join(left)}; "
        f"{peak.files} files at most, {files_after} after; "
        f"a normal client meanwhile: {len(normal.milliseconds):,} requests, "
        f"{len(normal.failures)} failed, p99 {normal.p99_ms():.0f} ms; event loop lag below "
        f"{loop_lag_below_seconds(metrics) * 1000:g} ms"
    )


def _prove(run: Run) -> Proof:
    proof = Proof()
    servers = Servers(run.directory, "--bcrypt-cost=4", f"--max-connections={_CONNECTIONS}")
    with servers.running(1) as (server,):
        token = make_accounts(server, ["somebody"])["somebody"]
        asyncio.run(_try(server, token, run, proof))
    proof.limits.append(
        "whoever has as many addresses as fill --max-connections keeps newcomers out until the "
        "20 s for a header are over; connections that are there are served"
    )
    return proof


P12 = Promise("P12", "Memory and latency stay bounded under hostile load.", _prove)
