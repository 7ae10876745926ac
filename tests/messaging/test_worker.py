"""What the worker promises of many: in order, never two at a time, found again, and an end."""

import asyncio
from datetime import timedelta

from services.messaging.delivery import DeliveryFailed, DeliveryRefused
from services.messaging.worker import WorkPace
from tests.messaging.support import START, Outbox, ScriptedSender, run, running, until


def test_messages_to_one_recipient_keep_their_order_while_others_pass():
    async def scenario():
        sender = ScriptedSender(DeliveryFailed("busy"))
        outbox = Outbox(mail=sender)
        first = await outbox.mail(text="first")
        second = await outbox.mail(text="second")
        third = await outbox.mail(text="third")
        other = await outbox.mail("bob@example.com", text="other")
        async with running(outbox):
            await outbox.reaches(first, attempts=1)
            await outbox.reaches(other, status="sent")
            outbox.clock.advance(seconds=4)
            await asyncio.sleep(0.05)
            assert (await outbox.entry(second)).attempts == 0
            outbox.clock.advance(seconds=1)
            for message_id in (first, second, third):
                await outbox.reaches(message_id, status="sent")
        assert [m.text for m in sender.delivered] == ["other", "first", "second", "third"]

    run(scenario())


def test_a_dead_letter_does_not_hold_up_the_next_message_to_its_recipient():
    async def scenario():
        sender = ScriptedSender(DeliveryRefused("no"))
        outbox = Outbox(mail=sender)
        first, second = await outbox.mail(text="first"), await outbox.mail(text="second")
        async with running(outbox):
            await outbox.reaches(first, status="dead")
            await outbox.reaches(second, status="sent")
        assert [m.text for m in sender.delivered] == ["second"]

    run(scenario())


def test_all_those_behind_a_failed_message_step_back_in_one_go(monkeypatch):
    async def scenario():
        outbox = Outbox()
        messages = [await outbox.mail(text=f"{n}") for n in range(5)]
        first = await _claim(outbox, "one")
        due_at = START + timedelta(seconds=5)
        repository = outbox.repository
        await repository.mark_failed(first, error="busy", at=START, next_attempt_at=due_at)

        claim_due, claims = repository._claim_due, []

        async def counted(*args):
            claims.append(args)
            return await claim_due(*args)

        monkeypatch.setattr(repository, "_claim_due", counted)
        assert await _claim(outbox, "two") is None
        assert len(claims) == 2
        entries = [await outbox.entry(message_id) for message_id in messages]
        assert [(e.attempts, e.next_attempt_at - due_at) for e in entries] == [
            (1, timedelta(0)),
            *[(0, timedelta(milliseconds=1))] * 4,
        ]

    run(scenario())


def test_who_steps_back_just_as_the_first_one_leaves_is_not_forgotten(monkeypatch):
    async def scenario():
        outbox = Outbox()
        await outbox.mail(text="first")
        await outbox.mail(text="second")
        repository = outbox.repository
        first = await _claim(outbox, "one")
        give_back = repository._give_back

        async def give_back_too_late(*args):
            at = outbox.clock()
            await repository.mark_sent(first, at=at, expires_at=at)
            await repository.wake_line("mail", "ann@example.com", at=at)
            await give_back(*args)

        monkeypatch.setattr(repository, "_give_back", give_back_too_late)
        second = await _claim(outbox, "two")
        assert (second["text"], second["attempts"]) == ("second", 1)

    run(scenario())


def test_many_workers_send_each_message_once_and_in_order():
    async def scenario():
        sender = ScriptedSender()
        first = Outbox(mail=sender)
        others = [Outbox(database=first.database, clock=first.clock, mail=sender) for _ in range(3)]
        people = [f"user{n}@example.com" for n in range(5)]
        texts = [f"{n}" for n in range(8)]
        for text in texts:
            for person in people:
                await first.mail(person, text=text)
        async with running(first, *others):

            async def all_sent():
                # Those that stepped back for another come due a tick later.
                first.clock.advance(milliseconds=1)
                return (await first.service.summary()).pending["mail"] == 0

            await until(all_sent)
        for person in people:
            assert [m.text for m in sender.delivered if m.to == person] == texts

    run(scenario())


