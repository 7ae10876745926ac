"""P7: refresh reuse ends the session; logout, deactivation and role loss act at once."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId

from repositories.storage import Storage
from scripts.crash.connection import NoAnswer
from scripts.prove.history import History
from scripts.prove.http_client import HttpClient, Reply
from scripts.prove.promise import Promise, Proof, Run
from scripts.prove.servers import Servers
from scripts.prove.store import with_storage
from scripts.server_process import Process, ServerFailed
from services.access.actor import Role
from services.access.defaults import ROLE_IDS

_PASSWORD = "a password of a proof"  # noqa: S105 - of accounts that live for minutes
_AUTH = "/api/v1/auth"
_REFRESH, _PROFILE = f"{_AUTH}/refresh", f"{_AUTH}/profile"
#: Who may see it: managers by their role.
_STAFF_ROUTE = "/api/v1/admin/promotions"
_USERS = "/api/v1/admin/users"
_SUPERADMIN = "superadmin@example.com"
#: An access token serves for 15 minutes.
_REMOVALS_A_TOKEN = 100
_PARALLEL = 20
_KILLED_AFTER_SECONDS = (0.05, 0.4)


@dataclass(frozen=True)
class _Tokens:
    access: str
    refresh: str


@dataclass
class _Counts:
    families: int = 0
    survivors: int = 0
    parallel: int = 0
    double_issues: int = 0
    crashes: int = 0
    unanswered: int = 0
    twice: int = 0
    removals: int = 0
    late: int = 0


class _Sessions:
    """Signs in, and tries to keep what should have ended."""

    def __init__(self, servers: Sequence[Process], proof: Proof, history: History):
        # Of two processes: what one was told must hold at the other, at its very next request.
        self._ports = [server.port for server in servers]
        self._proof = proof
        self._history = history
        self.counts = _Counts()

    def _client(self, number: int) -> HttpClient:
        return HttpClient(self._ports[number % len(self._ports)])

    async def register(self, email: str) -> ObjectId:
        """Make an account; its id."""
        body = {"email": email, "password": _PASSWORD, "name": "Some One"}
        async with self._client(0) as client:
            reply = await client.post(f"{_AUTH}/register", body)
        if reply.status != 201:
            raise ServerFailed(f"Registering was answered {reply.status} {reply.content!r}")
        return ObjectId(reply.body["data"]["user"]["id"])

    async def sign_in(self, client: HttpClient, email: str) -> _Tokens:
        """Begin a session."""
        reply = await client.post(f"{_AUTH}/login", {"email": email, "password": _PASSWORD})
        if reply.status != 200:
            raise ServerFailed(f"Signing in was answered {reply.status} {reply.content!r}")
        return _tokens(reply)

    async def token(self, email: str) -> str:
        """A new access token."""
        async with self._client(0) as client:
            return (await self.sign_in(client, email)).access

    async def refresh(self, client: HttpClient, token: str) -> Reply:
        """Use a refresh token."""
        entry = self._history.sent("refresh", {"token": token[:8]})
        reply = await client.post(_REFRESH, {"refresh_token": token})
        entry.answered(reply.status)
        return reply

    async def family(self, number: int, email: str) -> None:
        """r0 > r1 > r2, then r0 again: nothing of the session is left, at either process."""
        async with self._client(number) as client, self._client(number + 1) as other:
            first = await self.sign_in(client, email)
            second = _tokens(await self.refresh(client, first.refresh))
            third = _tokens(await self.refresh(other, second.refresh))
            reuse = await self.refresh(client, first.refresh)
            self._proof.check(reuse.status == 401, f"a reused token was answered {reuse.status}")
            dead = [
                (await other.get(_PROFILE, token=tokens.access)).status
                for tokens in (first, second, third)
            ]
            dead.append((await self.refresh(other, third.refresh)).status)
        self.counts.families += 1
        if dead != [401] * 4:
            self.counts.survivors += 1
            self._proof.blame(f"after a reuse the session was answered {dead}")

    async def use_in_parallel(self, email: str) -> None:
        """One token, many uses at once: one new token at most, and none that lives if reused."""
        clients = [self._client(number) for number in range(_PARALLEL)]
        tokens = await self.sign_in(clients[0], email)
        replies = await asyncio.gather(
            *(self.refresh(client, tokens.refresh) for client in clients)
        )
        issued = [_tokens(reply) for reply in replies if reply.status == 200]
        wrong = {reply.status for reply in replies} - {200, 401}
        self._proof.check(not wrong, f"parallel uses were answered {wrong}")
        self.counts.parallel += 1
        if len(issued) > 1:
            self.counts.double_issues += 1
            self._proof.blame(f"{len(issued)} new tokens for one")
        for each in issued:
            status = (await self.refresh(clients[1], each.refresh)).status
            self._proof.check(status == 401, f"what a reused token gave was answered {status}")
        for client in clients:
            await client.close()

    async def lose(self, number: int, user_id: ObjectId, email: str, superadmin: str) -> None:
        """A role taken, an account shut, a logout, at one process: the other knows at once."""
        user, manager = f"{_USERS}/{user_id}", str(ROLE_IDS[Role.MANAGER])
        async with self._client(number) as client, self._client(number + 1) as other:
            await self._act(client, "POST", f"{user}/roles", superadmin, {"role_id": manager})
            tokens = await self.sign_in(client, email)
            seen = [(await other.get(_STAFF_ROUTE, token=tokens.access)).status]
            await self._act(client, "DELETE", f"{user}/roles/{manager}", superadmin)
            seen.append((await other.get(_STAFF_ROUTE, token=tokens.access)).status)
            seen.append((await other.get(_PROFILE, token=tokens.access)).status)
            await self._act(client, "POST", f"{user}/deactivate", superadmin)
            seen.append((await other.get(_PROFILE, token=tokens.access)).status)
            await self._act(client, "POST", f"{user}/reactivate", superadmin)
            tokens = await self.sign_in(client, email)
            seen.append((await client.post(f"{_AUTH}/logout", {}, token=tokens.access)).status)
            seen.append((await other.get(_PROFILE, token=tokens.access)).status)
            seen.append((await self.refresh(other, tokens.refresh)).status)
        self.counts.removals += 1
        if seen != [200, 403, 200, 401, 204, 401, 401]:
            self.counts.late += 1
            self._proof.blame(f"losing a role, the account and the session was answered {seen}")

    async def _act(
        self, client: HttpClient, method: str, path: str, token: str, body: Any = None
    ) -> None:
        """Do something that has to succeed. Raises ServerFailed."""
        entry = self._history.sent(method, {"path": path})
        reply = await client.call(method, path, body, token=token)
        entry.answered(reply.status)
        if reply.status not in (200, 201, 204):
            raise ServerFailed(f"{method} {path} was answered {reply.status} {reply.content!r}")


def _tokens(reply: Reply) -> _Tokens:
    if reply.status != 200:
        raise ServerFailed(f"A good token was answered {reply.status} {reply.content!r}")
    data = reply.body["data"]
    return _Tokens(data["access_token"], data["refresh_token"])


async def _refresh_until_killed(sessions: _Sessions, port: int, newest: list[str]) -> None:
    """Rotate one session's token again and again; `newest` are those it was told of."""
    try:
        async with HttpClient(port) as client:
            while True:
                reply = await sessions.refresh(client, newest[-1])
                newest.append(_tokens(reply).refresh)
    except NoAnswer:
        return


