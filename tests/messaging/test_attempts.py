"""What becomes of one message: delivered, tried again, or given up; and what the log tells."""

import asyncio
import logging
from datetime import timedelta

import pytest

from services.messaging.attempts import AttemptRules
from services.messaging.delivery import DeliveryFailed, DeliveryRefused
from tests.messaging.support import START, Outbox, ScriptedSender, run, running


def test_a_message_is_delivered_and_what_it_said_is_forgotten():
    async def scenario():
        mail, sms = ScriptedSender(), ScriptedSender()
        outbox = Outbox(mail=mail, sms=sms)
        async with running(outbox):
            letter = await outbox.mail(html="<p>Hello</p>")
            code = await outbox.sms()
            sent = [await outbox.reaches(m, status="sent") for m in (letter, code)]
        assert [m.text for m in mail.delivered] == ["Hello Ann"]
        assert [m.body for m in sms.delivered] == ["Your code is 123456"]
        for entry in sent:
            assert (entry.text, entry.html, entry.body) == (None, None, None)
            assert (entry.attempts, entry.sent_at, entry.last_error) == (1, START, None)

    run(scenario())


def test_without_a_sender_messages_are_held_until_a_later_start_brings_one():
    async def scenario():
        first = Outbox(mail=ScriptedSender())
        held = await first.sms()
        outdated = await first.sms("+4915112345678", send_before=START + timedelta(minutes=5))
        async with running(first):
            letter = await first.mail()
            await first.reaches(letter, status="sent")
        assert (await first.entry(held)).attempts == 0
        assert (await first.entry(held)).status == "pending"

        first.clock.advance(hours=1)
        sender = ScriptedSender()
        later = Outbox(database=first.database, clock=first.clock, sms=sender)
        async with running(later):
            await later.reaches(held, status="sent")
            dropped = await later.reaches(outdated, status="dead")
        assert [m.to for m in sender.attempts] == ["+8613800138000"]
        assert dropped.last_error == "expired: it was not sent in time"

    run(scenario())


def test_a_failed_attempt_is_repeated_with_growing_pauses_under_the_same_message_id():
    async def scenario():
        sender = ScriptedSender(DeliveryFailed("busy"), DeliveryFailed("busy again"))
        outbox = Outbox(mail=sender)
        message_id = await outbox.mail()
        async with running(outbox):
            entry = await outbox.reaches(message_id, attempts=1)
            assert entry.last_error == "busy"
            assert entry.next_attempt_at == START + timedelta(seconds=5)
            outbox.clock.advance(seconds=5)
            entry = await outbox.reaches(message_id, attempts=2)
            assert entry.last_error == "busy again"
            assert entry.next_attempt_at == START + timedelta(seconds=15)
            outbox.clock.advance(seconds=10)
            entry = await outbox.reaches(message_id, status="sent")
        assert (entry.attempts, entry.last_error) == (3, None)
        assert len(sender.attempts) == 3
        assert len({m.message_id for m in sender.attempts}) == 1

    run(scenario())


def test_chance_spreads_the_retries():
    async def scenario():
        outbox = Outbox(mail=ScriptedSender(DeliveryFailed("busy")), chance=0.5)
        message_id = await outbox.mail()
        async with running(outbox):
            entry = await outbox.reaches(message_id, attempts=1)
        assert entry.next_attempt_at == START + timedelta(seconds=3.75)

    run(scenario())


def test_after_the_last_attempt_the_message_is_a_dead_letter():
    async def scenario():
        sender = ScriptedSender(DeliveryFailed("busy"), DeliveryFailed("still busy"))
        outbox = Outbox(mail=sender, attempts=2)
        message_id = await outbox.mail()
        async with running(outbox):
            await outbox.reaches(message_id, attempts=1)
            outbox.clock.advance(hours=1)
            dead = await outbox.reaches(message_id, status="dead")
        assert (dead.attempts, dead.last_error) == (2, "still busy")
        assert dead.text == "Hello Ann"

    run(scenario())


def test_a_refused_message_is_not_tried_again():
    async def scenario():
        sender = ScriptedSender(DeliveryRefused("no such mailbox"))
        outbox = Outbox(mail=sender)
        message_id = await outbox.mail()
        async with running(outbox):
            dead = await outbox.reaches(message_id, status="dead")
        assert (dead.attempts, dead.last_error) == (1, "no such mailbox")
        assert len(sender.attempts) == 1

    run(scenario())


def test_a_sender_that_hangs_is_cut_off_and_counts_as_a_failed_attempt():
    async def scenario():
        outbox = Outbox(mail=ScriptedSender(asyncio.Event()), attempt_seconds=0.05)
        message_id = await outbox.mail()
        async with running(outbox):
            entry = await outbox.reaches(message_id, attempts=1)
        assert (entry.status, entry.last_error) == ("pending", "no outcome within 0.05 s")

    run(scenario())


def test_an_attempt_must_end_before_its_lease():
    with pytest.raises(ValueError, match=r"^lease_seconds must be longer than attempt_seconds\.$"):
        AttemptRules(attempt_seconds=30, lease_seconds=30)


def test_a_code_that_would_come_too_late_is_given_up_at_once():
    async def scenario():
        sender = ScriptedSender(DeliveryFailed("busy"))
        outbox = Outbox(sms=sender)
        message_id = await outbox.sms(send_before=START + timedelta(seconds=5))
        async with running(outbox):
            dead = await outbox.reaches(message_id, status="dead")
        assert (dead.attempts, dead.last_error) == (1, "expired: busy")

    run(scenario())


def test_a_fault_in_a_sender_counts_as_a_failed_attempt_and_keeps_its_words_from_the_log(caplog):
    async def scenario():
        outbox = Outbox(mail=ScriptedSender(RuntimeError("ann@example.com has code 123456")))
        message_id = await outbox.mail()
        async with running(outbox):
            entry = await outbox.reaches(message_id, attempts=1)
        assert entry.last_error == "the sender raised RuntimeError"

    run(scenario())
    assert "a sender raised RuntimeError" in caplog.text
    assert "ann@example.com" not in caplog.text
    assert "123456" not in caplog.text


def test_the_log_names_messages_by_id_and_tells_neither_recipient_nor_content(caplog):
    async def scenario():
        failing = ScriptedSender(DeliveryFailed("<ann@example.com> 123456"))
        outbox = Outbox(mail=failing, sms=ScriptedSender())
        letter, code = await outbox.mail(text="The code is 123456"), await outbox.sms()
        async with running(outbox):
            await outbox.reaches(letter, attempts=1)
            await outbox.reaches(code, status="sent")
        return letter, code

    with caplog.at_level(logging.DEBUG, logger="agora.outbox"):
        letter, code = run(scenario())
    assert sorted(caplog.messages) == sorted(
        [
            f"message id={letter} channel=mail kind=greeting status=failed attempts=1",
            f"message id={code} channel=sms kind=verification_code status=sent attempts=1",
        ]
    )
