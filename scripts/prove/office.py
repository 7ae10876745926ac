"""Two server processes that deliver messages, those who cause them, and who kills a process."""

import asyncio
import random
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime

from repositories.accounts.users import COLLECTION as USERS
from repositories.messaging.outbox import COLLECTION as OUTBOX
from repositories.messaging.outbox import OutboxRepository
from repositories.shop.orders import COLLECTION as ORDERS
from repositories.storage import Storage
from repositories.types import Document
from scripts.crash.connection import NoAnswer
from scripts.prove.accounts import PASSWORD
from scripts.prove.history import History
from scripts.prove.http_client import HttpClient, Reply
from scripts.prove.keyed_orders import KeyedOrders, Ordered, offer
from scripts.prove.receivers import REFUSED, MailReceiver, WebhookReceiver
from scripts.prove.servers import Servers
from scripts.server_process import HOST, Process, ServerFailed
from services.messaging.outbox import OutboxService

_CUSTOMERS = [f"{REFUSED}customer@example.com"]
_CUSTOMERS += [f"customer-{number}@example.com" for number in range(19)]
_PHONES = [f"+86138001380{number:02d}" for number in range(20)]
_CONFIRMATION = "order_confirmation"
_ORDERING, _ORDERS_EACH, _SMS = 4, 3, 13
_KILLED_AFTER_TAKEN = (1, 12)
_KILLED_AFTER_SECONDS = 2.0
_TOKEN_SECONDS = 300
_DRAIN_SECONDS = 90


def _mail_name(number: int) -> str:
    """What the mails of a process are from."""
    return f"process-{number}@example.com"


def _sms_name(number: int) -> str:
    """The path that a process posts its SMS to."""
    return f"/process-{number}"