async def _crash(
    servers: Servers,
    emails: Sequence[str],
    chance: random.Random,
    proof: Proof,
    counts: _Counts,
    history: History,
) -> None:
    """Kill the server while sessions rotate; a token whose answer was lost is used again.

    Then either the rotation had not happened and the token serves once, or it had, and the reuse
    ends the session: never do two live.
    """
    with servers.running(1) as (server,):
        sessions = _Sessions([server], proof, history)
        newest: list[list[str]] = []
        for email in emails:
            async with HttpClient(server.port) as client:
                newest.append([(await sessions.sign_in(client, email)).refresh])
        writing = [
            asyncio.create_task(_refresh_until_killed(sessions, server.port, each))
            for each in newest
        ]
        await asyncio.sleep(chance.uniform(*_KILLED_AFTER_SECONDS))
        server.kill()
        await asyncio.gather(*writing)
    counts.crashes += 1
    with servers.running(1) as (server,):
        async with HttpClient(server.port) as client:
            for tokens in newest:
                await _after_the_crash(sessions, client, tokens, proof, counts)


async def _after_the_crash(
    sessions: _Sessions,
    client: HttpClient,
    tokens: Sequence[str],
    proof: Proof,
    counts: _Counts,
) -> None:
    counts.unanswered += 1
    again = await sessions.refresh(client, tokens[-1])
    if again.status == 200:
        # It served, so it must not serve again; and that ends what it gave, too.
        once_more = await sessions.refresh(client, tokens[-1])
        given = await sessions.refresh(client, _tokens(again).refresh)
        statuses = [once_more.status, given.status]
        counts.twice += not proof.check(
            statuses == [401, 401], f"a token lived twice over a crash: {statuses}"
        )
    else:
        proof.check(again.status == 401, f"after a crash a token was answered {again.status}")


