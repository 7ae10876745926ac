"""The time of an exam: the server's clock, what it closes, and more of it for one participant."""

from typing import Any

import pytest
from bson import ObjectId

from tests.factories import stored
from tests.harness import Api
from tests.lms.exams import ESSAY, RIGHT, WRONG, Room, exam_room
from tests.lms.support import UNKNOWN_ID, add_form, participant, put, refusal

TIME_EXPIRED = (400, "Time expired; answers to this attempt are no longer taken")
SAVED = {"mcq_answers": [RIGHT]}


async def short_exam(api: Api, **form: Any) -> Room:
    """An exam of five minutes: an access token outlives it."""
    return await exam_room(api, duration_minutes=5, **form)


@pytest.mark.parametrize("seconds", [0, 30])
async def test_answers_are_taken_until_half_a_minute_after_the_end(api: Api, seconds: int):
    room = await short_exam(api)
    submission_id = await room.started()
    api.clock.advance(minutes=5, seconds=seconds)
    assert (await room.save(submission_id, mcq_answers=[RIGHT])).status == 200
    assert (await room.submit(submission_id, {})).body["mcq_score"] == 5


@pytest.mark.parametrize("touch", ["submit", "save", "start", "see", "mine", "grade", "chore"])
async def test_an_overdue_attempt_is_closed_at_its_next_touch(api: Api, touch: str):
    room = await short_exam(api, max_attempts=1)
    submission_id = await room.started()
    api.clock.advance(minutes=5, seconds=31)
    touched = await _touch(room, submission_id, touch)
    if touch in ("submit", "save"):
        assert refusal(touched) == TIME_EXPIRED
    (kept,) = await stored(api, "exam_attempts")
    assert (kept["status"], kept["feedback"]) == ("Rejected", "Time expired")
    assert (kept["is_open"], kept["is_awaiting_review"]) == (False, False)
    assert await room.exam_status() == "Rejected"
    assert await room.pending() == []
    over = (400, "This attempt is over; it is Rejected")
    assert refusal(await room.submit(submission_id)) == over
    assert refusal(await room.start())[1] == "No attempts are left at this exam; 1 were allowed"


async def _touch(room: Room, submission_id: str, touch: str) -> Any:
    api, token = room.api, room.sitter.token
    if touch == "submit":
        return await room.submit(submission_id)
    if touch == "save":
        return await room.save(submission_id, mcq_answers=[RIGHT])
    if touch == "start":
        return await room.start()
    if touch == "see":
        return await room.see(submission_id, room.sitter)
    if touch == "mine":
        return await api.get(f"/form-submissions/participant/{room.sitter.id}", token=token)
    if touch == "grade":
        return await room.grade(submission_id)
    return await api.agora.services.lms.exam_closing.close_overdue()


@pytest.mark.parametrize("touch", ["submit", "save", "start", "see", "mine", "grade", "chore"])
async def test_an_overdue_attempt_is_marked_from_what_was_saved(api: Api, touch: str):
    room = await short_exam(api)
    submission_id = await room.started()
    await room.save(submission_id, mcq_answers=[RIGHT])
    api.clock.advance(minutes=10)
    touched = await _touch(room, submission_id, touch)
    if touch in ("submit", "save"):
        assert refusal(touched) == TIME_EXPIRED
    (waiting,) = await room.pending()
    assert (waiting["mcq_score"], waiting["submitted_at"]) == (5, "2025-01-18T10:05:00Z")
    status = "UnderReview" if touch == "grade" else "Submitted"
    assert await room.status(submission_id) == (status, None)
    assert await room.exam_status() == "Submitted"


async def test_a_text_alone_is_handed_in_when_the_time_is_over(api: Api):
    room = await short_exam(api)
    submission_id = await room.started()
    await room.save(submission_id, theory_answers=[ESSAY])
    api.clock.advance(minutes=6)
    seen = await room.see(submission_id)
    assert (seen["submission_status"], seen["mcq_score"]) == ("Submitted", 0)
    assert seen["questions"][1]["participant_answer"] == ESSAY


async def test_a_text_of_blanks_is_nothing_that_was_saved(api: Api):
    room = await short_exam(api)
    submission_id = await room.started()
    await room.save(submission_id, theory_answers=[{**ESSAY, "answer_text": " \n"}])
    api.clock.advance(minutes=6)
    assert await room.status(submission_id) == ("Rejected", "Time expired")


async def test_housekeeping_closes_all_that_are_overdue_and_no_other(api: Api):
    room = await short_exam(api)
    early = [await room.started(await participant(api, f"early{n}")) for n in range(3)]
    api.clock.advance(minutes=4)
    late = await room.started()
    api.clock.advance(minutes=3)
    await api.agora.housekeeping.do_all()
    kept = {str(each["_id"]): each["status"] for each in await stored(api, "exam_attempts")}
    assert kept == {**dict.fromkeys(early, "Rejected"), late: "InProgress"}
    assert await api.agora.services.lms.exam_closing.close_overdue() == 0


