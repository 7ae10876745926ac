"""Large courses, many participants and their exams, the same each time: for measuring."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from bson import ObjectId
from tqdm import tqdm

from repositories.lms import (
    courses,
    enrollments,
    exam_attempts,
    exam_papers,
    forms,
    materials,
    step_progress,
    steps,
)
from repositories.seeding import SeedRepository, seed_id
from repositories.types import Document
from scripts.seeding import lms
from scripts.seeding.forum import person
from services.lms.outline import CourseOutline, MaterialOutline, StepOutline
from services.lms.progress_rules import StepFacts, progress_of
from services.lms.statuses import AttemptStatus
from services.lms.summaries import summary_of

STEPS, MATERIALS = 100, 20
PENDING = 200
EXAMS_EACH = 5
_SLICE = 500
_START = datetime(2024, 2, 1, tzinfo=UTC)
_QUESTIONS = (
    lms.multiple_choice("q1", "What is Bhakti?", ("Devotion", "Knowledge"), 5),
    lms.theory("q2", "Explain the importance of chanting", 10, 200),
)
_ANSWER = "Chanting is important because it keeps the mind on what one chants. " * 5


@dataclass(frozen=True)
class LargeCourse:
    """A course, its steps, and the exam at the end of the first."""

    course: Document
    steps: Sequence[Document]
    exam: Document
    material_count: int

    def materials(self) -> list[Document]:
        """What is in the steps."""
        url = {"url": "https://youtube.com/watch?v=example"}
        return [
            lms.material(step, place, "Video", f"Video {place + 1}", content=url)
            for step in self.steps
            for place in range(self.material_count)
        ]

    def material_ids(self, step: Document) -> list[ObjectId]:
        """The ids of what is in a step."""
        return [lms.material_id(step, place) for place in range(self.material_count)]

    def outline(self) -> CourseOutline:
        """What decides on progress in it."""
        return CourseOutline(
            self.course["_id"],
            self.course["outline_version"],
            tuple(
                StepOutline(
                    id=step["_id"],
                    name=step["name"],
                    description=step["description"],
                    exam_id=step["exam_id"],
                    unlock_on_exam_pass=True,
                    materials=tuple(MaterialOutline(id, True) for id in self.material_ids(step)),
                )
                for step in self.steps
            ),
        )


@cache
def large_course(
    number: int, step_count: int = STEPS, material_count: int = MATERIALS
) -> LargeCourse:
    """The course with a number; only its first step has an exam."""
    course = lms.course(f"Large Course {number:03}", order_index=number + 1)
    made = [lms.step(course, place) for place in range(step_count)]
    exam = lms.form(made[0], f"Exam of Large Course {number:03}", _QUESTIONS, passing_marks=9)
    made[0]["exam_id"] = exam["_id"]
    return LargeCourse(course, made, exam, material_count)


@dataclass(frozen=True)
class Taken:
    """A course that somebody takes: the enrollment, the facts, and the exam if it was sat."""

    enrollment: Document
    progress: Sequence[Document]
    attempt: Document
    paper: Document


async def seed(repository: SeedRepository, course_count: int, participants: int) -> int:
    """Add so many courses that the forum's `user1` takes, and so many others, where missing.

    `user1` is in a different step of each; the others have sat the exams of five courses,
    the last 200 of which await their review.
    """
    added = 0
    with tqdm(range(course_count), unit="course", desc="courses") as progress:
        for number in progress:
            added += await _add_course(repository, large_course(number))
    main, approved = seed_id("user user1"), AttemptStatus.APPROVED
    taken = [
        _taken(main, number, approved, at=_START, done=1 + number * 2 % STEPS)
        for number in range(course_count)
    ]
    added += await _add_taken(repository, taken)
    return added + await _add_others(repository, course_count, participants)


async def _add_course(repository: SeedRepository, made: LargeCourse) -> int:
    added = await repository.insert_missing(forms.COLLECTION, [made.exam])
    added += await repository.insert_missing(materials.COLLECTION, made.materials())
    added += await repository.insert_missing(steps.COLLECTION, made.steps)
    return added + await repository.insert_missing(courses.COLLECTION, [made.course])


async def _add_others(repository: SeedRepository, course_count: int, participants: int) -> int:
    added = 0
    first_pending = participants * EXAMS_EACH - PENDING
    with tqdm(total=participants, unit="participant", desc="participants") as progress:
        for start in range(0, participants, _SLICE):
            numbers = range(start, min(start + _SLICE, participants))
            # No password has this hash: nobody can sign in as one of them.
            people = [person(f"scale-participant-{number}", b"!") for number in numbers]
            added += await repository.insert_missing_accounts(people)
            taken = [
                _taken(
                    each["_id"],
                    exam % course_count,
                    _status(exam, first_pending),
                    at=_START + timedelta(minutes=exam),
                )
                for number, each in zip(numbers, people, strict=True)
                for exam in _exams(number)
            ]
            added += await _add_taken(repository, taken)
            progress.update(len(numbers))
    return added


def _exams(participant: int) -> range:
    """The numbers of the exams that a participant has sat, each in another course."""
    return range(participant * EXAMS_EACH, (participant + 1) * EXAMS_EACH)


def _status(exam: int, first_pending: int) -> AttemptStatus:
    if exam >= first_pending:
        return AttemptStatus.SUBMITTED
    return AttemptStatus.REJECTED if exam % 4 == 0 else AttemptStatus.APPROVED


async def _add_taken(repository: SeedRepository, taken: Sequence[Taken]) -> int:
    added = 0
    for collection, documents in (
        (enrollments.COLLECTION, [each.enrollment for each in taken]),
        (step_progress.COLLECTION, [kept for each in taken for kept in each.progress]),
        (exam_attempts.COLLECTION, [each.attempt for each in taken]),
        (exam_papers.COLLECTION, [each.paper for each in taken]),
    ):
        added += await repository.insert_missing(collection, documents)
    return added


def _taken(
    participant: ObjectId, number: int, status: AttemptStatus, *, at: datetime, done: int = 1
) -> Taken:
    """Somebody has done so many steps of a course; the exam of the first has come to a status."""
    made = large_course(number)
    name = f"{made.course['name']} {participant}"
    attempt = _attempt(name, participant, made, status, at)
    enrollment = {
        "_id": seed_id(f"enrollment {name}"),
        "participant_id": participant,
        "course_id": made.course["_id"],
        "enrolled_at": at,
        "last_activity_at": at,
        "completed_at": None,
        "summary": _summary(number, status, done),
        "revision": 1,
    }
    progress = [
        {
            "_id": seed_id(f"progress {place} {name}"),
            "participant_id": participant,
            "step_id": step["_id"],
            "course_id": made.course["_id"],
            "started_at": at,
            "completed_material_ids": made.material_ids(step),
            "exam": None,
            "requirement_tables": {},
        }
        for place, step in enumerate(made.steps[:done])
    ]
    progress[0]["exam"] = _exam_fact(attempt["_id"], made, status)
    return Taken(enrollment, progress, attempt, _paper(attempt["_id"], made.exam, at))


def _exam_fact(attempt_id: ObjectId, made: LargeCourse, status: AttemptStatus) -> Document:
    return {"attempt_id": attempt_id, "form_id": made.exam["_id"], "status": status.value}


@cache
def _summary(number: int, status: AttemptStatus, done: int) -> Document:
    made = large_course(number)
    outline = made.outline()
    facts = {
        step.id: StepFacts(is_started=True, completed_ids=step.material_ids)
        for step in outline.steps[:done]
    }
    first = outline.steps[0]
    facts[first.id] = replace(facts[first.id], attempt=status, form_id=first.exam_id)
    return summary_of(progress_of(outline, facts), outline.version)


def _attempt(
    name: str, participant: ObjectId, made: LargeCourse, status: AttemptStatus, at: datetime
) -> Document:
    is_pending = status is AttemptStatus.SUBMITTED
    return {
        "_id": seed_id(f"attempt {name}"),
        "participant_id": participant,
        "form_id": made.exam["_id"],
        "step_id": made.steps[0]["_id"],
        "course_id": made.course["_id"],
        "form_name": made.exam["name"],
        "total_marks": made.exam["total_marks"],
        "passing_marks": made.exam["passing_marks"],
        "attempt_number": 1,
        "status": status.value,
        "is_open": False,
        "is_awaiting_review": is_pending,
        "started_at": at,
        "deadline_at": at + timedelta(minutes=30),
        "submitted_at": at + timedelta(minutes=20),
        "mcq_score": 5,
        "mcq_marks": [{"question_id": "q1", "marks": 5}],
        "theory_score": None if is_pending else 6,
        "theory_marks": [] if is_pending else [{"question_id": "q2", "marks": 6}],
        "feedback": None,
        "reviewed_by": None,
        "reviewed_at": None if is_pending else at + timedelta(days=1),
    }


def _paper(attempt_id: ObjectId, exam: Document, at: datetime) -> Document:
    copied = ("name", "description", "duration_minutes", "questions")
    return {
        "_id": attempt_id,
        "form": {name: exam[name] for name in copied},
        "mcq_answers": [{"question_id": "q1", "selected_option_id": "a"}],
        "theory_answers": [{"question_id": "q2", "answer_text": _ANSWER}],
        "saved_at": at + timedelta(minutes=20),
    }
