"""LMS "Submission Review" by the document's bodies, and CONTRACT section 6."""

from typing import Any

import pytest

from tests.factories import stored
from tests.harness import Api
from tests.lms.exams import ESSAY, RIGHT, Room, exam_room
from tests.lms.support import (
    QUESTIONS,
    UNKNOWN_ID,
    add_course,
    add_form,
    add_step,
    add_video,
    course,
    delete,
    manager,
    participant,
    put,
    refusal,
)

NOT_FOUND = (404, "Submission not found")
WORDS = {"feedback": "Please try again.", "reason": "Please try again."}
DECISIONS = ("approve", "reject", "request-retake")


async def test_a_submission_is_listed_until_it_is_decided(api: Api):
    room = await exam_room(api, name="Step 1 Exam")
    submission_id = await room.started()
    assert await room.pending() == []
    await room.submit(submission_id)
    waiting = {
        "submission_id": submission_id,
        "participant_id": room.sitter.id,
        "form_id": room.form_id,
        "form_name": "Step 1 Exam",
        "step_id": room.step_id,
        "step_name": "Step",
        "course_id": room.course_id,
        "course_name": "Course",
        "mcq_score": 5,
        "theory_score": None,
        "submission_status": "Submitted",
        "submitted_at": "2025-01-18T10:00:00Z",
        "attempt_number": 1,
    }
    assert await room.pending() == [waiting]
    await room.grade(submission_id)
    graded = {**waiting, "theory_score": 8, "submission_status": "UnderReview"}
    assert await room.pending() == [graded]
    assert await room.exam_status() == "Submitted"
    await room.review(submission_id, "approve")
    assert await room.pending() == []
    path = f"/form-submissions/participant/{room.sitter.id}"
    decided = {
        **graded,
        "submission_status": "Approved",
        "total_score": 13,
        "feedback": None,
    }
    for who in (room.sitter, room.by):
        reply = await api.get(path, token=who.token)
        assert (reply.status, reply.body) == (200, [decided])


async def test_the_list_is_filtered_and_begins_with_the_longest_waiting(api: Api):
    room = await exam_room(api)
    other = (await add_course(api, room.by, "Other"))["id"]
    step_id = (await add_step(api, room.by, other))["id"]
    await add_form(api, room.by, step_id=step_id)
    second = await participant(api, "second")
    begun = await room.started(second)
    ids = [await room.submitted()]
    api.clock.advance(minutes=1)
    ids.append(await room.submitted(step_id=step_id))
    api.clock.advance(minutes=1)
    await room.submit(begun, who=second)
    ids.append(begun)
    for query, expected in (
        ("", ids),
        (f"?step_id={room.step_id}", [ids[0], ids[2]]),
        (f"?course_id={other}", [ids[1]]),
        (f"?course_id={other}&step_id={room.step_id}", []),
    ):
        assert [each["submission_id"] for each in await room.pending(query)] == expected
    for query, message in (
        ("?step_id=x", "step_id must be an id of 24 hex digits"),
        (f"?step_id={UNKNOWN_ID}", "step_id names no step"),
        ("?course_id=", "course_id must be an id of 24 hex digits"),
        (f"?course_id={room.step_id}", "course_id names no course"),
    ):
        reply = await api.get(f"/form-submissions/pending{query}", token=room.by.token)
        assert refusal(reply) == (400, message)


async def test_a_submission_is_shown_with_its_answers(api: Api):
    room = await exam_room(api, total_marks=50, passing_marks=30)
    submission_id = await room.submitted()
    mcq, theory = QUESTIONS
    details: dict[str, Any] = {
        "submission_id": submission_id,
        "participant_id": room.sitter.id,
        "step_id": room.step_id,
        "step_name": "Step",
        "course_id": room.course_id,
        "mcq_score": 5,
        "theory_score": None,
        "total_score": None,
        "submission_status": "Submitted",
        "submitted_at": "2025-01-18T10:00:00Z",
        "attempt_number": 1,
        "feedback": None,
        "questions": [
            {**mcq, "max_words": None, "participant_answer": RIGHT},
            {**theory, "options": [], "participant_answer": ESSAY, "marks_awarded": None},
        ],
        "form": {"total_marks": 50, "passing_marks": 30},
    }
    assert await room.see(submission_id) == details
    options = [{"option_id": "a", "text": "Devotion"}, {"option_id": "b", "text": "Knowledge"}]
    details["questions"][0]["options"] = options
    assert await room.see(submission_id, room.sitter) == details
    await room.grade(submission_id, 0, feedback="Good attempt, needs more detail")
    seen = await room.see(submission_id, room.sitter)
    assert (seen["theory_score"], seen["total_score"]) == (0, 5)
    assert seen["questions"][1]["marks_awarded"] == 0
    assert seen["feedback"] == "Good attempt, needs more detail"


