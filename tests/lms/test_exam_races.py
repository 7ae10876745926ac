"""What must happen once in exams, tried by many at the same time (CONTRACT section 6)."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.factories import change_user, stored
from tests.harness import Api, Reply
from tests.lms.exams import ANSWERS, ESSAY, RIGHT, WRONG, Room, exam_room
from tests.lms.support import add_form, add_step, manager, participant, put, refusal

WORDS = {"feedback": "Because.", "reason": "Because."}


def tally(replies: list[Reply]) -> Counter[Any]:
    """How many were done, and how many refused for which reason."""
    return Counter(200 if reply.status == 200 else refusal(reply) for reply in replies)


async def test_of_twelve_starts_one_attempt_is_begun(api: Api):
    room = await exam_room(api, max_attempts=1)
    replies = await asyncio.gather(*(room.start() for _ in range(12)))
    assert tally(replies) == {200: 12}
    assert len({reply.content for reply in replies}) == 1
    assert len(await stored(api, "exam_attempts")) == len(await stored(api, "exam_papers")) == 1
    assert len(await stored(api, "enrollments")) == 1


async def test_of_the_starts_after_the_last_attempt_but_one_one_is_the_last(api: Api):
    room = await exam_room(api, max_attempts=2)
    submission_id = await room.submitted()
    replies = await asyncio.gather(
        *(room.start() for _ in range(6)),
        room.review(submission_id, "reject", WORDS),
        *(room.start() for _ in range(6)),
    )
    assert {reply.status for reply in replies} <= {200, 400}
    await room.started()
    numbers = sorted(each["attempt_number"] for each in await stored(api, "exam_attempts"))
    assert numbers == [1, 2]


async def test_of_eight_submits_one_is_the_result(api: Api):
    room = await exam_room(api)
    submission_id = await room.started()
    given = [{"mcq_answers": [each]} for each in (RIGHT, WRONG)] * 4
    replies = await asyncio.gather(
        *(room.submit(submission_id, answers) for answers in given),
        *(room.save(submission_id, mcq_answers=[WRONG]) for _ in range(4)),
    )
    submits, saves = replies[:8], replies[8:]
    over = (400, "This attempt is over; it is Submitted")
    assert tally(submits) == {200: 1, over: 7}
    assert set(tally(saves)) <= {200, over}
    (won,) = [place for place, reply in enumerate(submits) if reply.status == 200]
    seen = await room.see(submission_id)
    chosen = given[won]["mcq_answers"][0]
    assert seen["questions"][0]["participant_answer"] == chosen
    assert seen["mcq_score"] == submits[won].body["mcq_score"] == (5 if chosen == RIGHT else 0)


async def test_of_eight_approvals_by_two_managers_one_wins(api: Api):
    room = await exam_room(api)
    await change_user(api, "participant", email="student@example.com", email_verified=True)
    second = await manager(api, "second")
    submission_id = await room.graded()
    replies = await asyncio.gather(
        *(room.review(submission_id, "approve", {}, who) for who in (room.by, second) * 4)
    )
    approved = (400, "Only a submitted attempt can be approved; this one is Approved")
    assert tally(replies) == {200: 1, approved: 7}
    assert [r.body["course_completed"] for r in replies if r.status == 200] == [True]
    assert len(await api.agora.services.outbox.recent(10)) == 1


async def test_of_different_decisions_at_once_one_wins(api: Api):
    room = await exam_room(api)
    await change_user(api, "participant", email="student@example.com", email_verified=True)
    second = await manager(api, "second")
    statuses = {"approve": "Approved", "reject": "Rejected", "request-retake": "RetakeRequested"}
    submission_id = await room.graded()
    deeds = list(statuses) * 3
    replies = await asyncio.gather(
        *(
            room.review(submission_id, deed, WORDS, who)
            for deed, who in zip(deeds, (room.by, second, room.by) * 3, strict=True)
        )
    )
    (won,) = [deed for deed, reply in zip(deeds, replies, strict=True) if reply.status == 200]
    assert await room.status(submission_id) == (statuses[won], "Because.")
    assert len(await api.agora.services.outbox.recent(10)) == 1


async def test_a_grade_counts_before_the_decision_or_is_refused(api: Api):
    room = await exam_room(api)
    submission_id = await room.graded()
    marks = (1, 2, 3, 4)
    *graded, approved = await asyncio.gather(
        *(room.grade(submission_id, each) for each in marks), room.review(submission_id, "approve")
    )
    assert approved.status == 200
    late = (400, "Only a submitted attempt can be graded; this one is Approved")
    assert set(tally(graded)) <= {200, late}
    seen = await room.see(submission_id)
    counted = {8, *(reply.body["theory_score"] for reply in graded if reply.status == 200)}
    assert seen["theory_score"] in counted
    assert seen["questions"][1]["marks_awarded"] == seen["theory_score"]


async def test_of_two_last_approvals_at_once_one_completes_the_course(api: Api):
    room = await exam_room(api)
    last = (await add_step(api, room.by, room.course_id, "Last"))["id"]
    await add_form(api, room.by, step_id=last)
    path = f"/steps/{last}/exam/start?participant_id={room.sitter.id}"
    begun = (await api.post(path, token=room.by.token)).body["submission_id"]
    await room.submit(begun)
    await room.grade(begun)
    first = await room.graded()
    replies = await asyncio.gather(
        *(room.review(submission_id, "approve") for submission_id in (first, begun))
    )
    assert tally(replies) == {200: 2}
    assert sorted(reply.body["course_completed"] for reply in replies) == [False, True]


@pytest.mark.parametrize("has_answers", [True, False])
async def test_an_overdue_attempt_is_closed_once_whoever_touches_it(api: Api, has_answers: bool):
    room = await exam_room(api, duration_minutes=1)
    submission_id = await room.started()
    if has_answers:
        await room.save(submission_id, mcq_answers=[RIGHT])
    api.clock.advance(minutes=2)
    close = api.agora.services.lms.exam_closing.close_overdue
    replies, closed_by_chore = await asyncio.gather(
        asyncio.gather(
            *(room.submit(submission_id) for _ in range(4)),
            *(room.save(submission_id, theory_answers=[ESSAY]) for _ in range(4)),
        ),
        asyncio.gather(close(), close()),
    )
    status = "Submitted" if has_answers else "Rejected"
    expired = (400, "Time expired; answers to this attempt are no longer taken")
    over = (400, f"This attempt is over; it is {status}")
    closed = tally(replies)
    assert set(closed) <= {expired, over}
    assert closed[expired] + sum(closed_by_chore) == 1
    seen = await room.see(submission_id)
    assert (seen["submission_status"], seen["mcq_score"]) == (status, 5 if has_answers else None)
    assert seen["questions"][1]["participant_answer"] is None


async def test_more_time_and_a_start_at_once_leave_no_attempt_without_it(api: Api):
    room = await exam_room(api, duration_minutes=5)
    path = f"/forms/{room.form_id}/extensions/{room.sitter.id}"
    grant = put(api, room.by, path, {"reason": "Illness", "extra_minutes": 5})
    replies = await asyncio.gather(room.start(), grant, room.start())
    assert {reply.status for reply in replies} == {200}
    assert (await room.start()).body["duration_minutes"] == 10


async def test_of_extensions_at_once_one_document_is_made(api: Api):
    room = await exam_room(api)
    path = f"/forms/{room.form_id}/extensions/{room.sitter.id}"
    replies = await asyncio.gather(
        *(put(api, room.by, path, {"reason": "x", "extra_minutes": 5}) for _ in range(4)),
        *(put(api, room.by, path, {"reason": "x", "extra_attempts": 2}) for _ in range(4)),
    )
    assert {reply.status for reply in replies} == {200}
    (kept,) = await stored(api, "exam_extensions")
    assert (kept["extra_minutes"], kept["extra_attempts"]) == (5, 2)


async def test_a_submission_that_races_with_the_end_of_the_account_keeps_nothing_written(api: Api):
    room = await exam_room(api)
    for name in ("one", "two", "three"):
        who = await participant(api, name)
        submission_id = await room.started(who)
        replies = await asyncio.gather(
            room.submit(submission_id, ANSWERS, who),
            api.call("DELETE", "/api/user/", token=who.token),
            room.save(submission_id, who, theory_answers=[ESSAY]),
            room.start(who),
        )
        assert {reply.status for reply in replies} <= {200, 400, 401, 404}
    papers = await stored(api, "exam_papers")
    assert [each["theory_answers"] for each in papers] == [[]] * len(papers)
    attempts = await stored(api, "exam_attempts")
    assert {each["_id"] for each in attempts} == {each["_id"] for each in papers}
    assert [each["is_open"] for each in attempts] == [False] * len(attempts)
    assert await room.pending() == []


async def test_a_mended_key_reaches_what_is_submitted_and_graded_at_that_moment(api: Api):
    room = await exam_room(api)
    people = [await participant(api, f"p{n}") for n in range(6)]
    handed_in = [await room.submitted(who) for who in people[:3]]
    running = [await room.started(who) for who in people[3:]]
    await _mend_key(room)
    replies = await asyncio.gather(
        *(room.grade(each) for each in handed_in),
        *(room.submit(each, who=who) for each, who in zip(running, people[3:], strict=True)),
        api.post(f"/forms/{room.form_id}/regrade", token=room.by.token),
    )
    assert {reply.status for reply in replies} == {200}
    kept = await stored(api, "exam_attempts")
    assert [each["mcq_score"] for each in kept] == [0] * 6
    assert sorted(each["theory_score"] or 0 for each in kept) == [0, 0, 0, 8, 8, 8]


async def _mend_key(room: Room) -> None:
    form = (await room.api.get(f"/forms/{room.form_id}", token=room.by.token)).body
    for option in form["questions"][0]["options"]:
        option["is_correct"] = not option["is_correct"]
    await put(room.api, room.by, f"/forms/{room.form_id}", {"questions": form["questions"]})