async def _appoint(storage: Storage, user_id: ObjectId) -> None:
    """Make an account a superadmin's."""
    roles = {"roles": ["user", "superadmin"]}
    await storage["users"].update_one({"_id": user_id}, {"$set": roles})


def _prove(run: Run) -> Proof:
    families = run.pick(quick=30, full=1_000)
    parallel = run.pick(quick=10, full=200)
    removals = run.pick(quick=20, full=1_000)
    crashes = run.pick(quick=2, full=50)
    proof, history = Proof(), History(run.directory / "history.jsonl")
    servers = Servers(run.directory, "--bcrypt-cost=4")

    async def try_on(storage: Storage, processes: Sequence[Process]) -> _Counts:
        sessions = _Sessions(processes, proof, history)
        ids = {f"some{n}@example.com": ObjectId() for n in range(8)}
        for email in ids:
            ids[email] = await sessions.register(email)
        emails = list(ids)
        for number in range(families):
            await sessions.family(number, emails[number % len(emails)])
        for number in range(parallel):
            await sessions.use_in_parallel(emails[number % len(emails)])
        await _appoint(storage, await sessions.register(_SUPERADMIN))
        for number in range(removals):
            if number % _REMOVALS_A_TOKEN == 0:
                superadmin = await sessions.token(_SUPERADMIN)
            email = emails[number % len(emails)]
            await sessions.lose(number, ids[email], email, superadmin)
        return sessions.counts

    with servers.running(2) as processes:
        counts = asyncio.run(
            with_storage(servers.data_dir, lambda storage: try_on(storage, processes))
        )
    chance = run.chance()
    for _ in range(crashes):
        emails = [f"some{number}@example.com" for number in range(8)]
        asyncio.run(_crash(servers, emails, chance, proof, counts, history))
    history.close()
    proof.figure = (
        f"{counts.families:,} families: {counts.survivors} survivors; {_PARALLEL} x "
        f"{counts.parallel} parallel: {counts.double_issues} double issues; {counts.crashes} "
        f"crashes amid {counts.unanswered} rotations: {counts.twice or 'no'} token lived "
        "twice; role removed 403, shut out 401, logged out 401 at the next request, also at "
        f"another process, in {counts.removals - counts.late:,} of {counts.removals:,}"
    )
    return proof


P7 = Promise(
    "P7",
    "A refresh token that comes back ends its session; logout, deactivation and the loss of a "
    "role act at the next request.",
    _prove,
)
