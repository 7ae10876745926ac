"""The queries of attempts at exams, their papers and extensions, on every engine."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from repositories.errors import WriteConflict
from repositories.indexes import ensure_indexes
from repositories.lms.exam_attempts import AttemptFilter, ExamAttemptRepository
from repositories.lms.exam_extensions import ExamExtensionRepository
from repositories.lms.exam_papers import ExamPaperRepository
from repositories.types import Document

NOON = datetime(2125, 1, 18, 12, 0, tzinfo=UTC)
ANN, BOB, FORM, STEP, COURSE, OTHER = (ObjectId() for _ in range(6))
MINUTE = timedelta(minutes=1)


def _attempt(participant_id: ObjectId = ANN, number: int = 1, **more: Any) -> Document:
    attempt = {
        "_id": ObjectId(),
        "participant_id": participant_id,
        "form_id": FORM,
        "step_id": STEP,
        "course_id": COURSE,
        "attempt_number": number,
        "status": "Submitted",
        "is_open": False,
        "is_awaiting_review": False,
        "started_at": NOON + number * MINUTE,
        "deadline_at": NOON + number * MINUTE,
        "submitted_at": NOON,
        "feedback": "Well done",
    }
    return {**attempt, **more}


def _running(participant_id: ObjectId = ANN, number: int = 1, **more: Any) -> Document:
    return _attempt(participant_id, number, status="InProgress", is_open=True, **more)


async def _kept(storage: Any, *attempts: Document) -> ExamAttemptRepository:
    await ensure_indexes(storage)
    repository = ExamAttemptRepository(storage)
    for attempt in attempts:
        await repository.insert(attempt, tx=None)
    return repository


@pytest.mark.differs(nx=117)
async def test_one_attempt_of_a_participant_runs_at_a_time_and_each_number_is_once(storage):
    first = _running()
    attempts = await _kept(storage, first, _running(BOB))
    for another in (_running(number=2), _attempt()):
        with pytest.raises(WriteConflict):
            async with storage.transaction() as tx:
                await attempts.insert(another, tx=tx)
    async with storage.transaction() as tx:
        await attempts.claim_move(
            first["_id"], "InProgress", {"status": "Rejected", "is_open": False}, tx=tx
        )
        with pytest.raises(WriteConflict):
            await attempts.claim_move(first["_id"], "InProgress", {"status": "x"}, tx=tx)
        await attempts.insert(_running(number=2), tx=tx)
        found = await attempts.at_form(ANN, FORM, tx=tx)
    assert [each["status"] for each in found] == ["Rejected", "InProgress"]


@pytest.mark.differs(nx=117)
async def test_the_attempts_of_a_participant_are_found(storage):
    one, two = _attempt(), _running(number=2)
    elsewhere = _attempt(number=3, form_id=OTHER)
    attempts = await _kept(storage, two, one, elsewhere, _attempt(BOB))
    assert await attempts.at_form(ANN, FORM, tx=None) == [one, two]
    assert await attempts.of_participant(ANN) == [elsewhere, two, one]
    assert await attempts.open_of(ANN) == [two]
    assert await attempts.find(one["_id"]) == one
    assert await attempts.find(OTHER) is None


@pytest.mark.differs(nx=117)
async def test_what_awaits_its_review_is_found_the_longest_waiting_first(storage):
    waiting = [
        _attempt(number=n, is_awaiting_review=True, submitted_at=NOON - n * MINUTE)
        for n in (1, 2, 3)
    ]
    waiting[1]["step_id"] = OTHER
    waiting[2]["course_id"] = OTHER
    attempts = await _kept(storage, *waiting, _attempt(BOB), _running(BOB, 2))
    for which, expected in (
        (AttemptFilter(), waiting[::-1]),
        (AttemptFilter(step_id=STEP), [waiting[2], waiting[0]]),
        (AttemptFilter(course_id=COURSE), [waiting[1], waiting[0]]),
        (AttemptFilter(step_id=OTHER, course_id=OTHER), []),
    ):
        assert await attempts.pending(which, 10) == expected
    assert await attempts.pending(AttemptFilter(), 2) == waiting[:0:-1]


@pytest.mark.differs(nx=117)
async def test_what_is_overdue_is_found_the_oldest_first(storage):
    early, late = _running(), _running(BOB, 2)
    attempts = await _kept(storage, late, early, _attempt(number=3))
    assert await attempts.overdue(late["deadline_at"], 10) == [early]
    assert await attempts.overdue(NOON + 3 * MINUTE, 10) == [early, late]
    assert await attempts.overdue(NOON + 3 * MINUTE, 1) == [early]


@pytest.mark.differs(nx=117)
async def test_the_attempts_at_a_form_are_read_in_parts(storage):
    made = [_attempt(number=n) for n in (1, 2, 3)]
    attempts = await _kept(storage, *made, _attempt(BOB, form_id=OTHER))
    ids = [each["_id"] for each in made]
    assert await attempts.ids_of_form(FORM, None, 2) == ids[:2]
    assert await attempts.ids_of_form(FORM, ids[1], 2) == ids[2:]
    assert await attempts.ids_of_form(FORM, ids[2], 2) == []
    found = await attempts.with_ids(ids[1:], tx=None)
    assert {each["_id"] for each in found} == set(ids[1:])


@pytest.mark.differs(nx=117)
async def test_the_attempts_of_an_account_stay_without_words_and_none_runs(storage):
    one, others = _attempt(is_awaiting_review=True), _attempt(BOB, is_awaiting_review=True)
    attempts = await _kept(storage, one, _running(number=2), others)
    async with storage.transaction() as tx:
        await attempts.delete_open_of(ANN, tx=tx)
        await attempts.forget_participant(ANN, tx=tx)
    assert await attempts.of_participant(ANN) == [
        {**one, "feedback": None, "is_awaiting_review": False}
    ]
    assert await attempts.pending(AttemptFilter(), 10) == [others]


def _paper(attempt_id: ObjectId) -> Document:
    form = {"name": "Exam", "questions": [{"question_id": "q.1"}]}
    return {
        "_id": attempt_id,
        "form": form,
        "mcq_answers": [],
        "theory_answers": [],
        "saved_at": None,
    }


async def test_papers_are_answered_mended_and_forgotten(storage):
    papers = ExamPaperRepository(storage)
    for attempt_id in (ANN, BOB):
        await papers.insert(_paper(attempt_id), tx=None)
    await papers.put_answers(ANN, {"q.1": "a"}, {"$q2": "text"}, at=NOON, tx=None)
    await papers.put_questions(ANN, [{"question_id": "q2"}], tx=None)
    found = await papers.find(ANN)
    assert found is not None
    assert found["form"] == {"name": "Exam", "questions": [{"question_id": "q2"}]}
    assert found["mcq_answers"] == [{"question_id": "q.1", "selected_option_id": "a"}]
    assert found["theory_answers"] == [{"question_id": "$q2", "answer_text": "text"}]
    await papers.forget_texts([ANN, BOB], tx=None)
    await papers.delete([BOB], tx=None)
    assert await papers.find(ANN) == {**found, "theory_answers": []}
    assert await papers.find(BOB) is None


@pytest.mark.differs(nx=117)
async def test_an_extension_is_one_a_form_and_participant(storage):
    await ensure_indexes(storage)
    extensions = ExamExtensionRepository(storage)
    made: Document = {"_id": ObjectId(), "form_id": FORM, "participant_id": ANN, "extra_minutes": 5}
    await extensions.insert(made, tx=None)
    await extensions.change(made["_id"], {"extra_minutes": 7}, tx=None)
    assert await extensions.find(ANN, FORM, tx=None) == {**made, "extra_minutes": 7}
    assert await extensions.find(BOB, FORM, tx=None) is None
    await extensions.delete_of(ANN, tx=None)
    assert await extensions.find(ANN, FORM, tx=None) is None
