"""What is written into the outbox, what is refused, and what can be seen of it."""

from datetime import timedelta

import pytest

from services.errors import NotFound
from services.messaging.addresses import InvalidEmail
from services.messaging.delivery import DeliveryFailed, DeliveryRefused
from services.messaging.outbox import (
    InvalidMessage,
    NotGivenUp,
    OutboxSummary,
    TooLateToSend,
)
from tests.messaging.support import START, Outbox, ScriptedSender, run, running


def test_a_mail_waits_with_all_it_says():
    async def scenario():
        outbox = Outbox()
        message_id = await outbox.mail(
            "Ann@Example.com",
            subject="Grüße",
            text="plain",
            html="<p>rich</p>",
            send_before=START + timedelta(minutes=5),
        )
        document = await outbox.repository.find(message_id)
        assert document is not None
        mail_id = document.pop("message_id")
        assert mail_id.startswith("<")
        assert mail_id.endswith("@agora.example>")
        assert str(document.pop("_id")) == message_id
        assert document == {
            "channel": "mail",
            "kind": "greeting",
            "to": "ann@example.com",
            "subject": "Grüße",
            "text": "plain",
            "html": "<p>rich</p>",
            "send_before": START + timedelta(minutes=5),
            "status": "pending",
            "attempts": 0,
            "created_at": START,
            "next_attempt_at": START,
            "lease_until": START,
            "lease_owner": None,
            "last_error": None,
            "sent_at": None,
        }

    run(scenario())


def test_a_message_stands_and_falls_with_the_transaction_of_its_cause():
    async def scenario():
        sender = ScriptedSender()
        outbox = Outbox(mail=sender)

        async def fail_after_writing():
            async with outbox.database.transaction() as tx:
                await outbox.mail(text="never", tx=tx)
                raise ZeroDivisionError

        async with running(outbox):
            with pytest.raises(ZeroDivisionError):
                await fail_after_writing()
            async with outbox.database.transaction() as tx:
                message_id = await outbox.mail(text="now", tx=tx)
            await outbox.reaches(message_id, status="sent")
        assert [m.text for m in sender.attempts] == ["now"]
        assert len(await outbox.service.recent(10)) == 1

    run(scenario())


@pytest.mark.parametrize(
    "subject", ["Hi\r\nBcc: eve@example.com", "Hi\nthere", "Hi\rthere", "a\x00b", "a\u2028b", " "]
)
def test_a_subject_that_is_not_one_line_is_refused(subject):
    async def scenario():
        outbox = Outbox()
        with pytest.raises(InvalidMessage) as refusal:
            await outbox.mail(subject=subject)
        assert refusal.value.message == "The subject of a mail must be one line of visible text."
        assert await outbox.service.recent(10) == []

    run(scenario())


def test_a_mail_to_more_than_one_address_is_refused():
    async def scenario():
        outbox = Outbox()
        with pytest.raises(InvalidEmail):
            await outbox.mail("ann@example.com\r\nBcc: eve@example.com")
        assert await outbox.service.recent(10) == []

    run(scenario())


@pytest.mark.parametrize(
    "to", ["13800138000", "+12345", "+1234567890123456", "+1 2345678", "+１２３４５６７"]
)
def test_an_sms_to_anything_but_plus_and_digits_is_refused(to):
    async def scenario():
        outbox = Outbox()
        with pytest.raises(InvalidMessage) as refusal:
            await outbox.sms(to)
        assert refusal.value.message == (
            "An SMS goes to a phone number written as + and 6 to 15 digits."
        )
        assert await outbox.service.recent(10) == []

    run(scenario())


def test_an_empty_sms_is_refused():
    async def scenario():
        with pytest.raises(InvalidMessage, match=r"^An SMS must say something\.$"):
            await Outbox().sms(body=" \n")

    run(scenario())


def test_the_newest_messages_are_shown_first_and_held_ones_are_marked():
    async def scenario():
        outbox = Outbox(mail=ScriptedSender())
        first = await outbox.sms(body="one")
        second = await outbox.mail()
        third = await outbox.sms(body="three")
        entries = await outbox.service.recent(2)
        assert [(e.id, e.is_held) for e in entries] == [(third, True), (second, False)]
        assert (await outbox.entry(first)).body == "one"

    run(scenario())


def test_the_summary_counts_what_waits_and_how_long():
    async def scenario():
        outbox = Outbox(mail=ScriptedSender(DeliveryRefused("no")))
        assert await outbox.service.summary() == OutboxSummary(
            pending={"mail": 0, "sms": 0},
            put_off={"mail": 0, "sms": 0},
            dead={"mail": 0, "sms": 0},
            held_channels=("sms",),
            oldest_pending_seconds={"mail": None, "sms": None},
        )
        await outbox.sms()
        outbox.clock.advance(seconds=90)
        await outbox.sms()
        dead = await outbox.mail()
        async with running(outbox):
            await outbox.reaches(dead, status="dead")
        assert await outbox.service.summary() == OutboxSummary(
            pending={"mail": 0, "sms": 2},
            put_off={"mail": 0, "sms": 0},
            dead={"mail": 1, "sms": 0},
            held_channels=("sms",),
            oldest_pending_seconds={"mail": None, "sms": 90.0},
        )

    run(scenario())