async def test_only_its_participant_and_managers_read_a_submission(api: Api):
    room = await exam_room(api)
    submission_id = await room.submitted()
    other = await participant(api, "other")
    reply = await api.get(f"/form-submissions/{submission_id}", token=other.token)
    assert refusal(reply) == (403, "This submission is another participant's")
    for unknown in (UNKNOWN_ID, "x", room.form_id):
        reply = await api.get(f"/form-submissions/{unknown}", token=room.by.token)
        assert refusal(reply) == NOT_FOUND
    for unknown in (room.sitter.id, UNKNOWN_ID, "x"):
        reply = await api.get(f"/form-submissions/participant/{unknown}", token=other.token)
        assert refusal(reply)[0] == 403
    for unknown in (UNKNOWN_ID, "x"):
        reply = await api.get(f"/form-submissions/participant/{unknown}", token=room.by.token)
        assert refusal(reply) == (404, "Participant not found")
    reply = await api.get(f"/form-submissions/participant/{other.id}", token=other.token)
    assert (reply.status, reply.body) == (200, [])


@pytest.mark.parametrize("deed", ["pending", "grade", *DECISIONS])
async def test_only_managers_review(api: Api, deed: str):
    room = await exam_room(api)
    submission_id = await room.submitted()
    if deed == "pending":
        reply = await api.get("/form-submissions/pending", token=room.sitter.token)
    else:
        body = {**WORDS, "theory_grades": [{"question_id": "q2", "marks_awarded": 1}]}
        reply = await room.review(submission_id, deed, body, room.sitter)
    assert refusal(reply) == (403, "Manager access required")
    assert await room.status(submission_id) == ("Submitted", None)


@pytest.mark.parametrize("deed", ["grade", *DECISIONS])
async def test_nobody_reviews_in_the_name_of_another(api: Api, deed: str):
    room = await exam_room(api)
    submission_id = await room.graded()
    second = await manager(api, "second")
    body = {**WORDS, "theory_grades": [{"question_id": "q2", "marks_awarded": 1}]}
    for manager_id, refused in (
        (second.id, (403, "manager_id must be your own")),
        (UNKNOWN_ID, (403, "manager_id must be your own")),
        ("x", (400, "manager_id must be an id of 24 hex digits")),
    ):
        reply = await room.review(submission_id, f"{deed}?manager_id={manager_id}", body)
        assert refusal(reply) == refused
    assert await room.status(submission_id) == ("UnderReview", None)
    reply = await room.review(submission_id, f"{deed}?manager_id={room.by.id}", body)
    assert reply.status == 200
    (kept,) = await stored(api, "exam_attempts")
    assert str(kept["reviewed_by"]) == room.by.id


BAD_GRADES: list[tuple[Any, str]] = [
    ([], "theory_grades must have at least one grade"),
    (None, "theory_grades is required"),
    ([{"question_id": "q1", "marks_awarded": 1}], "q1 is not a theory question of this exam"),
    ([{"question_id": "q9", "marks_awarded": 1}], "q9 is not a theory question of this exam"),
    ([{"question_id": "q2", "marks_awarded": 11}], "Question q2 takes 0 to 10 marks"),
    ([{"question_id": "q2", "marks_awarded": -1}], "Question q2 takes 0 marks or more"),
    ([{"question_id": "q2", "marks_awarded": 1.5}], "theory_grades[0].marks_awarded: "),
    ([{"question_id": "q2", "marks_awarded": True}], "theory_grades[0].marks_awarded: "),
    ([{"question_id": "q2", "marks_awarded": None}], "theory_grades[0].marks_awarded: "),
    ([{"question_id": "q2", "marks_awarded": 1}] * 2, "Question q2 is graded twice"),
]


async def test_a_grade_that_is_none_is_refused(api: Api):
    room = await exam_room(api)
    submission_id = await room.submitted()
    for grades, message in BAD_GRADES:
        reply = await room.review(submission_id, "grade", {"theory_grades": grades})
        status, said = refusal(reply)
        assert (status, said[: len(message)]) == (400, message)
    reply = await room.grade(submission_id, feedback="\x00")
    assert refusal(reply) == (400, "feedback must be at most 10000 characters, without NUL")
    assert await room.status(submission_id) == ("Submitted", None)


