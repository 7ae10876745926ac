"""Sitting exams: LMS "Start Step Exam", "Submit Exam Answers", and CONTRACT section 6."""

from typing import Any

import pytest

from tests.factories import stored
from tests.harness import Api
from tests.lms.exams import ANSWERS, ESSAY, RIGHT, WRONG, exam_room
from tests.lms.support import (
    QUESTIONS,
    UNKNOWN_ID,
    add_form,
    add_step,
    add_video,
    delete,
    manager,
    participant,
    put,
    refusal,
    step,
)

NOT_FOUND = (404, "Submission not found")
ANOTHERS = (403, "This submission is another participant's")


async def test_an_exam_is_sat_by_the_documents_bodies(api: Api):
    room = await exam_room(api, name="Step 1 Exam", max_attempts=3)
    reply = await room.start()
    submission_id = reply.body["submission_id"]
    options = [{"option_id": "a", "text": "Devotion"}, {"option_id": "b", "text": "Knowledge"}]
    asked = [
        {**QUESTIONS[0], "options": options, "max_words": None},
        {**QUESTIONS[1], "options": []},
    ]
    assert (reply.status, reply.body) == (
        200,
        {
            "submission_id": submission_id,
            "form": {
                "id": room.form_id,
                "name": "Step 1 Exam",
                "duration_minutes": 30,
                "questions": asked,
            },
            "duration_minutes": 30,
            "started_at": "2025-01-18T10:00:00Z",
            "attempt_number": 1,
        },
    )
    assert await room.exam_status() == "InProgress"
    api.clock.advance(minutes=10)
    reply = await room.submit(submission_id)
    assert (reply.status, reply.body) == (
        200,
        {
            "submission_id": submission_id,
            "mcq_score": 5,
            "theory_score": None,
            "submission_status": "Submitted",
            "submitted_at": "2025-01-18T10:10:00Z",
        },
    )
    assert await room.exam_status() == "Submitted"


async def test_a_running_attempt_is_gone_on_with_as_it_was_begun(api: Api):
    room = await exam_room(api, max_attempts=1)
    first = (await room.start()).body
    await put(api, room.by, f"/forms/{room.form_id}", {"name": "Other", "duration_minutes": 5})
    api.clock.advance(minutes=10)
    reply = await room.start()
    assert (reply.status, reply.body) == (200, first)
    assert len(await stored(api, "exam_attempts")) == 1


async def test_without_its_materials_an_exam_is_not_begun(api: Api):
    room = await exam_room(api)
    video = await add_video(api, room.by, room.step_id)
    assert refusal(await room.start()) == (
        400,
        "Complete the mandatory materials of this step before its exam",
    )
    await api.post(f"/materials/{video['id']}/complete", token=room.sitter.token)
    submission_id = await room.started()
    await add_video(api, room.by, room.step_id)
    assert await room.started() == submission_id


async def test_only_an_open_step_with_an_exam_can_be_begun(api: Api):
    room = await exam_room(api)
    later = (await add_step(api, room.by, room.course_id))["id"]
    await add_form(api, room.by, step_id=later)
    locked = (403, "This step is locked; complete the one before it first")
    assert refusal(await room.start(step_id=later)) == locked
    assert (await room.start(room.by, later)).status == 200
    for unknown in (UNKNOWN_ID, "x", room.form_id):
        assert refusal(await room.start(step_id=unknown)) == (404, "Step not found")
    await delete(api, room.by, f"/forms/{room.form_id}")
    assert refusal(await room.start()) == (400, "This step has no exam")
    (kept,) = await stored(api, "exam_attempts")
    assert str(kept["participant_id"]) == room.by.id


async def test_a_manager_begins_for_a_participant_and_nobody_else_does(api: Api):
    room = await exam_room(api)
    other = await participant(api, "other")
    path = f"/steps/{room.step_id}/exam/start?participant_id="
    begun = await api.post(path + room.sitter.id, token=room.by.token)
    assert begun.body["submission_id"] == await room.started()
    reply = await api.post(path + room.sitter.id, token=other.token)
    assert refusal(reply)[0] == 403
    for unknown in (UNKNOWN_ID, "x"):
        assert refusal(await api.post(path + unknown, token=room.by.token))[0] == 400
    assert len(await stored(api, "exam_attempts")) == 1


