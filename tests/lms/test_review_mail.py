"""Who is told of submissions and decisions, and what (issue of the LMS, CONTRACT section 3)."""

from typing import Any

import pytest

from tests.factories import change_user
from tests.harness import Api
from tests.lms.exams import RIGHT, Room, exam_room
from tests.lms.support import participant, refusal

EMAIL = "student@example.com"
WORDS = {"feedback": "Well written.", "reason": "Well written."}
DECISIONS = [
    ("approve", "exam_approve", "You have passed Exam"),
    ("reject", "exam_reject", "Your submission of Exam was rejected"),
    ("request-retake", "exam_request_retake", "You are asked to take Exam again"),
]


async def with_mail(room: Room, *, is_verified: bool = True) -> Room:
    """The participant has an address."""
    await change_user(room.api, "participant", email=EMAIL, email_verified=is_verified)
    return room


async def mails(api: Api) -> list[tuple[str, str, str | None, str | None]]:
    """Kind, address, subject and text of what was sent, oldest first."""
    sent = await api.agora.services.outbox.recent(100)
    return [(each.kind, each.to, each.subject, each.text) for each in reversed(sent)]


@pytest.mark.parametrize(("deed", "kind", "subject"), DECISIONS)
async def test_a_decision_is_told_to_the_participant(api: Api, deed: str, kind: str, subject: str):
    room = await with_mail(await exam_room(api))
    submission_id = await room.graded()
    assert await mails(api) == []
    assert (await room.review(submission_id, deed, WORDS)).status == 200
    told = [(kind, EMAIL, subject, f"{subject}.\n\nWell written.\n")]
    assert await mails(api) == told
    assert (await room.review(submission_id, deed, WORDS)).status == 400
    assert await mails(api) == told


async def test_what_a_manager_wrote_stays_off_an_address_that_may_be_anothers(api: Api):
    room = await with_mail(await exam_room(api), is_verified=False)
    for _ in range(6):
        await room.review(await room.submitted(), "reject", WORDS)
    text = "Your submission of Exam was rejected.\n"
    assert [each[3] for each in await mails(api)] == [text] * 5


async def test_whoever_has_no_address_is_told_nothing(api: Api):
    room = await exam_room(api)
    assert (await room.review(await room.graded(), "approve")).status == 200
    assert await mails(api) == []


class TestManagers:
    """With the setting."""

    @pytest.fixture
    def given_settings(self) -> dict[str, Any]:
        return {"lms_managers_mail": ("a@example.com", "b@example.com")}

    async def test_managers_are_told_of_each_submission_once(self, api: Api):
        room = await exam_room(api)
        submission_id = await room.started()
        assert refusal(await room.submit(submission_id, {"mcq_answers": [RIGHT, RIGHT]}))[0] == 400
        assert await mails(api) == []
        for _ in range(2):
            await room.submit(submission_id)
        text = (
            "Attempt 1 at Exam was submitted and awaits its review.\n\n"
            f"Submission {submission_id}\n"
        )
        subject = "New submission of Exam"
        assert await mails(api) == [
            ("exam_submitted", "a@example.com", subject, text),
            ("exam_submitted", "b@example.com", subject, text),
        ]

    async def test_managers_are_told_of_what_time_handed_in_but_not_of_what_it_rejected(
        self, api: Api
    ):
        room = await exam_room(api, duration_minutes=1)
        saved = await room.started()
        await room.save(saved, mcq_answers=[RIGHT])
        await room.started(await participant(api, "other"))
        api.clock.advance(minutes=2)
        assert await api.agora.services.lms.exam_closing.close_overdue() == 2
        told = await mails(api)
        assert [each[1] for each in told] == ["a@example.com", "b@example.com"]
        assert all(saved in str(each[3]) for each in told)
