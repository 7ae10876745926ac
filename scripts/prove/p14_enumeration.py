"""P14: neither what is answered nor how long it takes tells whether there is an account."""

import asyncio
import random
import re
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import combinations
from statistics import median

from config.bootstrap import Agora, bootstrap
from config.settings import Settings
from scripts.crash.connection import NoAnswer
from scripts.prove.history import History
from scripts.prove.http_client import HttpClient, Reply
from scripts.prove.promise import Promise, Proof, Run
from scripts.prove.ranks import mann_whitney_p, median_interval
from scripts.prove.servers import Servers
from services.accounts.names import split_name
from services.accounts.passwords import PasswordHasher

_KNOWN, _UNKNOWN, _INACTIVE = "known", "unknown", "inactive"
_KINDS = (_KNOWN, _UNKNOWN, _INACTIVE)
_PASSWORD, _WRONG = "a password of a proof", "another password"
#: Cheaper than the default: what is not hashing shows the better beside it.
_BCRYPT_COST = 8
_FAILURES_TO_LOCK = 10
_TRIES_A_LOCK = 25
_RESETS_AT_ONCE = 4
_LEAST_P = 0.01
_MOST_GAP_MS = 2.0
#: What an answer may differ in: when it was made, and its name.
_OWN_HEADERS = {"date", "x-request-id"}
#: Those that have to be there alike, but for their numbers: how many tries and seconds are left.
_COUNTING_HEADERS = {"retry-after", "ratelimit"}

Ask = Callable[[HttpClient, str], Awaitable[Reply]]


