"""P11: every message is delivered at least once, in order, or said to be given up."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from repositories.storage import open_storage
from scripts.prove.accounts import PASSWORD
from scripts.prove.deliveries import Deliveries, look_at
from scripts.prove.history import History
from scripts.prove.http_client import HttpClient
from scripts.prove.office import Office
from scripts.prove.promise import Promise, Proof, Run
from scripts.prove.receivers import UNTOLD, Inbox, MailReceiver, Step, WebhookReceiver
from scripts.prove.servers import Servers
from scripts.server_process import HOST, Process, ServerFailed

_HURRIED = ("-m", "scripts.prove.hurried_server")
#: Together just short of the lease of 120 s, and beyond it.
_WITHIN_LEASE_SECONDS, _REST_SECONDS = 85, 45
_SOON_SECONDS = 15
_BCRYPT = "--bcrypt-cost=4"


def _prove(run: Run) -> Proof:
    proof = Proof(
        limits=[
            "what a receiver took, and could not say so before the connection or the server was "
            "gone, comes again, under the same message id",
            "on MongoDB without a replica set a message is not in the transaction of its cause, "
            "and a kill between the two loses it",
        ]
    )
    asyncio.run(_try_both(run, proof))
    return proof


async def _try_both(run: Run, proof: Proof) -> None:
    """At the same time, as both do little but wait."""
    await asyncio.gather(_kill_and_look(run, proof), _expire_a_lease(run, proof))
    proof.figure += "; with the server's own times, one in flight at a kill is sent after 120 s"


async def _kill_and_look(run: Run, proof: Proof) -> None:
    """Kill processes amid deliveries to receivers of every kind; then look at every message."""
    chance, history = run.chance(), History(run.directory / "history.jsonl")
    inbox = Inbox(chance)
    async with AsyncExitStack() as stack:
        mail = await stack.enter_async_context(MailReceiver(inbox))
        webhook = await stack.enter_async_context(WebhookReceiver(inbox))
        servers = Servers(run.directory, _BCRYPT, command=_HURRIED)
        storage = await open_storage("embedded", servers.data_dir)
        stack.push_async_callback(storage.close)
        office = Office(servers, storage, mail, webhook, chance, history)
        stack.callback(office.close)
        await office.open()
        for _ in range(run.pick(quick=3, full=200)):
            await office.kill_amid_work()
        messages = await office.drain()
        found = look_at(messages, inbox, office.killed_at)
        proof.blame_each(await office.problems(messages))
    history.close()
    proof.blame_each(found.problems)
    proof.figure = _figure(office.kills, found, inbox)


def _figure(kills: int, found: Deliveries, inbox: Inbox) -> str:
    untold = sum(inbox.steps[step] for step in UNTOLD)
    order = "kept" if not found.misordered else f"broken {found.misordered} times"
    return (
        f"{kills} kills of one of two processes, {found.messages:,} messages, "
        f"{inbox.steps.total():,} attempts: {found.lost} lost, {found.duplicates} duplicates "
        f"({found.after_kill} after a kill, the others after one of {untold} answers that were cut "
        f"off or lied), order per recipient {order} ({found.recipients} recipients), "
        f"{found.dead} dead letters ({found.unscripted} not scripted)"
    )


async def _expire_a_lease(run: Run, proof: Proof) -> None:
    """With the server's own times: what is in flight at a kill is sent when its lease is over."""
    inbox = Inbox(random.Random(run.seed), ((1, (Step.HANG, Step.TAKE)),), troubled=0)  # noqa: S311 - no secret
    directory = run.directory / "lease"
    directory.mkdir()
    async with MailReceiver(inbox) as mail:
        smtp_url = f"--smtp-url=smtp://{HOST}:{mail.port}"
        servers = Servers(directory, _BCRYPT, "--dev-clock", smtp_url)
        async with _running(servers) as server:
            await _register(server)
            await _until_steps(inbox, 1)
            server.kill()
        async with _running(servers) as server:
            await _advance(server, _WITHIN_LEASE_SECONDS)
            await asyncio.sleep(1)
            proof.check(inbox.steps.total() == 1, "a message was sent again within its lease")
            await _advance(server, _REST_SECONDS)
            await _until_steps(inbox, 2)
    proof.check(len(inbox.taken) == 1, "a message whose lease was over was not sent again")


@asynccontextmanager
async def _running(servers: Servers) -> AsyncIterator[Process]:
    """One process, started and stopped beside the event loop, where the receivers are."""
    server = servers.spawn()
    try:
        await asyncio.to_thread(server.wait_until_healthy)
        yield server
    finally:
        await asyncio.to_thread(server.stop)


async def _register(server: Process) -> None:
    """Cause a mail."""
    body = {"email": "new@example.com", "password": PASSWORD, "name": "The New"}
    async with HttpClient(server.port) as client:
        reply = await client.post("/api/v1/auth/register", body)
    if reply.status != 201:
        raise ServerFailed(f"Registering was answered {reply.status} {reply.content!r}")


async def _advance(server: Process, seconds: int) -> None:
    async with HttpClient(server.port) as client:
        await client.post("/dev/clock", {"advance_seconds": seconds})


async def _until_steps(inbox: Inbox, count: int) -> None:
    """Wait for so many attempts, for a while."""
    for _ in range(_SOON_SECONDS * 20):
        if inbox.steps.total() >= count:
            return
        await asyncio.sleep(0.05)


P11 = Promise(
    "P11",
    "The outbox delivers at least once and in order, loses no message, and says when it gave up.",
    _prove,
)
