"""What managers decide is in the audit log, like what other staff does (issue 4, part 3)."""

import asyncio
from typing import Any

from tests.factories import stored
from tests.harness import Api
from tests.lms.exams import exam_room
from tests.lms.support import manager, participant
from tests.lms.tables import add_table, approve, decide, fill, mine, new_step
from tests.shop.people import join_as
from tests.sociox.people import ADMIN

Told = tuple[str, str, str, dict[str, Any]]


async def log(api: Api) -> list[Told]:
    """Actor, action, target and details of each entry, oldest first."""
    entries = await stored(api, "audit_entries")
    return [
        (str(each["actor_id"]), each["action"], each["target_id"], each["details"])
        for each in entries
    ]


async def test_each_review_of_a_submission_is_told_once(api: Api):
    room = await exam_room(api)
    expected: list[Told] = []
    for deed in ("request-retake", "reject", "approve"):
        who = await participant(api, deed)
        submission_id = await room.graded(who)
        body = {"feedback": "Words", "reason": "Words"}
        replies = await asyncio.gather(*(room.review(submission_id, deed, body) for _ in range(3)))
        assert sorted(reply.status for reply in replies) == [200, 400, 400], deed
        details = {"form": "Exam", "attempt": 1}
        expected += [
            (room.by.id, f"submission.{action}", submission_id, details)
            for action in ("grade", deed.replace("-", "_"))
        ]
    assert await log(api) == expected
    admin = await join_as(api, "admin")
    reply = await api.get(f"{ADMIN}/audit-log?action=submission.approve", token=admin.token)
    (entry,) = reply.body["data"]
    assert entry["target"]["kind"] == "submission"


async def test_each_decision_on_a_requirement_table_is_told(api: Api):
    by, learner = await manager(api), await participant(api)
    table = await add_table(api, by, (await new_step(api, by))["id"])
    submission_id = (await mine(api, learner, table["id"]))["submission_id"]
    await fill(api, learner, submission_id, 1, 2)
    assert (await decide(api, by, submission_id, 1, approved=False)).status == 200
    assert (await decide(api, by, submission_id, 1)).status == 200
    assert (await approve(api, by, submission_id)).status == 200
    assert (await approve(api, by, submission_id)).status == 400
    kind, name = "requirement_submission", table["name"]
    assert await log(api) == [
        (by.id, f"{kind}.reject_row", submission_id, {"table": name, "row": 1}),
        (by.id, f"{kind}.approve_row", submission_id, {"table": name, "row": 1}),
        (by.id, f"{kind}.approve", submission_id, {"table": name, "row": None}),
    ]
