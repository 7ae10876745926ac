"""LMS's example: the "Bhakti Shastri Course" with a step, materials, exam, requirement table."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from repositories.lms import courses, forms, materials, requirement_tables, steps
from repositories.seeding import SeedRepository, seed_id
from repositories.storage import Storage
from repositories.types import Document

_AT = datetime(2024, 1, 15, 10, 30, tzinfo=UTC)
_AUTHOR_ID = seed_id("course author")
_KEPT = {"created_at": _AT, "updated_at": _AT, "is_deleted": False}


def course(name: str, **fields: Any) -> Document:
    """A course."""
    return {
        "_id": seed_id(f"course {name}"),
        "name": name,
        "description": "",
        "image_url": None,
        "previous_course_id": None,
        "next_course_id": None,
        "default_step_id": None,
        "order_index": 0,
        "is_active": True,
        "is_default": False,
        "outline_version": 0,
        "created_by": _AUTHOR_ID,
        **_KEPT,
        **fields,
    }


def step(of: Document, place: int, **fields: Any) -> Document:
    """The step of a course at a place."""
    return {
        "_id": seed_id(f"step {of['name']} {place}"),
        "course_id": of["_id"],
        "name": f"Step {place + 1}",
        "description": "",
        "order_index": place,
        "exam_id": None,
        "unlock_on_exam_pass": True,
        **_KEPT,
        **fields,
    }


def material_id(of: Document, place: int) -> ObjectId:
    """The id of the material of a step at a place."""
    return seed_id(f"material {of['_id']} {place}")


def material(of: Document, place: int, material_type: str, title: str, **fields: Any) -> Document:
    """The material of a step at a place."""
    return {
        "_id": material_id(of, place),
        "step_id": of["_id"],
        "course_id": of["course_id"],
        "material_type": material_type,
        "title": title,
        "description": "",
        "content": {},
        "order_index": place,
        "is_mandatory": True,
        **_KEPT,
        **fields,
    }


def form(of: Document, name: str, questions: Sequence[Document], **fields: Any) -> Document:
    """The exam of a step."""
    return {
        "_id": seed_id(f"form {of['_id']} {name}"),
        "name": name,
        "description": "",
        "step_id": of["_id"],
        "duration_minutes": 30,
        "total_marks": sum(question["marks"] for question in questions),
        "total_is_given": "total_marks" in fields,
        "passing_marks": 0,
        "passing_is_given": "passing_marks" in fields,
        "passing_percentage": None,
        "max_attempts": None,
        "questions": list(questions),
        "created_by": _AUTHOR_ID,
        **_KEPT,
        **fields,
    }


def multiple_choice(question_id: str, text: str, options: Sequence[str], marks: int) -> Document:
    """A question whose first option is the correct one."""
    return {
        "question_id": question_id,
        "question_type": "MCQ",
        "question_text": text,
        "options": [
            {"option_id": option_id, "text": option, "is_correct": option is options[0]}
            for option_id, option in zip("abcd", options, strict=False)
        ],
        "marks": marks,
        "max_words": None,
    }


def theory(question_id: str, text: str, marks: int, max_words: int) -> Document:
    """A question that is answered in words."""
    return {
        "question_id": question_id,
        "question_type": "THEORY",
        "question_text": text,
        "options": [],
        "marks": marks,
        "max_words": max_words,
    }


COURSE = course(
    "Bhakti Shastri Course",
    description="In-depth study of Bhagavad-gita",
    image_url="https://example.com/image.jpg",
)
_STEP = step(COURSE, 0, name="Step 1: Introduction", description="Basic concepts of Bhakti")
_QUESTIONS = (
    multiple_choice("q1", "What is Bhakti?", ("Devotion", "Knowledge", "Yoga", "Meditation"), 5),
    theory("q2", "Explain the importance of chanting", 10, 200),
)
EXAM = form(
    _STEP,
    "Step 1 Exam",
    _QUESTIONS,
    description="Test your knowledge",
    total_marks=50,
    passing_marks=30,
    passing_percentage=60.0,
    max_attempts=3,
)
STEP = {**_STEP, "exam_id": EXAM["_id"]}
TABLE: Document = {
    "_id": seed_id("requirement table Daily Sadhana Tracker"),
    "name": "Daily Sadhana Tracker",
    "description": "Track your daily spiritual practices",
    "step_id": STEP["_id"],
    "course_id": COURSE["_id"],
    "requirements": [
        {"serial_number": 1, "activity": "Chanting Rounds", "target": 16, "unit": "rounds"},
        {
            "serial_number": 2,
            "activity": "Reading Bhagavad-gita",
            "target": 30,
            "unit": "minutes",
        },
    ],
    "created_by": _AUTHOR_ID,
    **_KEPT,
}
MATERIALS = (
    material(
        STEP,
        0,
        "Video",
        "Introduction Video",
        description="Watch this video first",
        content={"url": "https://youtube.com/watch?v=example"},
    ),
    material(
        STEP,
        1,
        "BookLink",
        "Bhagavad-gita",
        description="For reading along",
        content={"url": "https://example.com/bhagavad-gita", "title": "Bhagavad-gita"},
        is_mandatory=False,
    ),
    material(
        STEP,
        2,
        "RequirementTable",
        "Daily Sadhana Tracker",
        description="Track your progress",
        requirement_table_id=TABLE["_id"],
    ),
)


async def seed(repository: SeedRepository, storage: Storage) -> int:
    """Add what is missing and tell how many documents that were.

    The course becomes the default where there is none yet. It comes last: what is in it
    shows with it.
    """
    has_default = await courses.CourseRepository(storage).find_default() is not None
    parts = (
        (forms.COLLECTION, (EXAM,)),
        (requirement_tables.COLLECTION, (TABLE,)),
        (materials.COLLECTION, MATERIALS),
        (steps.COLLECTION, (STEP,)),
        (courses.COLLECTION, ({**COURSE, "is_default": not has_default},)),
    )
    added = 0
    for collection, documents in parts:
        added += await repository.insert_missing(collection, [dict(each) for each in documents])
    return added