async def test_grades_are_given_bit_by_bit_and_again_until_all_is_decided(api: Api):
    more = {**QUESTIONS[1], "question_id": "q3"}
    room = await exam_room(api, questions=[*QUESTIONS, more])
    submission_id = await room.submitted()
    ungraded = (400, "Grade every theory answer of this submission before it is approved")
    assert refusal(await room.review(submission_id, "approve")) == ungraded
    reply = await room.grade(submission_id, 8)
    assert reply.body == {
        "message": "Submission graded",
        "submission_id": submission_id,
        "submission_status": "UnderReview",
        "mcq_score": 5,
        "theory_score": None,
        "total_score": None,
        "feedback": None,
    }
    assert refusal(await room.review(submission_id, "approve")) == ungraded
    grades = [{"question_id": "q3", "marks_awarded": 2}]
    reply = await room.review(submission_id, "grade", {"theory_grades": grades, "feedback": "Good"})
    assert (reply.body["theory_score"], reply.body["total_score"]) == (10, 15)
    reply = await room.grade(submission_id, 3)
    assert (reply.body["theory_score"], reply.body["feedback"]) == (5, "Good")
    await room.review(submission_id, "approve", {"feedback": None})
    assert await room.status(submission_id) == ("Approved", "Good")
    assert refusal(await room.grade(submission_id)) == (
        400,
        "Only a submitted attempt can be graded; this one is Approved",
    )


async def test_an_exam_without_theory_is_approved_at_once(api: Api):
    room = await exam_room(api, questions=QUESTIONS[:1])
    submission_id = await room.started()
    reply = await room.submit(submission_id, {"mcq_answers": [RIGHT]})
    assert (reply.body["mcq_score"], reply.body["theory_score"]) == (5, 0)
    assert (await room.review(submission_id, "approve", {"feedback": "Well done!"})).status == 200
    assert await room.status(submission_id) == ("Approved", "Well done!")


@pytest.mark.parametrize("first", DECISIONS)
@pytest.mark.parametrize("second", DECISIONS)
async def test_a_second_decision_is_refused(api: Api, first: str, second: str):
    room = await exam_room(api)
    submission_id = await room.graded()
    assert (await room.review(submission_id, first, WORDS)).status == 200
    decided = await room.see(submission_id)
    reply = await room.review(submission_id, second, {**WORDS, "feedback": "Other"})
    status, said = refusal(reply)
    assert (status, said.endswith(f"this one is {decided['submission_status']}")) == (400, True)
    assert await room.see(submission_id) == decided


@pytest.mark.parametrize(
    ("deed", "status", "shown"),
    [("reject", "Rejected", "Rejected"), ("request-retake", "RetakeRequested", "NotStarted")],
)
async def test_what_fails_says_why(api: Api, deed: str, status: str, shown: str):
    room = await exam_room(api)
    submission_id = await room.submitted()
    field = "feedback" if deed == "reject" else "reason"
    for body in ({}, {field: ""}, {field: None}, {field: " "}):
        assert refusal(await room.review(submission_id, deed, body)) == (
            400,
            f"{field} is required",
        )
    assert await room.status(submission_id) == ("Submitted", None)
    reply = await room.review(submission_id, deed, {field: "Please try again."})
    assert (reply.status, reply.body["submission_status"]) == (200, status)
    assert await room.status(submission_id) == (status, "Please try again.")
    assert await room.exam_status() == shown


@pytest.mark.parametrize("deed", ["grade", *DECISIONS])
async def test_a_running_attempt_and_none_are_not_reviewed(api: Api, deed: str):
    room = await exam_room(api)
    submission_id = await room.started()
    body = {**WORDS, "theory_grades": [{"question_id": "q2", "marks_awarded": 1}]}
    status, said = refusal(await room.review(submission_id, deed, body))
    assert (status, said.endswith("this one is InProgress")) == (400, True)
    for unknown in (UNKNOWN_ID, "x", room.form_id):
        assert refusal(await room.review(unknown, deed, body)) == NOT_FOUND