async def test_an_attempt_that_can_not_be_closed_keeps_no_other_open(
    api: Api, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("services.lms.exam_closing._AT_ONCE", 1)
    room = await short_exam(api)
    damaged = await room.started(await participant(api, "first"))
    api.clock.advance(seconds=1)
    late = await room.started()
    await api.agora.storage["exam_papers"].update_one(
        {"_id": ObjectId(damaged)}, {"$unset": {"mcq_answers": ""}}
    )
    api.clock.advance(minutes=6)
    assert await api.agora.services.lms.exam_closing.close_overdue() == 1
    kept = {str(each["_id"]): each["status"] for each in await stored(api, "exam_attempts")}
    assert kept == {damaged: "InProgress", late: "Rejected"}
    assert [record.message for record in caplog.records] == [
        f"housekeeping: exams of {damaged} failed"
    ]


async def extend(room: Room, participant_id: str | None = None, **given: Any) -> Any:
    """Grant somebody more."""
    path = f"/forms/{room.form_id}/extensions/{participant_id or room.sitter.id}"
    return await put(room.api, room.by, path, {"reason": "Illness", **given})


async def test_more_time_reaches_a_running_attempt_and_those_after_it(api: Api):
    room = await short_exam(api)
    submission_id = await room.started()
    other = await participant(api, "other")
    others = await room.started(other)
    reply = await extend(room, extra_minutes=5)
    assert (reply.status, reply.body) == (
        200,
        {
            "form_id": room.form_id,
            "participant_id": room.sitter.id,
            "extra_minutes": 5,
            "extra_attempts": 0,
            "reason": "Illness",
            "granted_by": room.by.id,
            "created_at": "2025-01-18T10:00:00Z",
            "updated_at": "2025-01-18T10:00:00Z",
        },
    )
    api.clock.advance(minutes=9)
    assert refusal(await room.submit(others, who=other)) == TIME_EXPIRED
    assert (await room.start()).body["duration_minutes"] == 10
    assert (await room.submit(submission_id, SAVED)).status == 200
    await room.review(submission_id, "reject", {"feedback": "No"})
    assert (await room.start()).body["duration_minutes"] == 10


async def test_more_attempts_are_granted_and_what_is_left_out_stays(api: Api):
    room = await short_exam(api, max_attempts=1)
    await room.review(await room.submitted(), "reject", {"feedback": "No"})
    assert (await room.start()).status == 400
    await extend(room, extra_minutes=5)
    assert (await room.start()).status == 400
    reply = await extend(room, extra_attempts=1, reason="A power cut")
    assert (reply.body["extra_minutes"], reply.body["extra_attempts"]) == (5, 1)
    assert reply.body["reason"] == "A power cut"
    assert (await room.start()).body["attempt_number"] == 2
    assert len(await stored(api, "exam_extensions")) == 1


async def test_more_time_comes_too_late_for_an_attempt_that_is_over(api: Api):
    room = await short_exam(api)
    submission_id = await room.started()
    api.clock.advance(minutes=6)
    assert (await extend(room, extra_minutes=60)).status == 200
    assert await room.status(submission_id) == ("Rejected", "Time expired")


async def test_less_time_ends_a_running_attempt_earlier(api: Api):
    room = await short_exam(api)
    await extend(room, extra_minutes=60)
    submission_id = await room.started()
    await extend(room, extra_minutes=0)
    api.clock.advance(minutes=6)
    assert refusal(await room.submit(submission_id)) == TIME_EXPIRED


async def test_an_extension_is_for_one_exam(api: Api):
    room = await short_exam(api)
    other = (await add_form(api, room.by, "Other"))["id"]
    path = f"/forms/{other}/extensions/{room.sitter.id}"
    await put(api, room.by, path, {"reason": "Illness", "extra_minutes": 60})
    assert (await room.start()).body["duration_minutes"] == 5


BAD: list[tuple[dict[str, Any], str]] = [
    ({"reason": "x"}, "extra_minutes or extra_attempts is required"),
    ({"extra_minutes": 5}, "reason is required"),
    ({"extra_minutes": 5, "reason": ""}, "reason is required"),
    ({"extra_minutes": 5, "reason": " "}, "reason must be 1 to 200 characters in one line"),
    ({"extra_minutes": -1, "reason": "x"}, "extra_minutes must be 0 to 10080"),
    ({"extra_attempts": 1001, "reason": "x"}, "extra_attempts must be 0 to 1000"),
    ({"extra_attempts": None, "reason": "x"}, "extra_attempts can't be null"),
    ({"extra_minutes": 1.5, "reason": "x"}, "extra_minutes: "),
    ({"extra_minutes": True, "reason": "x"}, "extra_minutes: "),
]


async def test_an_extension_that_is_none_is_refused(api: Api):
    room = await short_exam(api)
    path = f"/forms/{room.form_id}/extensions/{room.sitter.id}"
    for body, message in BAD:
        status, said = refusal(await put(api, room.by, path, body))
        assert (status, said[: len(message)]) == (400, message)
    body = {"reason": "x", "extra_minutes": 1}
    for form_id in (UNKNOWN_ID, "x"):
        reply = await put(api, room.by, f"/forms/{form_id}/extensions/{room.sitter.id}", body)
        assert refusal(reply) == (404, "Form not found")
    for participant_id in (UNKNOWN_ID, "x"):
        reply = await extend(room, participant_id, extra_minutes=1)
        assert refusal(reply) == (404, "Participant not found")
    reply = await put(api, room.sitter, path, body)
    assert refusal(reply) == (403, "Manager access required")
    assert await stored(api, "exam_extensions") == []


async def test_a_wrong_answer_saved_is_marked_as_wrong(api: Api):
    room = await short_exam(api)
    submission_id = await room.started()
    await room.save(submission_id, mcq_answers=[WRONG])
    api.clock.advance(minutes=6)
    assert (await room.see(submission_id))["mcq_score"] == 0
