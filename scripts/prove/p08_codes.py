"""P8: a code or a link works once, for five tries, for its lifetime."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from repositories.storage import Storage
from scripts.prove.history import History
from scripts.prove.http_client import HttpClient, Reply
from scripts.prove.promise import Promise, Proof, Run
from scripts.prove.servers import Servers
from scripts.prove.store import with_storage
from scripts.prove.stored import OUTBOX, found_in, newest_message, texts_in
from scripts.server_process import ServerFailed

_PASSWORD = "a password of a proof"  # noqa: S105 - of accounts that live for minutes
_PARALLEL = 20
_TRIES = 5
_CODE_LIFETIME_SECONDS, _LINK_LIFETIME_SECONDS = 300, 600


@dataclass
class _Counts:
    codes: int = 0
    successes: int = 0
    guesses: int = 0
    let_in: int = 0
    expired: int = 0
    restarted: int = 0
    mails: int = 0
    mails_used: int = 0
    #: Codes and tokens that the store holds as they were sent.
    as_sent: int = 0


@dataclass
class _Secrets:
    """Every code and link token that was sent."""

    codes: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class _Sent:
    """A number, the token that its request was answered with, and the code in its SMS."""

    number: str
    token: str
    code: str

    def body(self, code: str) -> dict[str, str]:
        return {"token": self.token, "code": code, "password": _PASSWORD}


class _Codes:
    """Asks for codes and mails, reads them where they are held, and uses them."""

    def __init__(self, storage: Storage, chance: random.Random, proof: Proof, history: History):
        self._storage = storage
        self._chance = chance
        self._proof = proof
        self._history = history
        self._numbers = 0
        self.counts = _Counts()
        self.secrets = _Secrets()

    @asynccontextmanager
    async def clients(self, port: int) -> AsyncIterator[list[HttpClient]]:
        """Clients that send at once."""
        clients = [HttpClient(port) for _ in range(_PARALLEL)]
        try:
            yield clients
        finally:
            for client in clients:
                await client.close()

    async def ask(self, client: HttpClient) -> _Sent:
        """A new number asks for its code."""
        self._numbers += 1
        number = f"+861{self._numbers:010d}"
        reply = await self._post(client, "/api/send_verification_code/", {"phone_number": number})
        if reply.status != 200:
            raise ServerFailed(f"Asking for a code was answered {reply.status} {reply.content!r}")
        message = await newest_message(self._storage, number)
        code = found_in(message, r"\b([0-9]{6})\b")
        self.secrets.codes.add(code)
        return _Sent(number, reply.body["token"], code)

    async def verify(self, client: HttpClient, sent: _Sent, code: str) -> int:
        """The status of a code."""
        return (await self._post(client, "/api/verify-code/", sent.body(code))).status

    async def use_once(self, clients: Sequence[HttpClient]) -> None:
        """The right code from all clients at once, and once more: one success."""
        sent = await self.ask(clients[0])
        statuses = await _at_once(clients, lambda client: self.verify(client, sent, sent.code))
        statuses.append(await self.verify(clients[0], sent, sent.code))
        self.counts.codes += 1
        self.counts.successes += statuses.count(200)
        self._proof.check(statuses.count(200) == 1, f"a code used at once was answered {statuses}")

    async def guess(self, client: HttpClient) -> None:
        """Five wrong codes, then the right one: refused."""
        sent = await self.ask(client)
        guesses = {f"{self._chance.randrange(10**6):06d}" for _ in range(_TRIES + 1)} - {sent.code}
        statuses = [await self.verify(client, sent, code) for code in list(guesses)[:_TRIES]]
        statuses.append(await self.verify(client, sent, sent.code))
        self.counts.guesses += len(statuses)
        self.counts.let_in += statuses.count(200)
        self._proof.check(200 not in statuses, f"guesses, then the code, were answered {statuses}")

    async def expect(self, client: HttpClient, waiting: Sequence[_Sent], status: int) -> int:
        """Codes that were kept over a restart or past their time; how many were answered so."""
        right = 0
        for sent in waiting:
            got = await self.verify(client, sent, sent.code)
            right += self._proof.check(
                got == status, f"a code that waited was answered {got}, not {status}"
            )
        return right

    async def register(self, client: HttpClient, email: str) -> None:
        """An account that forgets its password."""
        body = {"email": email, "password": _PASSWORD, "name": "Some One"}
        reply = await self._post(client, "/api/v1/auth/register", body)
        if reply.status != 201:
            raise ServerFailed(f"Registering was answered {reply.status} {reply.content!r}")

    async def forget(self, client: HttpClient, email: str) -> tuple[str, str]:
        """The code and the link's token of a new mail."""
        reply = await self._post(client, "/api/auth/forgot-password", {"email": email})
        self._proof.check(reply.status == 200, f"forgetting was answered {reply.status}")
        text = await newest_message(self._storage, email)
        code = found_in(text, r"^([0-9]{6})$")
        token = found_in(text, r"reset-password\?token=(\S+)")
        self.secrets.codes.add(code)
        self.secrets.tokens.add(token)
        return code, token

    async def reset_by_code(self, client: HttpClient, email: str, code: str) -> int:
        """The status of a mailed code."""
        body = {"email": email, "otp": code, "newPassword": _PASSWORD}
        return (await self._post(client, "/api/auth/reset-password", body)).status

    async def reset_by_link(self, client: HttpClient, token: str) -> int:
        """The status of a link."""
        body = {"token": token, "newPassword": _PASSWORD}
        return (await self._post(client, "/api/admin/users/reset-password", body)).status

    async def use_mail(self, clients: Sequence[HttpClient], email: str) -> None:
        """A mail's code and its link from all clients at once: one success of both together."""
        await self.register(clients[0], email)
        code, token = await self.forget(clients[0], email)
        turns = iter(range(len(clients)))

        async def use(client: HttpClient) -> int:
            if next(turns) % 2:
                return await self.reset_by_link(client, token)
            return await self.reset_by_code(client, email, code)

        statuses = await _at_once(clients, use)
        self.counts.mails += 1
        self.counts.mails_used += statuses.count(200)
        self._proof.check(statuses.count(200) == 1, f"a mail used at once was answered {statuses}")
        await self._guess_mail(clients[0], email, code, token)

    async def _guess_mail(self, client: HttpClient, email: str, old: str, used: str) -> None:
        """A new mail: the old one is void, five wrong codes kill the code, the link still works."""
        code, token = await self.forget(client, email)
        statuses = [await self.reset_by_link(client, used)]
        wrong = [each for each in (old, "000000", "111111", "222222", "333333") if each != code]
        for guess in (*(wrong * 2)[:_TRIES], code):
            statuses += [await self.reset_by_code(client, email, guess)]
        self._proof.check(200 not in statuses, f"guesses at a mail were answered {statuses}")
        by_link = await self.reset_by_link(client, token)
        self._proof.check(by_link == 200, f"the link beside a dead code was answered {by_link}")

    def note_expired(self, statuses: Sequence[int]) -> None:
        """What a mail's code and link were answered past their time."""
        self.counts.expired += self._proof.check(
            200 not in statuses, f"an expired mail was answered {statuses}"
        )

    async def look_for_secrets(self) -> None:
        """Nowhere but in the held messages does a code or a token stand as it was sent."""
        for name in await self._storage.collection_names():
            if name != OUTBOX:
                async for document in self._storage[name].find({}):
                    for text in texts_in(document):
                        if text in self.secrets.codes or text in self.secrets.tokens:
                            self.counts.as_sent += 1
                            self._proof.blame(f"{name} holds a code or a token as it was sent")

    async def _post(self, client: HttpClient, path: str, body: Any) -> Reply:
        entry = self._history.sent(path)
        reply = await client.post(path, body)
        entry.answered(reply.status)
        return reply