async def approval(room: Room, submission_id: str, **body: Any) -> dict[str, Any]:
    """What an approval answers."""
    reply = await room.review(submission_id, "approve", body)
    assert reply.status == 200, reply
    assert reply.body.pop("message") == "Submission approved"
    return dict(reply.body)


async def test_an_approval_opens_the_next_step_and_the_last_one_completes_the_course(api: Api):
    room = await exam_room(api)
    last = (await add_step(api, room.by, room.course_id, "Last"))["id"]
    await add_form(api, room.by, step_id=last)
    assert await approval(room, await room.graded()) == {
        "next_step_unlocked": True,
        "next_step_id": last,
        "course_completed": False,
    }
    seen = await course(api, room.sitter, room.course_id)
    assert [each["is_locked"] for each in seen["steps"]] == [False, False]
    assert await approval(room, await room.graded(step_id=last)) == {
        "next_step_unlocked": False,
        "next_step_id": None,
        "course_completed": True,
    }
    (kept,) = await stored(api, "enrollments")
    assert kept["completed_at"] is not None


async def test_what_was_open_already_is_not_opened_by_an_approval(api: Api):
    room = await exam_room(api)
    await put(api, room.by, f"/steps/{room.step_id}", {"unlock_on_exam_pass": False})
    video = await add_video(api, room.by, room.step_id)
    last = (await add_step(api, room.by, room.course_id, "Last"))["id"]
    await add_form(api, room.by, step_id=last)
    await api.post(f"/materials/{video['id']}/complete", token=room.sitter.token)
    assert await approval(room, await room.graded()) == {
        "next_step_unlocked": False,
        "next_step_id": last,
        "course_completed": False,
    }


async def test_a_course_that_was_completed_is_not_completed_again(api: Api):
    room = await exam_room(api)
    assert (await approval(room, await room.graded()))["course_completed"] is True
    last = (await add_step(api, room.by, room.course_id, "Last"))["id"]
    await add_form(api, room.by, step_id=last)
    assert (await approval(room, await room.graded(step_id=last)))["course_completed"] is False


async def enrolled(api: Api, room: Room) -> set[str]:
    """The courses that the participant takes."""
    kept = await stored(api, "enrollments")
    return {
        str(each["course_id"]) for each in kept if str(each["participant_id"]) == room.sitter.id
    }


async def test_the_next_course_is_joined_on_the_last_step_only(api: Api):
    room = await exam_room(api)
    last = (await add_step(api, room.by, room.course_id, "Last"))["id"]
    await add_form(api, room.by, step_id=last)
    following = (await add_course(api, room.by, "Next", previous_course_id=room.course_id))["id"]
    await approval(room, await room.graded(), unlock_next_course=True)
    assert await enrolled(api, room) == {room.course_id}
    submission_id = await room.graded(step_id=last)
    await put(api, room.by, f"/courses/{following}", {"is_active": False})
    reply = await room.review(submission_id, "approve", {"unlock_next_course": True})
    assert refusal(reply) == (
        400,
        "The next course is not active and can't be joined; activate it, or approve "
        "without unlock_next_course",
    )
    assert (await room.status(submission_id))[0] == "UnderReview"
    await put(api, room.by, f"/courses/{following}", {"is_active": True})
    await approval(room, submission_id, unlock_next_course=True)
    assert await enrolled(api, room) == {room.course_id, following}


async def test_without_being_asked_for_or_being_there_no_next_course_is_joined(api: Api):
    room = await exam_room(api)
    await add_course(api, room.by, "Next", previous_course_id=room.course_id)
    await approval(room, await room.graded())
    assert await enrolled(api, room) == {room.course_id}
    other = (await add_course(api, room.by, "Alone"))["id"]
    step_id = (await add_step(api, room.by, other))["id"]
    await add_form(api, room.by, step_id=step_id)
    submission_id = await room.graded(step_id=step_id)
    await delete(api, room.by, f"/steps/{step_id}")
    await approval(room, submission_id, unlock_next_course=True)
    assert await enrolled(api, room) == {room.course_id, other}


@pytest.mark.parametrize("body", [{"unlock_next_course": None}, {"unlock_next_course": "yes"}])
async def test_an_approval_of_wrong_types_is_refused(api: Api, body: dict[str, Any]):
    room = await exam_room(api)
    submission_id = await room.graded()
    status, said = refusal(await room.review(submission_id, "approve", body))
    assert (status, said.startswith("unlock_next_course")) == (400, True)
    assert await room.status(submission_id) == ("UnderReview", None)
