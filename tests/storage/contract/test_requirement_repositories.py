"""The queries of requirement tables and of what participants did in them, on every engine."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from repositories.errors import WriteConflict
from repositories.indexes import ensure_indexes
from repositories.lms.requirement_submissions import RequirementSubmissionRepository
from repositories.lms.requirement_tables import RequirementTableRepository
from repositories.lms.step_progress import StepProgressRepository
from repositories.types import Document

NOON = datetime(2125, 1, 18, 12, 0, tzinfo=UTC)
LATER = datetime(2125, 1, 18, 13, 0, tzinfo=UTC)
ANN, BOB, COURSE, STEP, OTHER = (ObjectId() for _ in range(5))


def _table(step_id: ObjectId = STEP, **more: Any) -> Document:
    table = {"_id": ObjectId(), "step_id": step_id, "course_id": COURSE, "requirements": []}
    return {**table, "is_deleted": False, **more}


def _submission(table_id: ObjectId, participant_id: ObjectId = ANN, **more: Any) -> Document:
    submission = {
        "_id": ObjectId(),
        "participant_id": participant_id,
        "requirement_table_id": table_id,
        "step_id": STEP,
        "course_id": COURSE,
        "rows": [],
        "submitted_at": None,
        "awaits_review": False,
    }
    return {**submission, **more}


@pytest.mark.differs(nx=117)
async def test_tables_are_listed_changed_and_gone(storage):
    await ensure_indexes(storage)
    tables = RequirementTableRepository(storage)
    one, two, gone = _table(), _table(OTHER), _table(is_deleted=True)
    for table in (one, two, gone):
        await tables.insert(table, tx=None)
    listed = [{**table, "requirement_count": len(table["requirements"])} for table in (one, two)]
    for table in listed:
        del table["requirements"]
    assert await tables.every() == listed
    assert await tables.every(OTHER) == listed[1:]
    assert (await tables.find(one["_id"]), await tables.find(gone["_id"])) == (one, None)
    async with storage.transaction() as tx:
        await tables.change(one["_id"], {"name": "Renamed"}, tx=tx)
        await tables.delete_of_course(COURSE, at=LATER, tx=tx)
        assert await tables.of_steps([STEP, OTHER], tx=tx) == []
    assert await tables.find(one["_id"]) is None


@pytest.mark.differs(nx=117)
async def test_what_waits_is_found_the_longest_first(storage):
    await ensure_indexes(storage)
    submissions = RequirementSubmissionRepository(storage)
    waits: dict[str, Any] = {"awaits_review": True}
    late = _submission(ObjectId(), submitted_at=LATER, **waits)
    early = _submission(ObjectId(), submitted_at=NOON, step_id=OTHER, **waits)
    idle = _submission(ObjectId(), submitted_at=NOON)
    for submission in (late, early, idle):
        await submissions.insert(submission, tx=None)
    assert await _waiting(submissions) == [early, late]
    assert await _waiting(submissions, STEP) == [late]
    assert await submissions.find_longest_waiting() == early
    async with storage.transaction() as tx:
        await submissions.change(early["_id"], {"awaits_review": False}, tx=tx)
        await submissions.change(idle["_id"], waits, tx=tx)
    assert await _waiting(submissions) == [{**idle, **waits}, late]


@pytest.mark.differs(nx=117)
async def test_what_waits_is_read_whole_however_much_came_at_one_moment(storage):
    await ensure_indexes(storage)
    submissions = RequirementSubmissionRepository(storage)
    moments = [NOON] * 70 + [LATER] * 30
    kept = [_submission(ObjectId(), submitted_at=at, awaits_review=True) for at in moments]
    for submission in kept:
        await submissions.insert(submission, tx=None)
    assert await _waiting(submissions) == kept


async def _waiting(
    submissions: RequirementSubmissionRepository, step_id: ObjectId | None = None
) -> list[dict[str, Any]]:
    return [each async for each in submissions.each_waiting(step_id)]


@pytest.mark.differs(nx=116)
async def test_a_participant_has_one_submission_of_a_table(storage):
    await ensure_indexes(storage)
    submissions, table_id = RequirementSubmissionRepository(storage), ObjectId()
    mine, theirs = _submission(table_id), _submission(table_id, BOB)
    for submission in (mine, theirs):
        await submissions.insert(submission, tx=None)
    with pytest.raises(WriteConflict):
        async with storage.transaction() as tx:
            await submissions.insert(_submission(table_id), tx=tx)
    assert await submissions.find_of(ANN, table_id) == mine
    assert await submissions.find(theirs["_id"]) == theirs
    async with storage.transaction() as tx:
        await submissions.delete_of(ANN, tx=tx)
    assert await submissions.find_of(ANN, table_id) is None
    assert await submissions.find_of(BOB, table_id) == theirs


@pytest.mark.differs(nx=116)
async def test_the_facts_of_tables_are_kept_side_by_side(storage):
    await ensure_indexes(storage)
    progress = StepProgressRepository(storage)
    first, second = ObjectId(), ObjectId()
    async with storage.transaction() as tx:
        made = await progress.open(ANN, STEP, COURSE, at=NOON, tx=tx)
        for table_id, rows in ((first, [1]), (second, [7]), (first, [1, 2])):
            await progress.put_table(made["_id"], table_id, {"completed": rows}, tx=tx)
    (kept,) = await progress.of_course(ANN, COURSE)
    assert kept["requirement_tables"] == {
        str(first): {"completed": [1, 2]},
        str(second): {"completed": [7]},
    }
