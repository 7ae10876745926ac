"""What stays of exams when an account is deleted (CONTRACT section 4)."""

from bson import ObjectId

from tests.factories import stored
from tests.harness import Api
from tests.lms.exams import ESSAY, RIGHT, exam_room
from tests.lms.support import add_form, add_step, participant, put, refusal


async def test_submissions_stay_without_what_was_written(api: Api):
    room = await exam_room(api)
    other = await participant(api, "other")
    others = await room.submitted(other)
    submission_id = await room.submitted()
    await room.grade(submission_id, feedback="Dear participant")
    later = (await add_step(api, room.by, room.course_id))["id"]
    await add_form(api, room.by, step_id=later)
    await room.review(submission_id, "approve")
    waiting = await room.submitted(step_id=later)
    path = f"/forms/{room.form_id}/extensions/{room.sitter.id}"
    await put(api, room.by, path, {"reason": "Illness", "extra_minutes": 5})
    assert (await api.call("DELETE", "/api/user/", token=room.sitter.token)).status == 200

    seen = await room.see(submission_id)
    assert (seen["participant_id"], seen["total_score"]) == (room.sitter.id, 13)
    assert (seen["submission_status"], seen["feedback"]) == ("Approved", None)
    assert [each["participant_answer"] for each in seen["questions"]] == [RIGHT, None]
    assert [each["submission_id"] for each in await room.pending()] == [others]
    kept = await room.see(others)
    assert kept["questions"][1]["participant_answer"] == ESSAY
    gone = (400, "The participant's account is deleted; this submission can only be read")
    for deed, body in (
        ("grade", {"theory_grades": [{"question_id": "q2", "marks_awarded": 1}]}),
        ("approve", {}),
        ("reject", {"feedback": "No"}),
        ("request-retake", {"reason": "No"}),
    ):
        assert refusal(await room.review(waiting, deed, body)) == gone
    reply = await api.get(f"/form-submissions/participant/{room.sitter.id}", token=room.by.token)
    assert refusal(reply) == (404, "Participant not found")
    assert await stored(api, "exam_extensions") == []


async def test_an_attempt_that_runs_goes_with_its_account(api: Api):
    room = await exam_room(api)
    submission_id = await room.started()
    await room.save(submission_id, theory_answers=[ESSAY])
    assert (await api.call("DELETE", "/api/user/", token=room.sitter.token)).status == 200
    assert await stored(api, "exam_attempts", {"_id": ObjectId(submission_id)}) == []
    assert await stored(api, "exam_papers") == []
    reply = await api.get(f"/form-submissions/{submission_id}", token=room.by.token)
    assert refusal(reply) == (404, "Submission not found")
