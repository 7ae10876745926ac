"""What P11 finds wrong with deliveries, and what its receivers do."""

import asyncio
import random
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from config.http_client import HttpClient
from scripts.prove.deliveries import Deliveries, look_at
from scripts.prove.receivers import REFUSED, Inbox, MailReceiver, Step, Taken, WebhookReceiver
from services.messaging.delivery import DeliveryFailed, DeliveryRefused, Message, Sender
from services.messaging.mail import MailSender, parse_mail_from, parse_smtp_url
from services.messaging.sms import SmsSender

AT = datetime(2025, 1, 18, 10, 0, tzinfo=UTC)
TAKE = (Step.TAKE,)
NEVER: Mapping[str, float] = {}


def message(number, status="sent", *, to="ann@example.com", last_error=None):
    """A document of the outbox; they were made one after the other."""
    return {
        "_id": number,
        "message_id": f"m{number}",
        "channel": "mail",
        "to": to,
        "status": status,
        "last_error": last_error,
        "created_at": AT,
    }


def look(messages, taken, *, killed_at=NEVER, scripts=TAKE) -> Deliveries:
    """What is found when (message, moment, step) were taken."""
    inbox = Inbox(random.Random(1), ((1, scripts),), troubled=0)
    for number, at, step in taken:
        inbox.attempt(f"m{number}", "a process")
        inbox.taken[-1:] = [Taken(f"m{number}", "a process", at, step)]
    return look_at(messages, inbox, killed_at)


def test_messages_that_were_delivered_once_and_in_order_are_well():
    found = look([message(1), message(2)], [(1, 1.0, Step.TAKE), (2, 2.0, Step.TAKE)])
    assert found == Deliveries(messages=2, recipients=1)


@pytest.mark.parametrize("status", ["sent", "pending"])
def test_a_message_that_nobody_got_is_lost(status):
    found = look([message(1, status)], [])
    assert (found.lost, found.problems) == (1, [f"m1 is {status}, and nobody got it"])


@pytest.mark.parametrize(
    ("first", "killed_at", "after_kill", "is_explained"),
    [
        (Step.TAKE, NEVER, 0, False),
        (Step.TAKE, {"a process": 6.1}, 0, False),
        (Step.TAKE, {"another process": 1.1}, 0, False),
        (Step.TAKE, {"a process": 0.9}, 1, True),
        (Step.TAKE, {"a process": 5.9}, 1, True),
        (Step.CUT, NEVER, 0, True),
        (Step.LIE, NEVER, 0, True),
    ],
)
def test_a_duplicate_is_explained_by_a_kill_until_soon_after_or_an_answer_that_failed(
    first, killed_at, after_kill, is_explained
):
    found = look([message(1)], [(1, 1.0, first), (1, 9.0, Step.TAKE)], killed_at=killed_at)
    assert (found.duplicates, found.after_kill) == (1, after_kill)
    unexplained = ["m1 was sent twice, with neither a kill nor a cut"]
    assert found.problems == ([] if is_explained else unexplained)


def test_another_order_is_told():
    found = look([message(1), message(2)], [(2, 1.0, Step.TAKE), (1, 2.0, Step.TAKE)])
    assert found.misordered == 1
    assert found.problems == ["ann@example.com got messages in another order"]


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (message(1, "dead", last_error="busy"), "m1 was given up: busy"),
        (message(1, "dead", to=f"{REFUSED}ann@example.com"), "m1 was given up without a word"),
        (message(1, to=f"{REFUSED}ann@example.com"), "m1 can't be delivered, and is sent"),
    ],
)
def test_dead_letters_are_those_that_can_not_be_delivered(document, problem):
    assert look([document], []).problems == [problem]


@pytest.mark.parametrize("channel", ["mail", "sms"])
@pytest.mark.parametrize(
    ("step", "raised", "taken"),
    [
        (Step.TAKE, None, 1),
        (Step.BUSY, DeliveryFailed, 0),
        (Step.REFUSE, DeliveryRefused, 0),
        (Step.HANG, DeliveryFailed, 0),
        (Step.DROP, DeliveryFailed, 0),
        (Step.CUT, DeliveryFailed, 1),
        (Step.LIE, DeliveryFailed, 1),
        (Step.LIE_FOR_GOOD, DeliveryRefused, 1),
    ],
)
def test_a_receiver_does_what_the_step_says(channel, step, raised, taken):
    async def scenario():
        inbox = Inbox(random.Random(1), ((1, (step,)),), troubled=0)
        receiver = {"mail": MailReceiver, "sms": WebhookReceiver}[channel](inbox)
        # What hangs has to be waited for; the others may be slow where much runs beside them.
        patience_seconds = 0.2 if step is Step.HANG else 10.0
        client = HttpClient(request_seconds=patience_seconds)
        async with receiver:
            if channel == "mail":
                server = parse_smtp_url(f"smtp://127.0.0.1:{receiver.port}")
                mail_from = parse_mail_from("agora@example.com")
                sender: Sender = MailSender(server, mail_from, timeout_seconds=patience_seconds)
            else:
                sender = SmsSender(f"http://127.0.0.1:{receiver.port}/", client.post_json)
            texts = {"subject": "Hello", "text": "Hello", "body": "Hello"}
            try:
                await sender.send(Message("<1@example.com>", "ann@example.com", AT, **texts))
            except (DeliveryFailed, DeliveryRefused) as problem:
                return type(problem), inbox
            finally:
                client.close()
        return None, inbox

    ended, inbox = asyncio.run(scenario())
    assert (ended, len(inbox.taken), inbox.steps) == (raised, taken, {step: 1})
