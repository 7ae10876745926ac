"""Marking again after a wrong key was mended."""

from typing import Any

from tests.factories import stored
from tests.harness import Api
from tests.lms.exams import RIGHT, WRONG, Room, exam_room
from tests.lms.support import QUESTIONS, UNKNOWN_ID, delete, participant, put, refusal

MENDED = [{**each, "is_correct": not each["is_correct"]} for each in QUESTIONS[0]["options"]]


async def mend(room: Room, options: Any = MENDED, **more: Any) -> None:
    """Give the form another key."""
    questions = [{**QUESTIONS[0], "options": options, **more}, QUESTIONS[1]]
    reply = await put(room.api, room.by, f"/forms/{room.form_id}", {"questions": questions})
    assert reply.status == 200, reply


async def regrade(room: Room, query: str = "") -> dict[str, Any]:
    """What marking again answers."""
    path = f"/forms/{room.form_id}/regrade{query}"
    reply = await room.api.post(path, token=room.by.token)
    assert reply.status == 200, reply
    return dict(reply.body)


async def answered(room: Room, name: str, answer: dict[str, str]) -> tuple[str, str]:
    """A participant and an attempt of theirs, handed in."""
    who = await participant(room.api, name)
    submission_id = await room.started(who)
    assert (await room.submit(submission_id, {"mcq_answers": [answer]}, who)).status == 200
    return who.id, submission_id


async def test_a_dry_run_lists_whose_result_would_change_and_changes_nothing(api: Api):
    room = await exam_room(api)
    right, wrong = [await answered(room, name, RIGHT) for name in "ab"], []
    wrong.append(await answered(room, "c", WRONG))
    await room.started()
    await mend(room)
    before = await stored(api, "exam_attempts"), await stored(api, "exam_papers")
    changed = [
        {
            "submission_id": submission_id,
            "participant_id": participant_id,
            "attempt_number": 1,
            "submission_status": "Submitted",
            "mcq_score_before": score,
            "mcq_score": 5 - score,
        }
        for score, those in ((5, right), (0, wrong))
        for participant_id, submission_id in those
    ]
    expected = {
        "form_id": room.form_id,
        "dry_run": True,
        "checked_count": 3,
        "changed_count": 3,
        "changed": changed,
    }
    assert await regrade(room, "?dry_run=true") == expected
    assert (await stored(api, "exam_attempts"), await stored(api, "exam_papers")) == before
    assert await regrade(room) == {**expected, "dry_run": False}
    nothing = {**expected, "dry_run": False, "changed_count": 0, "changed": []}
    assert await regrade(room, "?dry_run=FALSE") == nothing


async def test_marks_and_key_of_a_submission_follow_whatever_was_decided(api: Api):
    room = await exam_room(api)
    submission_id = await room.graded()
    await room.review(submission_id, "approve", {"feedback": "Yes"})
    await mend(room)
    await regrade(room)
    seen = await room.see(submission_id)
    assert (seen["mcq_score"], seen["theory_score"], seen["total_score"]) == (0, 8, 8)
    assert (seen["submission_status"], seen["feedback"]) == ("Approved", "Yes")
    assert seen["questions"][0]["options"] == MENDED
    (kept,) = await stored(api, "exam_attempts")
    assert kept["mcq_marks"] == [{"question_id": "q1", "marks": 0}]


async def test_an_attempt_that_runs_is_marked_by_the_mended_key(api: Api):
    room = await exam_room(api)
    submission_id = await room.started()
    await mend(room)
    assert (await regrade(room))["checked_count"] == 0
    assert (await room.submit(submission_id, {"mcq_answers": [WRONG]})).body["mcq_score"] == 5


async def test_without_marking_again_an_attempt_keeps_its_own_copy(api: Api):
    room = await exam_room(api)
    submission_id = await room.started()
    await mend(room, question_text="Another?", marks=50)
    assert (await room.submit(submission_id)).body["mcq_score"] == 5
    assert (await room.see(submission_id))["questions"][0]["question_text"] == "What is Bhakti?"
    await regrade(room)
    seen = await room.see(submission_id)
    assert (seen["mcq_score"], seen["questions"][0]["marks"]) == (0, 5)


async def test_a_question_with_other_options_keeps_its_key(api: Api):
    room = await exam_room(api)
    await room.submitted()
    await mend(room, [MENDED[1], {"option_id": "c", "text": "Other", "is_correct": False}])
    assert (await regrade(room))["changed_count"] == 0


async def test_many_are_marked_again_batch_by_batch(api: Api):
    room = await exam_room(api)
    people = [await answered(room, f"p{n}", RIGHT) for n in range(60)]
    await mend(room)
    regraded = await regrade(room)
    assert (regraded["checked_count"], regraded["changed_count"]) == (60, 60)
    assert [each["submission_id"] for each in regraded["changed"]] == [
        submission_id for _, submission_id in people
    ]
    assert {each["mcq_score"] for each in await stored(api, "exam_attempts")} == {0}


async def test_only_managers_mark_a_form_that_is_there_again(api: Api):
    room = await exam_room(api)
    path = f"/forms/{room.form_id}/regrade"
    reply = await api.post(path, token=room.sitter.token)
    assert refusal(reply) == (403, "Manager access required")
    reply = await api.post(f"{path}?dry_run=yes", token=room.by.token)
    assert refusal(reply) == (400, "dry_run must be true or false")
    await delete(api, room.by, f"/forms/{room.form_id}")
    for form_id in (room.form_id, UNKNOWN_ID, "x"):
        reply = await api.post(f"/forms/{form_id}/regrade", token=room.by.token)
        assert refusal(reply) == (404, "Form not found")
