"""What P5 finds wrong, and what its bad network does."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from repositories.storage import open_storage
from scripts.crash.connection import NoAnswer
from scripts.prove.history import History
from scripts.prove.http_client import HttpClient, Reply
from scripts.prove.keyed_orders import PIECES, PRODUCT, KeyedOrders, Ordered, audit
from scripts.prove.proxy import Fault, Proxy

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n" + b'"answer"'


@pytest.fixture
def known(tmp_path) -> Iterator[KeyedOrders]:
    """What was sent and answered: nothing yet."""
    history = History(tmp_path / "history")
    yield KeyedOrders({"ann": "token"}, history)
    history.close()


def audited(known, orders, *, answered, sent, stock):
    """What an audit finds when these (notes, id) are kept as orders of a piece each."""

    async def scenario():
        storage = await open_storage("memory", Path())
        try:
            await storage["products"].insert_one({"_id": PRODUCT, "stock": stock})
            for notes, order_id in orders:
                order = {"_id": order_id, "notes": notes, "items": [{"quantity": 1}]}
                await storage["orders"].insert_one(order)
            key = {"_id": 1, "key": "key-1", "order_id": "gone"}
            await storage["idempotency_keys"].insert_one(key)
            known.answered, known.sent = answered, sent
            return await audit(storage, known)
        finally:
            await storage.close()

    return asyncio.run(scenario())


def test_orders_that_are_doubled_lost_or_nobodys_are_told(known):
    found = audited(
        known,
        [("ann key-1", "1"), ("ann key-1", "2"), ("nobody", "3")],
        answered={"ann key-1": "2", "ann key-2": "9"},
        sent={"ann key-1", "ann key-2"},
        stock=PIECES - 2,
    )
    assert (found.orders, found.doubled, found.lost) == (3, 1, 1)
    assert found.problems == [
        "ann key-1 was ordered 2 times",
        "ann key-2 was acknowledged, and is lost",
        "nobody ordered nobody",
        "the key 'key-1' is kept for an order that is not there",
        "3 pieces were sold, and not taken from the stock",
    ]


def test_another_answer_to_the_same_key_is_told(known):
    class Client(HttpClient):
        answers = iter("112")

        async def call(self, *_, **__):
            return Reply(201, {}, b'{"data": {"id": "%s"}}' % next(self.answers).encode())

    for _ in range(3):
        asyncio.run(known.order(Client(0), Ordered("ann", "key-1")))
    assert known.problems == ["ann key-1 was answered 1, and again 2"]


@pytest.mark.parametrize(
    ("fault", "arrives", "is_answered"),
    [
        (Fault.HALF_REQUEST, False, False),
        (Fault.CUT, True, False),
        (Fault.LOST_ANSWER, True, False),
        (Fault.HALF_ANSWER, True, False),
        (Fault.SLOW, True, True),
    ],
)
def test_a_fault_is_what_its_name_says(fault, arrives, is_answered):
    async def scenario():
        bodies = []

        async def serve(reader, writer):
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            bodies.append(await reader.read(length))
            writer.write(ANSWER)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with Proxy(port, lambda: fault) as proxy, HttpClient(proxy.port) as client:
            try:
                answered = (await client.post("/", {"n": 1})).body == "answer"
            except NoAnswer:
                answered = False
        await asyncio.sleep(0.01)
        server.close()
        await server.wait_closed()
        return bodies == [b'{"n":1}'], answered, proxy.faults[fault]

    assert asyncio.run(scenario()) == (arrives, is_answered, 1)