def test_what_another_clock_says_is_of_later_has_not_waited():
    async def scenario():
        outbox = Outbox()
        await outbox.sms()
        # Another server process, or one whose developer set the time back.
        outbox.clock.advance(seconds=-3)
        assert (await outbox.service.summary()).oldest_pending_seconds["sms"] == 0.0

    run(scenario())


def test_the_summary_tells_what_was_put_off_from_what_is_due():
    async def scenario():
        outbox = Outbox(mail=ScriptedSender(DeliveryFailed("451 later")))
        failed = await outbox.mail()
        async with running(outbox):
            await outbox.reaches(failed, attempts=1)
        await outbox.mail("bob@example.com")
        outbox.clock.advance(seconds=3)
        summary = await outbox.service.summary()
        assert (summary.pending["mail"], summary.put_off["mail"]) == (2, 1)
        assert summary.oldest_pending_seconds["mail"] == 3.0

    run(scenario())


def test_the_newest_dead_letters_of_all_channels_are_shown_first():
    async def scenario():
        refused = DeliveryRefused("no")
        outbox = Outbox(mail=ScriptedSender(refused, refused), sms=ScriptedSender(refused))
        ids = []
        async with running(outbox):
            for send in (outbox.mail, outbox.sms, outbox.mail):
                ids.append(await send())
                await outbox.reaches(ids[-1], status="dead")
                outbox.clock.advance(minutes=1)
        assert [entry.id for entry in await outbox.service.latest_dead(2)] == [ids[2], ids[1]]
        assert [each async for each in outbox.service.dead_ids()] == [ids[0], ids[2], ids[1]]

    run(scenario())


def test_a_dead_letter_is_sent_again_when_asked_for_under_the_same_message_id():
    async def scenario():
        sender = ScriptedSender(DeliveryRefused("mailbox unknown"))
        outbox = Outbox(mail=sender)
        message_id = await outbox.mail()
        async with running(outbox):
            dead = await outbox.reaches(message_id, status="dead")
            assert dead.last_error == "mailbox unknown"
            await outbox.service.retry_dead(message_id)
            await outbox.reaches(message_id, status="sent", attempts=1)
        assert [m.text for m in sender.attempts] == ["Hello Ann"] * 2
        assert len({m.message_id for m in sender.attempts}) == 1
        document = await outbox.repository.find(message_id)
        assert document is not None
        assert document["expires_at"] == START + timedelta(days=7)

    run(scenario())


def test_a_dead_letter_put_back_no_longer_expires():
    async def scenario():
        outbox = Outbox(mail=ScriptedSender(DeliveryRefused("no")))
        message_id = await outbox.mail()
        before = await outbox.repository.find(message_id)
        async with running(outbox):
            await outbox.reaches(message_id, status="dead")
        dead = await outbox.repository.find(message_id)
        assert dead is not None
        assert dead["expires_at"] == START + timedelta(days=30)
        outbox.clock.advance(hours=1)
        await outbox.service.retry_dead(message_id)
        at = START + timedelta(hours=1)
        assert await outbox.repository.find(message_id) == {
            **(before or {}),
            "next_attempt_at": at,
            "lease_until": at,
            "last_error": "no",
        }

    run(scenario())


@pytest.mark.parametrize("unknown", ["0" * 24, "not-an-id", ""])
def test_only_what_is_there_can_be_retried(unknown):
    async def scenario():
        with pytest.raises(NotFound):
            await Outbox().service.retry_dead(unknown)

    run(scenario())


def test_only_dead_letters_that_are_still_of_use_can_be_retried():
    async def scenario():
        outbox = Outbox(mail=ScriptedSender(DeliveryRefused("no")))
        waiting = await outbox.sms()
        late = await outbox.mail(send_before=START + timedelta(minutes=5))
        async with running(outbox):
            await outbox.reaches(late, status="dead")
        outbox.clock.advance(minutes=5)
        with pytest.raises(NotGivenUp, match=f"Message {waiting} was not given up: it is pending."):
            await outbox.service.retry_dead(waiting)
        with pytest.raises(TooLateToSend, match="to be sent before 2025-01-18 10:05:00 UTC"):
            await outbox.service.retry_dead(late)
        assert (await outbox.entry(waiting)).status == "pending"
        assert (await outbox.entry(late)).status == "dead"

    run(scenario())