async def test_answers_are_saved_question_by_question(api: Api):
    room = await exam_room(api)
    submission_id = await room.started()
    api.clock.advance(minutes=1)
    await room.save(submission_id, mcq_answers=[WRONG], theory_answers=[ESSAY])
    reply = await room.save(submission_id, mcq_answers=[RIGHT])
    assert (reply.status, reply.body) == (
        200,
        {
            "submission_id": submission_id,
            "mcq_answers": [RIGHT],
            "theory_answers": [ESSAY],
            "saved_at": "2025-01-18T10:01:00Z",
            "deadline_at": "2025-01-18T10:30:00Z",
        },
    )
    seen = await room.see(submission_id, room.sitter)
    assert seen["submission_status"] == "InProgress"
    assert [each["participant_answer"] for each in seen["questions"]] == [RIGHT, ESSAY]
    reply = await room.submit(submission_id, {})
    assert (reply.body["mcq_score"], reply.body["submission_status"]) == (5, "Submitted")
    seen = await room.see(submission_id)
    assert [each["participant_answer"] for each in seen["questions"]] == [RIGHT, ESSAY]


@pytest.mark.parametrize(
    ("answers", "score"),
    [({}, 0), ({"mcq_answers": [WRONG]}, 0), ({"mcq_answers": [RIGHT]}, 5)],
)
async def test_missing_and_wrong_answers_score_nothing(api: Api, answers: Any, score: int):
    room = await exam_room(api)
    reply = await room.submit(await room.started(), answers)
    assert (reply.status, reply.body["mcq_score"], reply.body["theory_score"]) == (200, score, None)


NO_QUESTION = "q9 is not a question of this kind in this exam"
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"mcq_answers": [{**RIGHT, "question_id": "q9"}]}, NO_QUESTION),
    ({"theory_answers": [{**ESSAY, "question_id": "q9"}]}, NO_QUESTION),
    (
        {"theory_answers": [{**ESSAY, "question_id": "q1"}]},
        "q1 is not a question of this kind in this exam",
    ),
    ({"mcq_answers": [RIGHT, WRONG]}, "Question q1 is answered twice"),
    ({"mcq_answers": [{**RIGHT, "selected_option_id": "c"}]}, "Question q1 has no option c"),
    (
        {"theory_answers": [{**ESSAY, "answer_text": "word " * 201}]},
        "The answer to question q2 has more than 200 words; shorten it",
    ),
    (
        {"theory_answers": [{**ESSAY, "answer_text": "x" * 50_001}]},
        "answer_text must be at most 50000 characters, without NUL",
    ),
    ({"mcq_answers": None}, "mcq_answers can't be null"),
    ({"mcq_answers": [{"question_id": "q1"}]}, "mcq_answers[0]: "),
    ({"mcq_answers": [{**RIGHT, "selected_option_id": None}]}, "mcq_answers[0]."),
    ({"mcq_answers": [{**RIGHT, "selected_option_id": {"$ne": 1}}]}, "mcq_answers[0]."),
    ({"mcq_answers": RIGHT}, "mcq_answers: "),
]


async def test_an_answer_that_is_none_is_refused_and_the_attempt_stays_open(api: Api):
    room = await exam_room(api)
    submission_id = await room.started()
    await room.save(submission_id, mcq_answers=[WRONG])
    before = await room.see(submission_id)
    for answers, message in REFUSED:
        for reply in (
            await room.submit(submission_id, answers),
            await room.save(submission_id, **answers),
        ):
            status, said = refusal(reply)
            assert (status, said[: len(message)]) == (400, message)
    assert await room.see(submission_id) == before
    assert (await room.submit(submission_id)).status == 200


async def test_only_its_participant_answers_an_attempt(api: Api):
    room = await exam_room(api)
    submission_id = await room.started()
    other = await participant(api, "other")
    for who in (other, room.by):
        assert refusal(await room.submit(submission_id, who=who)) == ANOTHERS
        assert refusal(await room.save(submission_id, who, mcq_answers=[RIGHT])) == ANOTHERS
    for unknown in (UNKNOWN_ID, "x", room.form_id):
        assert refusal(await room.submit(unknown)) == NOT_FOUND
        assert refusal(await room.save(unknown)) == NOT_FOUND
    assert await room.status(submission_id) == ("InProgress", None)
    assert (await stored(api, "exam_papers"))[0]["saved_at"] is None


async def test_what_is_handed_in_is_not_changed_any_more(api: Api):
    room = await exam_room(api)
    submission_id = await room.submitted()
    before = await room.see(submission_id)
    over = (400, "This attempt is over; it is Submitted")
    assert refusal(await room.submit(submission_id, {"mcq_answers": [WRONG]})) == over
    assert refusal(await room.save(submission_id, mcq_answers=[WRONG])) == over
    assert await room.see(submission_id) == before


