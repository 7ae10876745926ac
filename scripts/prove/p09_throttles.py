"""P9: guessing is throttled by account and address, whatever the guesser claims to be."""

import asyncio
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from types import MappingProxyType

from scripts.prove.accounts import PASSWORD, make_accounts
from scripts.prove.guessing import Guesses, Target, enters, forged_headers, forged_list
from scripts.prove.history import History
from scripts.prove.http_client import HttpClient
from scripts.prove.promise import Promise, Proof, Run
from scripts.prove.servers import Servers
from scripts.server_process import HOST, Process, ServerFailed

_OF_ACCOUNT = 10
_OF_ADDRESS_A_MINUTE = 300
_HOUR = 3600
#: Four windows fit into an hour from the first guess on; into any hour parts of five.
_IN_FIRST_HOUR, _IN_ANY_HOUR = 40, 50
_CLIENTS = 32
_OWNERS_ADDRESS, _SPRAYER, _PATIENT, _UNTRUSTED = (f"127.0.0.{number}" for number in (2, 3, 4, 5))
_BEHIND_PROXY, _OWNER_BEHIND_PROXY = "203.0.113.7", "203.0.113.8"
_PHONES = [Target(f"8613800138{number:03d}") for number in range(6)]
_EMAILS = [Target(f"owner-{number}@example.com") for number in range(6)]
_TARGETS = _PHONES + _EMAILS
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass
class _Counts:
    owners: int = 0
    locked_out: int = 0


def _prove(run: Run) -> Proof:
    history = History(run.directory / "history.jsonl")
    trial = _Trial(history, run.chance())
    settings = ("--bcrypt-cost=4", "--dev-clock")
    servers = Servers(run.directory, *settings)
    half, owners = run.pick(quick=300, full=5_000), run.pick(quick=10, full=50)
    with servers.running(2) as running:
        _register(running[0])
        forged = asyncio.run(trial.forge(running, half, owners))
        running[0].kill()
    with servers.running(2) as running:
        forged = asyncio.run(trial.forge(running, half, owners, forged))
        sprayed = asyncio.run(trial.spray(running, run.pick(quick=350, full=2_000)))
        patient = asyncio.run(trial.be_patient(running, hours=run.pick(quick=1, full=3)))
    behind = Servers(run.directory, *settings, f"--trusted-proxies={HOST}")
    with behind.running(2) as running:
        by_proxy = asyncio.run(trial.forge_behind_proxy(running, run.pick(quick=200, full=2_000)))
    history.close()
    most = max(forged.let_through.values())
    return Proof(
        figure=f"{forged.sent:,} logins with forged senders at {len(_TARGETS)} accounts in "
        f"{len(forged.spellings):,} spellings, by two processes and over a restart: {most} let "
        f"through per account (limit {_OF_ACCOUNT} in 15 minutes), 429 with Retry-After all "
        f"others; {sprayed}; {patient}; behind a trusted proxy {by_proxy.sent:,} with forged "
        f"entries: {max(by_proxy.let_through.values())} let through per account; owner locked "
        f"out: {trial.counts.locked_out} of {trial.counts.owners}",
        broken=len(trial.problems),
        examples=trial.problems[:10],
        limits=[
            "a window begins with its first failure and not with every one, so that 20 guesses "
            "can fall into 15 minutes that begin within a window, and 50 into such an hour",
            "the limit is an account's from one address, so that its owner gets in from another: "
            "who guesses from many addresses has the limit of each",
        ],
    )


def _register(server: Process) -> None:
    """Make the accounts whose passwords are guessed."""
    make_accounts(server, [target.name for target in _PHONES])
    for target in _EMAILS:
        body = {"email": target.name, "password": PASSWORD, "name": "The Owner"}
        status, content = server.call("POST", "/api/v1/auth/register", body)
        if status != 201:
            raise ServerFailed(f"Registering was answered {status} {content!r}")