async def _at_once(
    clients: Sequence[HttpClient], use: Callable[[HttpClient], Awaitable[int]]
) -> list[int]:
    return list(await asyncio.gather(*(use(client) for client in clients)))


async def _try_all(storage: Storage, run: Run, servers: Servers, proof: Proof) -> _Counts:
    history = History(run.directory / "history.jsonl")
    tried = _Codes(storage, run.chance(), proof, history)
    waiting = run.pick(quick=5, full=100)
    with servers.running(1) as (server,):
        async with tried.clients(server.port) as clients:
            for _ in range(run.pick(quick=15, full=500)):
                await tried.use_once(clients)
            for _ in range(run.pick(quick=2, full=84)):
                await asyncio.gather(*(tried.guess(client) for client in clients))
            for number in range(run.pick(quick=3, full=100)):
                await tried.use_mail(clients, f"some{number}@example.com")
            kept = [await tried.ask(clients[0]) for _ in range(waiting)]
    with servers.running(1) as (server,):
        async with tried.clients(server.port) as clients:
            tried.counts.restarted = await tried.expect(clients[0], kept, 200)
            await _expire(tried, clients[0], waiting)
    await tried.look_for_secrets()
    history.close()
    return tried.counts


async def _expire(tried: _Codes, client: HttpClient, waiting: int) -> None:
    """Move the server's time past the end of codes and links."""
    kept = [await tried.ask(client) for _ in range(waiting)]
    mailed = []
    for number in range(waiting):
        email = f"late{number}@example.com"
        await tried.register(client, email)
        mailed.append((email, *await tried.forget(client, email)))
    await client.post("/dev/clock", {"advance_seconds": _CODE_LIFETIME_SECONDS + 1})
    tried.counts.expired += await tried.expect(client, kept, 400)
    await client.post("/dev/clock", {"advance_seconds": _LINK_LIFETIME_SECONDS})
    for email, code, token in mailed:
        statuses = [await tried.reset_by_code(client, email, code)]
        statuses.append(await tried.reset_by_link(client, token))
        tried.note_expired(statuses)


def _prove(run: Run) -> Proof:
    proof = Proof()
    servers = Servers(run.directory, "--bcrypt-cost=4", "--dev-clock")
    # The store is there once a server has been.
    with servers.running(1):
        pass
    counts = asyncio.run(
        with_storage(servers.data_dir, lambda storage: _try_all(storage, run, servers, proof))
    )
    found = f"{counts.as_sent} as they were sent" if counts.as_sent else "only hashes"
    proof.figure = (
        f"{counts.codes} codes x {_PARALLEL} clients at once: {counts.successes} successes; "
        f"{counts.guesses:,} guesses, each sixth of them right: {counts.let_in} in; "
        f"{counts.mails} mails' code and link x {_PARALLEL}: {counts.mails_used} resets; "
        f"{counts.restarted} codes served after a restart, {counts.expired} codes and mails "
        f"refused past their time; {found} in the store, but for the messages themselves"
    )
    return proof


P8 = Promise("P8", "A code or a link works once, for five tries, for its lifetime.", _prove)