async def test_attempts_are_counted_and_a_retake_adds_one(api: Api):
    room = await exam_room(api, max_attempts=2)
    words = {"feedback": "No", "reason": "Again"}
    awaiting = (400, "An attempt at this exam awaits its review; wait for the result")
    for number, deed in ((1, "reject"), (2, "request-retake"), (3, "reject")):
        submission_id = await room.submitted()
        assert (await room.see(submission_id))["attempt_number"] == number
        assert refusal(await room.start()) == awaiting
        await room.grade(submission_id)
        assert refusal(await room.start()) == awaiting
        assert (await room.review(submission_id, deed, words)).status == 200
    assert refusal(await room.start()) == (
        400,
        "No attempts are left at this exam; 3 were allowed",
    )
    await put(api, room.by, f"/forms/{room.form_id}", {"max_attempts": None})
    submission_id = await room.graded()
    await room.review(submission_id, "approve")
    assert refusal(await room.start()) == (
        400,
        "The exam of this step is passed and can't be taken again",
    )


async def test_another_exam_of_the_step_is_begun_anew_unless_one_was_passed(api: Api):
    room = await exam_room(api)
    old = await room.graded()
    other = (await add_form(api, room.by, "Other"))["id"]
    await put(api, room.by, f"/steps/{room.step_id}/exam?form_id={other}")
    assert await room.exam_status() == "NotStarted"
    new = await room.started()
    assert (await room.see(new))["attempt_number"] == 1
    assert await room.exam_status() == "InProgress"
    assert (await room.review(old, "approve")).body["course_completed"] is True
    assert await room.exam_status() == "Approved"
    assert (await room.submit(new)).status == 200
    assert await room.exam_status() == "Approved"
    assert refusal(await room.start())[0] == 400


async def test_an_attempt_of_another_exam_rejected_late_leaves_the_new_one_alone(api: Api):
    room = await exam_room(api)
    old = await room.submitted()
    other = (await add_form(api, room.by, "Other"))["id"]
    await put(api, room.by, f"/steps/{room.step_id}/exam?form_id={other}")
    await room.started()
    await room.review(old, "reject", {"feedback": "No"})
    assert await room.exam_status() == "InProgress"


async def test_an_attempt_outlives_its_form_step_and_course(api: Api):
    room = await exam_room(api)
    by = await manager(api, "second")
    submission_id = await room.started()
    other = await add_step(api, by, (await _other_course(api, by))["id"])
    await put(api, by, f"/courses/{other['course_id']}/set-default")
    for path in (
        f"/forms/{room.form_id}",
        f"/steps/{room.step_id}",
        f"/courses/{room.course_id}",
    ):
        assert (await delete(api, by, path)).status == 204
    assert (await room.save(submission_id, mcq_answers=[RIGHT])).status == 200
    assert (await room.submit(submission_id, ANSWERS)).status == 200
    (waiting,) = await room.pending(f"?course_id={room.course_id}")
    assert (waiting["step_name"], waiting["course_name"]) == ("Step", "Course")
    await room.grade(submission_id)
    reply = await room.review(submission_id, "approve", {"unlock_next_course": True})
    assert reply.body == {
        "message": "Submission approved",
        "next_step_unlocked": False,
        "next_step_id": None,
        "course_completed": False,
    }
    assert await room.status(submission_id) == ("Approved", None)


async def _other_course(api: Api, by: Any) -> dict[str, Any]:
    return dict((await api.post("/courses", {"name": "Other"}, token=by.token)).body)


async def test_what_one_sees_of_a_step_tells_of_no_answers(api: Api):
    room = await exam_room(api)
    reply = await room.start()
    assert b"is_correct" not in reply.content
    assert b"is_correct" not in (await room.start(room.by)).content
    assert (await step(api, room.sitter, room.step_id))["exam_info"]["id"] == room.form_id


async def test_a_form_that_was_passed_in_another_step_is_an_exam_of_its_own_there(api: Api):
    room = await exam_room(api, max_attempts=1)
    await room.review(await room.graded(), "approve")
    later = (await add_step(api, room.by, room.course_id))["id"]
    await put(api, room.by, f"/steps/{later}/exam?form_id={room.form_id}")
    submission_id = await room.submitted(step_id=later)
    assert (await room.see(submission_id))["attempt_number"] == 2
    assert await room.exam_status(later) == "Submitted"


async def test_an_attempt_that_runs_in_another_step_is_handed_in_first(api: Api):
    room = await exam_room(api)
    running = await room.started()
    await put(api, room.by, f"/steps/{room.step_id}", {"unlock_on_exam_pass": False})
    other = (await add_step(api, room.by, room.course_id, order_index=0))["id"]
    await put(api, room.by, f"/steps/{other}/exam?form_id={room.form_id}")
    assert refusal(await room.start(step_id=other)) == (
        400,
        "An attempt at this exam runs that was begun in another step; hand it in, or wait until "
        "its time is over",
    )
    assert (await room.submit(running)).status == 200
    assert (await room.start(step_id=other)).body["attempt_number"] == 2