class _Trial:
    """Guesses in every way, while the owners sign in."""

    def __init__(self, history: History, chance: random.Random):
        self._history = history
        self._chance = chance
        self.counts = _Counts()
        self.problems: list[str] = []

    def _claims(self) -> Mapping[str, str]:
        return forged_headers(self._chance)

    async def forge(
        self, servers: Sequence[Process], count: int, owners: int, before: Guesses | None = None
    ) -> Guesses:
        """Guess with forged senders at every account, going on after `before`."""
        guesses = before or Guesses(self._history)
        clients = _clients(servers, _CLIENTS)
        work = islice(cycle(_TARGETS), count)
        await asyncio.gather(
            guesses.guess_all(clients, work, self._chance, self._claims),
            self._own(owners, HttpClient(servers[0].port, address=_OWNERS_ADDRESS)),
        )
        await _close(clients)
        self._expect_limit("with forged senders", guesses)
        return guesses

    async def _own(
        self, count: int, client: HttpClient, headers: Mapping[str, str] = _NONE
    ) -> None:
        """Let the owners sign in, who are elsewhere, one after the other."""
        async with client:
            for target in islice(cycle(_TARGETS), count):
                self.counts.owners += 1
                if not await enters(client, target, PASSWORD, headers):
                    self.counts.locked_out += 1
                    self.problems.append(f"the owner of {target.name} was locked out")

    def _expect_limit(self, how: str, guesses: Guesses) -> None:
        """As many as the limit were let through at each account: no fewer, or nothing was tried."""
        self.problems += guesses.problems
        guesses.problems.clear()
        for target in _TARGETS:
            if (let_through := guesses.let_through[target.name]) != _OF_ACCOUNT:
                self.problems.append(f"{let_through} guesses {how} let through at {target.name}")

    async def spray(self, servers: Sequence[Process], count: int) -> str:
        """Guess once at each of many names from one address; what came of it."""
        guesses = Guesses(self._history)
        clients = _clients(servers, _CLIENTS // 2, address=_SPRAYER)
        names = (Target(f"86139{number:08d}") for number in range(count))
        began = time.monotonic()
        await guesses.guess_all(clients, names, self._chance, self._claims)
        minutes = 1 + int((time.monotonic() - began) / 60)
        await _close(clients)
        self.problems += guesses.problems
        let_through = guesses.let_through.total()
        if not _OF_ADDRESS_A_MINUTE <= let_through <= _OF_ADDRESS_A_MINUTE * minutes:
            self.problems.append(f"{let_through} names were guessed at in {minutes} minutes")
        return (
            f"{count:,} names from one address: {let_through} let through in {minutes} min "
            f"(limit {_OF_ADDRESS_A_MINUTE} a minute)"
        )

    async def be_patient(self, servers: Sequence[Process], *, hours: int) -> str:
        """Guess at one account for so long, the servers' time being moved; what came of it."""
        guesses = Guesses(self._history)
        clients = _clients(servers, len(servers), address=_PATIENT)
        now, times = 0, list[int]()
        while now < hours * _HOUR:
            for client in islice(cycle(clients), _OF_ACCOUNT + 2):
                if await guesses.guess(client, _TARGETS[0], self._chance, self._claims()):
                    times.append(now)
            step = self._chance.randint(30, 400)
            now += step
            for client in clients:
                await client.post("/dev/clock", {"advance_seconds": step})
        await _close(clients)
        self.problems += guesses.problems
        first = sum(at < times[0] + _HOUR for at in times)
        most = max(sum(start <= at < start + _HOUR for at in times) for start in times)
        if first > _IN_FIRST_HOUR or most > _IN_ANY_HOUR:
            self.problems.append(f"{first} guesses were let through in an hour, {most} in another")
        return f"{first} in an hour at one account (limit {_IN_FIRST_HOUR}), {most} in any hour"

    async def forge_behind_proxy(self, servers: Sequence[Process], count: int) -> Guesses:
        """Guess by way of a trusted proxy, which adds the true address to forged ones."""

        def by_proxy(address: str) -> Mapping[str, str]:
            # Two lines of the header are one list (RFC 9110, section 5.2).
            claimed, added = forged_list(self._chance), f"{forged_list(self._chance)}, {address}"
            return {"X-Forwarded-For": claimed, "x-forwarded-for": added}

        guesses, others = Guesses(self._history), Guesses(self._history)
        clients = _clients(servers, _CLIENTS)
        strangers = _clients(servers, len(servers), address=_UNTRUSTED)
        work = islice(cycle(_TARGETS), count)
        few = islice(cycle(_TARGETS), (_OF_ACCOUNT + 2) * len(_TARGETS))
        owner, owners = HttpClient(servers[0].port), len(_TARGETS)
        await asyncio.gather(
            guesses.guess_all(clients, work, self._chance, lambda: by_proxy(_BEHIND_PROXY)),
            others.guess_all(strangers, few, self._chance, self._claims),
            self._own(owners, owner, by_proxy(_OWNER_BEHIND_PROXY)),
        )
        await _close([*clients, *strangers])
        self._expect_limit("behind a proxy", guesses)
        self._expect_limit("past the proxy", others)
        return guesses


def _clients(servers: Sequence[Process], count: int, *, address: str = HOST) -> list[HttpClient]:
    """Clients of one address, spread over the servers."""
    return [
        HttpClient(servers[number % len(servers)].port, address=address) for number in range(count)
    ]


async def _close(clients: Sequence[HttpClient]) -> None:
    for client in clients:
        await client.close()


P9 = Promise(
    "P9",
    "Throttles hold per account and address, across processes and restarts, whatever is forged.",
    _prove,
)