class Office:
    """Mails are caused by orders over HTTP, SMS left in the outbox by this process.

    Each process has a name of its own for the receivers, which take mail and SMS at these ports.
    """

    def __init__(
        self,
        servers: Servers,
        storage: Storage,
        mail: MailReceiver,
        webhook: WebhookReceiver,
        chance: random.Random,
        history: History,
    ):
        self._servers = servers
        self._storage = storage
        self._inbox = mail.inbox
        self._smtp_url = f"smtp://{HOST}:{mail.port}"
        self._sms_url = f"http://{HOST}:{webhook.port}"
        self._chance = chance
        self._history = history
        self._running: list[Process] = []
        self._names: list[int] = []
        self._spawned = 0
        self._orders = KeyedOrders({}, history)
        self._signed_in_at = 0.0
        self._number = 0
        self._sms_ids: set[str] = set()
        self._outbox = OutboxService(
            OutboxRepository(storage),
            clock=lambda: datetime.now(UTC),
            wake=lambda: None,  # the workers are other processes', and look by themselves
            deliverable=(),
            message_id_domain="example.com",
        )
        #: When a process was killed, by the names that mails and SMS of its come under.
        self.killed_at: dict[str, float] = {}
        self.kills = 0

    async def open(self) -> None:
        """Start both processes; make customers whose addresses count as verified."""
        for place in range(2):
            self._spawn(place)
        for server in self._running:
            await asyncio.to_thread(server.wait_until_healthy)
        await offer(self._storage)
        for email in _CUSTOMERS:
            body = {"email": email, "password": PASSWORD, "name": "The Customer"}
            await self._expect(201, "/api/v1/auth/register", body)
        await self._storage[USERS].update_many({}, {"$set": {"email_verified": True}})

    def _spawn(self, place: int) -> None:
        """Start a process in the first or second place."""
        self._spawned += 1
        server = self._servers.spawn(
            f"--smtp-url={self._smtp_url}",
            f"--mail-from={_mail_name(self._spawned)}",
            f"--sms-url={self._sms_url}{_sms_name(self._spawned)}",
        )
        self._running[place : place + 1] = [server]
        self._names[place : place + 1] = [self._spawned]

    def close(self) -> None:
        """End both."""
        for server in self._running:
            server.stop()

    async def kill_amid_work(self) -> None:
        """Cause messages, and kill one process meanwhile; there is another in its place then."""
        if time.monotonic() - self._signed_in_at > _TOKEN_SECONDS:
            await self._sign_in()
        customers = self._chance.sample(_CUSTOMERS, _ORDERING)
        await asyncio.gather(*map(self._buy, customers), self._leave_sms(), self._kill_one())

    async def _sign_in(self) -> None:
        for email in _CUSTOMERS:
            body = {"email": email, "password": PASSWORD}
            reply = await self._expect(200, "/api/v1/auth/login", body)
            self._orders.renew({email: reply.body["token"]})
        self._signed_in_at = time.monotonic()

    async def _buy(self, customer: str) -> None:
        """Order a few times, one after the other, each until there is an answer."""
        for _ in range(_ORDERS_EACH):
            self._number += 1
            ordered = Ordered(customer, f"order-{self._number}")
            while not await self._order(ordered):
                pass

    async def _order(self, ordered: Ordered) -> bool:
        """Order by any process; False, after a moment, when it gave no answer."""
        async with HttpClient(self._chance.choice(self._running).port) as client:
            with suppress(NoAnswer):
                await self._orders.add_item(client, ordered.customer)
                if await self._orders.order(client, ordered):
                    return True
        await asyncio.sleep(0.05)
        return False

    async def _leave_sms(self) -> None:
        for _ in range(_SMS):
            self._number += 1
            to = self._chance.choice(_PHONES)
            entry = self._history.sent("sms", {"to": to, "number": self._number})
            body = f"message {self._number}"
            self._sms_ids.add(await self._outbox.enqueue_sms("proof", to=to, body=body))
            entry.answered(201)
            await asyncio.sleep(0.01)

    async def _kill_one(self) -> None:
        """At a message that was just taken, before the answer; or when none comes."""
        victim = self._chance.randrange(len(self._running))
        enough = len(self._inbox.taken) + self._chance.randint(*_KILLED_AFTER_TAKEN)
        killed = asyncio.Event()

        def kill() -> None:
            if len(self._inbox.taken) >= enough and not killed.is_set():
                self._running[victim].kill()
                name, at = self._names[victim], time.monotonic()
                self.killed_at |= {_mail_name(name): at, _sms_name(name): at}
                self.kills += 1
                killed.set()

        self._inbox.on_taken = kill
        try:
            async with asyncio.timeout(_KILLED_AFTER_SECONDS):
                await killed.wait()
        except TimeoutError:
            enough = 0
            kill()
        self._spawn(victim)
        await asyncio.to_thread(self._running[victim].wait_until_healthy)

    async def _expect(self, status: int, path: str, body: dict[str, str]) -> Reply:
        """POST to any process. Raises ServerFailed on another answer."""
        async with HttpClient(self._chance.choice(self._running).port) as client:
            reply = await client.post(path, body)
        if reply.status != status:
            raise ServerFailed(f"{path} was answered {reply.status} {reply.content!r}")
        return reply

    async def drain(self) -> list[Document]:
        """Wait until nothing waits any more, or for too long; every message of the outbox."""
        for _ in range(_DRAIN_SECONDS * 10):
            if not await self._storage[OUTBOX].count_documents({"status": "pending"}):
                break
            await asyncio.sleep(0.1)
        return await self._storage[OUTBOX].find({}).to_list(None)

    async def problems(self, messages: list[Document]) -> list[str]:
        """What is wrong with orders, and which of them or of the SMS have no message."""
        found = list(self._orders.problems)
        orders = await self._storage[ORDERS].find({}).to_list(None)
        wanted = Counter(f"Your order {order['order_number']}" for order in orders)
        mails = Counter(each["subject"] for each in messages if each["kind"] == _CONFIRMATION)
        found += [f"{mails[subject]} mails say {subject!r}" for subject in wanted - mails]
        found += [f"{subject!r} is said of no order" for subject in mails - wanted]
        kept = {str(message["_id"]) for message in messages}
        return found + [f"SMS {each} is gone" for each in self._sms_ids - kept]