@dataclass
class _Sample:
    """Times in milliseconds and the different answers, by kind of account."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, kind: str, milliseconds: float, reply: Reply) -> None:
        headers = {
            name: re.sub(r"\d+", "#", text) if name in _COUNTING_HEADERS else text
            for name, text in reply.headers.items()
            if name not in _OWN_HEADERS
        }
        self.times[kind].append(milliseconds)
        self.answers[kind].add(f"{reply.status} {sorted(headers.items())} {reply.content!r}")


async def _login(client: HttpClient, email: str) -> Reply:
    return await client.post("/api/v1/auth/login", {"email": email, "password": _WRONG})


async def _login_by_phone(client: HttpClient, name: str) -> Reply:
    return await client.post("/api/login/", {"phone_number": name, "password": _WRONG})


async def _forget(client: HttpClient, email: str) -> Reply:
    return await client.post("/api/auth/forgot-password", {"email": email})


class _Accounts:
    """Accounts of each kind; `take` gives the name of one that was not asked about yet."""

    def __init__(self, each: int, *, have_email: bool):
        self._have_email = have_email
        self._names = {kind: [self._name(kind, n) for n in range(each)] for kind in _KINDS}

    def _name(self, kind: str, number: int) -> str:
        return f"{kind}{number}@example.com" if self._have_email else f"{kind}{number}"

    def take(self, kind: str) -> str:
        """The email or forum identifier of an account of a kind; the unknown have none."""
        return self._names[kind].pop()

    async def make(self, agora: Agora, password_hash: bytes) -> None:
        """Put those that exist into the store."""
        registration, users = agora.services.accounts.registration, agora.storage["users"]
        for kind in (_KNOWN, _INACTIVE):
            for name in self._names[kind]:
                if self._have_email:
                    names = split_name("Some One")
                    user = await registration.insert_with_email(name, names, password_hash)
                else:
                    user = await registration.insert_with_phone(name, password_hash)
                if kind == _INACTIVE:
                    await users.update_one({"_id": user["_id"]}, {"$set": {"is_active": False}})


class _Asking:
    """Asks in an order left to chance, each time from an address of its own."""

    def __init__(self, port: int, chance: random.Random, history: History):
        self._port = port
        self._chance = chance
        self._history = history
        self._addresses = 0

    def _address(self) -> str:
        self._addresses += 1
        first, last = divmod(self._addresses, 250)
        return f"127.1.{first % 250}.{last + 1}"

    async def sample(
        self, ask: Ask, accounts: _Accounts, each: int, *, at_once: int = 1
    ) -> _Sample:
        """Ask about so many accounts of each kind."""
        sample, turns = _Sample(), list(_KINDS) * each
        self._chance.shuffle(turns)
        slots = asyncio.Semaphore(at_once)

        async def one(kind: str) -> None:
            async with slots, HttpClient(self._port, address=self._address()) as client:
                await self._timed(sample, kind, client, ask, accounts.take(kind))

        await asyncio.gather(*(one(kind) for kind in turns))
        return sample

    async def locked_sample(self, accounts: _Accounts, each: int) -> _Sample:
        """Ask about accounts that their addresses have tried too often, of each kind."""
        sample = _Sample()
        async with AsyncExitStack() as stack:
            locked = []
            for kind in list(_KINDS) * (each // _TRIES_A_LOCK + 1):
                client = HttpClient(self._port, address=self._address())
                locked.append((kind, await stack.enter_async_context(client), accounts.take(kind)))
                for _ in range(_FAILURES_TO_LOCK):
                    await _login(client, locked[-1][2])
            turns = locked * _TRIES_A_LOCK
            self._chance.shuffle(turns)
            for kind, client, email in turns:
                await self._timed(sample, kind, client, _login, email)
        return sample

    async def _timed(
        self, sample: _Sample, kind: str, client: HttpClient, ask: Ask, email: str
    ) -> None:
        # The connection is there, and the server awake; one that was idle for 20 s was closed.
        try:
            await client.get("/health")
        except NoAnswer:
            await client.get("/health")
        entry = self._history.sent(ask.__name__, {"kind": kind, "of": email})
        began = time.perf_counter()
        reply = await ask(client, email)
        milliseconds = (time.perf_counter() - began) * 1000
        entry.answered(reply.status)
        sample.add(kind, milliseconds, reply)


def _differences(sample: _Sample) -> list[str]:
    """The pairs of kinds that are told apart by their times."""
    found = []
    for first, second in combinations(sample.times, 2):
        times = sample.times[first], sample.times[second]
        p = mann_whitney_p(*times)
        gap = abs(median(times[0]) - median(times[1]))
        low, high = median_interval(*times)
        # A gap is one if it is beyond the error of its measurement.
        if p <= _LEAST_P or max(low, -high) >= _MOST_GAP_MS:
            found.append(f"{first} and {second}: p = {p:.4f}, medians {gap:.2f} ms apart")
    return found


def _told(name: str, sample: _Sample) -> str:
    pairs = list(combinations(sample.times.values(), 2))
    least_p = min(mann_whitney_p(*pair) for pair in pairs)
    low = min(median_interval(*pair)[0] for pair in pairs)
    high = max(median_interval(*pair)[1] for pair in pairs)
    each = min(len(times) for times in sample.times.values())
    gap = max(abs(median(first) - median(second)) for first, second in pairs)
    return (
        f"{name}: {each} each, least p {least_p:.2f}, medians at most {gap:.2f} ms apart "
        f"(95 %: {low:+.2f} to {high:+.2f})"
    )


async def _judge(name: str, take: Callable[[], Awaitable[_Sample]], proof: Proof) -> str:
    """Sample, and once more if the times differ: by chance alone one pair in a hundred would."""
    sample = await take()
    if _differences(sample):
        sample = await take()
        proof.blame_each(f"{name}, twice: {each}" for each in _differences(sample))
    answers = {answer for kind in sample.answers.values() for answer in kind}
    proof.check(len(answers) == 1, f"{name}: answers differ: {sorted(answers)}")
    return _told(name, sample)


async def _try_all(
    port: int, by_email: _Accounts, by_phone: _Accounts, run: Run, proof: Proof
) -> list[str]:
    history = History(run.directory / "history.jsonl")
    asking, each = _Asking(port, run.chance(), history), _each(run)

    def reset() -> Awaitable[_Sample]:
        return asking.sample(_forget, by_email, each, at_once=_RESETS_AT_ONCE)

    told = [
        await _judge("logins", lambda: asking.sample(_login, by_email, each), proof),
        await _judge(
            "logins of the forum", lambda: asking.sample(_login_by_phone, by_phone, each), proof
        ),
        await _judge("locked logins", lambda: asking.locked_sample(by_email, each), proof),
        await _judge("forgotten passwords", reset, proof),
    ]
    history.close()
    return told


async def _fill(settings: Settings, *accounts: _Accounts) -> None:
    hasher = PasswordHasher(cost=_BCRYPT_COST)
    password_hash = await hasher.hash(_PASSWORD)
    hasher.close()
    agora = await bootstrap(settings, senders={})
    try:
        for each in accounts:
            await each.make(agora, password_hash)
    finally:
        await agora.close()


def _each(run: Run) -> int:
    return run.pick(quick=60, full=1_000)


def _prove(run: Run) -> Proof:
    proof = Proof()
    # Each sample may have to be taken twice, and no account is asked about twice.
    by_email = _Accounts(5 * _each(run), have_email=True)
    by_phone = _Accounts(2 * _each(run), have_email=False)
    servers = Servers(run.directory, f"--bcrypt-cost={_BCRYPT_COST}")
    settings = Settings(data_dir=servers.data_dir, bcrypt_cost=_BCRYPT_COST)
    asyncio.run(_fill(settings, by_email, by_phone))
    with servers.running(1) as (server,):
        told = asyncio.run(_try_all(server.port, by_email, by_phone, run, proof))
    proof.figure = "; ".join(told)
    return proof


P14 = Promise("P14", "Accounts cannot be enumerated.", _prove)