def test_a_slow_delivery_holds_up_neither_the_others_nor_the_other_channel():
    async def scenario():
        slow = asyncio.Event()
        outbox = Outbox(mail=ScriptedSender(slow), sms=ScriptedSender())
        stuck = await outbox.mail("slow@example.com")
        async with running(outbox):
            await until(lambda: _attempted(outbox, stuck))
            for message_id in (await outbox.mail("quick@example.com"), await outbox.sms()):
                await outbox.reaches(message_id, status="sent")
            assert (await outbox.entry(stuck)).status == "pending"
            slow.set()
            await outbox.reaches(stuck, status="sent")

    run(scenario())


def test_no_more_than_four_deliveries_of_a_channel_run_at_once():
    async def scenario():
        gate = asyncio.Event()
        sender = ScriptedSender(*[gate] * 6)
        outbox = Outbox(mail=sender)
        messages = [await outbox.mail(f"user{n}@example.com") for n in range(6)]
        async with running(outbox):
            await until(lambda: _count(sender.attempts, 4))
            await asyncio.sleep(0.05)
            assert len(sender.attempts) == 4
            gate.set()
            for message_id in messages:
                await outbox.reaches(message_id, status="sent")

    run(scenario())


def test_a_lease_keeps_other_workers_off_until_it_runs_out():
    async def scenario():
        sender = ScriptedSender()
        outbox = Outbox(mail=sender)
        message_id = await outbox.mail()
        crashed = await _claim(outbox, "a process that crashes")
        async with running(outbox):
            outbox.clock.advance(seconds=119)
            await asyncio.sleep(0.05)
            assert sender.attempts == []
            outbox.clock.advance(seconds=1)
            await outbox.reaches(message_id, status="sent", attempts=2)
        assert [m.message_id for m in sender.delivered] == [crashed["message_id"]]

    run(scenario())


def test_who_lost_the_lease_does_not_undo_what_the_next_one_did():
    async def scenario():
        outbox = Outbox()
        message_id = await outbox.mail()
        late = await _claim(outbox, "late")
        outbox.clock.advance(minutes=3)
        current = await _claim(outbox, "current")
        at = outbox.clock()
        repository = outbox.repository
        assert not await repository.mark_failed(late, error="x", at=at, next_attempt_at=at)
        assert not await repository.mark_dead(late, error="x", expires_at=at)
        await repository.give_back(late, at=at)
        assert await repository.find(message_id) == current

    run(scenario())


def test_a_crash_between_sending_and_recording_sends_again_under_the_same_message_id(monkeypatch):
    async def scenario():
        sender = ScriptedSender()
        crashing = Outbox(mail=sender)

        async def crash(*_args, **_kwargs):
            raise OSError("the machine is gone")

        monkeypatch.setattr(crashing.repository, "mark_sent", crash)
        message_id = await crashing.mail()
        async with running(crashing):
            await until(lambda: _count(sender.delivered, 1))
        crashing.clock.advance(minutes=2)
        restarted = Outbox(database=crashing.database, clock=crashing.clock, mail=sender)
        async with running(restarted):
            await restarted.reaches(message_id, status="sent", attempts=2)
        assert len(sender.delivered) == 2
        assert len({m.message_id for m in sender.delivered}) == 1

    run(scenario())


def test_a_storage_that_fails_for_a_while_does_not_end_the_worker(monkeypatch):
    async def scenario():
        sender = ScriptedSender()
        outbox = Outbox(mail=sender)
        claim_next, failures = outbox.repository.claim_next, [OSError("disk"), OSError("disk")]

        async def claim_or_fail(*args, **kwargs):
            if failures:
                raise failures.pop()
            return await claim_next(*args, **kwargs)

        monkeypatch.setattr(outbox.repository, "claim_next", claim_or_fail)
        message_id = await outbox.mail()
        async with running(outbox):
            await outbox.reaches(message_id, status="sent")
        assert len(sender.delivered) == 1

    run(scenario())


