"""SMS against a real webhook: what is posted, and what each answer leads to."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler

from config.http_client import HttpClient
from services.messaging.delivery import DeliveryFailed, DeliveryRefused, Message
from services.messaging.sms import SmsSender
from tests.messaging.support import START, Outbox, run, running

MESSAGE = Message(
    message_id="4711", to="+8613800138000", created_at=START, body="验证码 123456\nAgora"
)


class Webhook(RequestHandler):
    """Takes each SMS, and answers the next of `answers`, or 204."""

    def initialize(self, answers, taken):
        self.answers = answers
        self.taken = taken

    async def post(self):
        self.taken.append((dict(self.request.headers.get_all()), json.loads(self.request.body)))
        answer = self.answers.pop(0) if self.answers else 204
        if answer == "hang":
            await asyncio.sleep(60)
        elif answer == "cut":
            self.detach().close()
        elif answer == "huge":
            self.write(b"x" * ((1 << 20) + 1))
        else:
            self.set_status(answer)
            if 300 <= answer <= 399:
                self.set_header("Location", self.request.path)


@asynccontextmanager
async def webhook(*answers):
    """Serve a webhook inside the block: its sender, and the list of what it took."""
    taken: list[tuple[dict[str, str], dict[str, str]]] = []
    socket, port = bind_unused_port()
    routes = [("/send", Webhook, {"answers": list(answers), "taken": taken})]
    server = HTTPServer(Application(routes, log_function=lambda handler: None))
    server.add_socket(socket)
    client = HttpClient(connect_seconds=0.2, request_seconds=0.2)
    try:
        yield SmsSender(f"http://127.0.0.1:{port}/send", client.post_json), taken
    finally:
        client.close()
        server.stop()
        await server.close_all_connections()


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_is_delivery(status):
    async def scenario():
        async with webhook(status) as (sender, taken):
            await sender.send(MESSAGE)
        ((headers, body),) = taken
        assert body == {"to": "+8613800138000", "body": "验证码 123456\nAgora"}
        assert headers["Content-Type"] == "application/json"
        assert headers["X-Message-Id"] == "4711"
        assert headers["Idempotency-Key"] == "4711"

    run(scenario())


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        (400, DeliveryRefused, "the SMS webhook answered 400"),
        (404, DeliveryRefused, "the SMS webhook answered 404"),
        (408, DeliveryFailed, "the SMS webhook answered 408"),
        (429, DeliveryFailed, "the SMS webhook answered 429"),
        (500, DeliveryFailed, "the SMS webhook answered 500"),
        (503, DeliveryFailed, "the SMS webhook answered 503"),
        ("hang", DeliveryFailed, "the SMS webhook did not answer: Timeout during request"),
        ("cut", DeliveryFailed, "the SMS webhook did not answer: Stream closed"),
        (
            307,
            DeliveryFailed,
            "the SMS webhook answered 307; redirects are not followed,"
            " set --sms-url to the final address",
        ),
    ],
)
def test_other_answers_are_a_failure_or_final(answer, outcome, reason):
    async def scenario():
        async with webhook(answer) as (sender, taken):
            with pytest.raises(outcome) as raised:
                await sender.send(MESSAGE)
        assert str(raised.value) == reason
        assert len(taken) == 1

    run(scenario())


def test_an_answer_over_a_megabyte_is_not_read():
    async def scenario():
        async with webhook("huge") as (sender, _):
            with pytest.raises(DeliveryFailed, match="the SMS webhook did not answer"):
                await sender.send(MESSAGE)

    run(scenario())


def test_a_port_nobody_listens_on_is_a_failed_attempt():
    async def scenario():
        socket, port = bind_unused_port()
        socket.close()
        client = HttpClient()
        sender = SmsSender(f"http://127.0.0.1:{port}/send", client.post_json)
        with pytest.raises(DeliveryFailed, match=r"^the SMS webhook did not answer: .*refused"):
            await sender.send(MESSAGE)
        client.close()

    run(scenario())


def test_from_the_outbox_to_the_webhook_over_a_failing_one():
    async def scenario():
        async with webhook(500, "hang", 204, 404) as (sender, taken):
            outbox = Outbox(sms=sender)
            message_id = await outbox.sms()
            async with running(outbox):
                for attempt in (1, 2):
                    await outbox.reaches(message_id, attempts=attempt)
                    outbox.clock.advance(minutes=1)
                await outbox.reaches(message_id, status="sent", attempts=3)
                refused = await outbox.sms()
                await outbox.reaches(refused, status="dead", attempts=1)
        keys = [headers["X-Message-Id"] for headers, _ in taken]
        assert len(keys) == 4
        assert len(set(keys[:3])) == 1
        assert keys[3] != keys[0]

    run(scenario())