def test_a_new_message_wakes_the_worker():
    async def scenario():
        asleep = WorkPace(first_poll_seconds=600, poll_seconds=600)
        outbox = Outbox(mail=ScriptedSender(), pace=asleep)
        async with running(outbox):
            await asyncio.sleep(0.05)
            await outbox.reaches(await outbox.mail(), status="sent")

    run(scenario())


def test_work_left_by_another_process_is_found_without_a_wake():
    async def scenario():
        sender = ScriptedSender()
        here = Outbox(mail=sender)
        elsewhere = Outbox(database=here.database, clock=here.clock)
        async with running(here):
            await asyncio.sleep(0.05)
            message_id = await elsewhere.mail()
            await here.reaches(message_id, status="sent")

    run(scenario())


def test_stopping_lets_a_delivery_in_flight_finish_and_starts_no_other():
    async def scenario():
        gate = asyncio.Event()
        sender = ScriptedSender(gate)
        outbox = Outbox(mail=sender)
        first, second = await outbox.mail(text="first"), await outbox.mail(text="second")
        tasks_before = asyncio.all_tasks()
        outbox.worker.start()
        await until(lambda: _count(sender.attempts, 1))
        stopping = asyncio.create_task(outbox.worker.stop(grace_seconds=10))
        await asyncio.sleep(0)
        gate.set()
        await stopping
        assert (await outbox.entry(first)).status == "sent"
        assert (await outbox.entry(second)).attempts == 0
        assert asyncio.all_tasks() == tasks_before

    run(scenario())


def test_a_message_claimed_just_as_the_worker_stops_is_given_back(monkeypatch):
    async def scenario():
        sender = ScriptedSender()
        outbox = Outbox(mail=sender)
        message_id = await outbox.mail()
        claim_next, claimed = outbox.repository.claim_next, asyncio.Event()

        async def claim_and_be_slow(*args, **kwargs):
            message = await claim_next(*args, **kwargs)
            claimed.set()
            await asyncio.sleep(0.02)
            return message

        monkeypatch.setattr(outbox.repository, "claim_next", claim_and_be_slow)
        outbox.worker.start()
        await claimed.wait()
        await outbox.worker.stop()
        assert sender.attempts == []
        document = await outbox.repository.find(message_id)
        assert document is not None
        assert (document["attempts"], document["lease_owner"]) == (0, None)

    run(scenario())


def test_stopping_abandons_what_hangs_and_leaves_it_due_for_the_next_start():
    async def scenario():
        hung = ScriptedSender(asyncio.Event())
        outbox = Outbox(mail=hung)
        message_id = await outbox.mail()
        tasks_before = asyncio.all_tasks()
        outbox.worker.start()
        await until(lambda: _count(hung.attempts, 1))
        await outbox.worker.stop(grace_seconds=0.01)
        assert asyncio.all_tasks() == tasks_before
        assert (await outbox.entry(message_id)).attempts == 0

        sender = ScriptedSender()
        restarted = Outbox(database=outbox.database, clock=outbox.clock, mail=sender)
        async with running(restarted):
            await restarted.reaches(message_id, status="sent")
        assert sender.delivered[0].message_id == hung.attempts[0].message_id

    run(scenario())


def test_a_worker_that_never_started_can_be_stopped():
    async def scenario():
        await Outbox(mail=ScriptedSender()).worker.stop()

    run(scenario())


async def _claim(outbox, owner):
    at = outbox.clock()
    return await outbox.repository.claim_next(
        "mail", owner=owner, at=at, lease_until=at + timedelta(minutes=2)
    )


async def _count(items, number):
    return len(items) >= number


async def _attempted(outbox, message_id):
    return (await outbox.entry(message_id)).attempts == 1
