"""`python -m scripts.check` on courses, attempts at exams, and progress."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from repositories.storage import Storage, open_storage
from tests import harness
from tests.lms import tables
from tests.lms.exams import exam_room
from tests.lms.support import add_course, add_step, add_video, put
from tests.scripts.checking import change, checked

FINE = (0, ["No problems were found."])
GONE = ObjectId("65a8f0000000000000000001")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two linked courses, a filled table, a rejected and a graded attempt."""
    path = tmp_path_factory.mktemp("filled")

    async def fill() -> None:
        api = await harness.start(await open_storage("embedded", path))
        room = await exam_room(api)
        step_id, by, sitter = room.step_id, room.by, room.sitter
        following = await add_course(api, by, "Following", previous_course_id=room.course_id)
        await put(api, by, f"/courses/{following['id']}/set-default")
        last = await add_step(api, by, room.course_id, "Last")
        await add_video(api, by, last["id"])
        video = await add_video(api, by, step_id)
        table = await tables.add_table(api, by, step_id)
        await tables.show_table(api, by, step_id, table["id"], is_mandatory=False)
        await api.post(f"/materials/{video['id']}/complete", token=sitter.token)
        submission = await tables.mine(api, sitter, table["id"])
        await tables.fill(api, sitter, submission["submission_id"], 1)
        await tables.submit(api, sitter, submission["submission_id"])
        await api.post(f"/materials/{video['id']}/complete", token=by.token)
        await room.review(await room.graded(), "reject", {"feedback": "Please try again."})
        await room.graded()
        await room.started(by)
        await api.close()

    asyncio.run(fill())
    return path


@pytest.fixture
def data_dir(filled: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(filled, tmp_path / "data"))


def test_an_lms_in_use_fits_together(data_dir: Path, capsys):
    assert checked(data_dir, capsys) == FINE


Damage = Callable[[Storage], Awaitable[str]]


def damaged(collection: str, which: dict[str, Any], changes: dict[str, Any], said: str) -> Damage:
    """Changes one document; `{id}` in what is said of it then is its id."""

    async def body(storage: Storage) -> str:
        found = await storage[collection].find_one(which)
        assert found is not None, (collection, which)
        await storage[collection].update_one({"_id": found["_id"]}, {"$set": changes})
        return said.format(**{**found, "id": found["_id"]})

    return body


async def without_paper(storage: Storage) -> str:
    """An attempt without its questions."""
    paper = await storage["exam_papers"].find_one({})
    assert paper is not None
    await storage["exam_papers"].delete_one({"_id": paper["_id"]})
    return f"exam_attempts: {paper['_id']} has no paper."


async def not_enrolled(storage: Storage) -> str:
    """Progress of somebody who does not take the course."""
    kept = await storage["step_progress"].find_one({})
    assert kept is not None
    await storage["enrollments"].delete_many({"participant_id": kept["participant_id"]})
    return (
        f"step_progress: {kept['_id']} is of {kept['participant_id']}, "
        "who does not take the course."
    )


async def another_row(storage: Storage) -> str:
    """Progress that tells of more rows than were completed."""
    submission = await storage["requirement_submissions"].find_one({})
    assert submission is not None
    table_id = submission["requirement_table_id"]
    path = f"requirement_tables.{table_id}"
    kept = await storage["step_progress"].find_one({path: {"$exists": True}})
    assert kept is not None
    await storage["step_progress"].update_one(
        {"_id": kept["_id"]}, {"$set": {f"{path}.completed": [1, 2]}}
    )
    return (
        f"step_progress: {kept['_id']} says of requirement table {table_id} "
        "what its submission does not."
    )


CASES: dict[str, Damage] = {
    "an attempt without a paper": without_paper,
    "progress without an enrollment": not_enrolled,
    "a row that was not completed": another_row,
    "an exam that stands elsewhere": damaged(
        "step_progress",
        {"exam.status": "UnderReview"},
        {"exam.status": "Submitted"},
        "step_progress: {id} has an exam Submitted that is UnderReview.",
    ),
    "an attempt that is not there": damaged(
        "step_progress",
        {"exam.status": "UnderReview"},
        {"exam.attempt_id": GONE},
        "step_progress: {id} tells of attempt " + f"{GONE}, which is not there.",
    ),
    "steps with a gap": damaged(
        "steps",
        {"name": "Last"},
        {"order_index": 3},
        "courses: {course_id} has its steps at 0, 3.",
    ),
    "two materials at a place": damaged(
        "materials",
        {"material_type": "RequirementTable"},
        {"order_index": 0},
        "courses: {course_id} has its materials of step {step_id} at 0, 0.",
    ),
    "a material of a step that is gone": damaged(
        "materials",
        {"material_type": "RequirementTable"},
        {"step_id": GONE, "order_index": 0, "requirement_table_id": None},
        "courses: {course_id} has material {id} of step " + f"{GONE}, which is not there.",
    ),
    "a material with another table": damaged(
        "materials",
        {"material_type": "RequirementTable"},
        {"requirement_table_id": GONE},
        "courses: {course_id} has material {id} with requirement table "
        + f"{GONE}, which is not of its step.",
    ),
    "an exam of no step": damaged(
        "forms",
        {},
        {"step_id": None},
        "courses: COURSE has step {step_id} with exam {id}, which is not of that step.",
    ),
    "a link on one side": damaged(
        "courses",
        {"name": "Following"},
        {"previous_course_id": None},
        "courses: {previous_course_id} has {id} as its next_course_id, "
        "which does not say so of it.",
    ),
    "a running attempt that says it was decided": damaged(
        "exam_attempts",
        {"status": "Rejected"},
        {"is_open": True},
        "exam_attempts: {id} is Rejected, and has is_open True.",
    ),
    "marks that the answers are not worth": damaged(
        "exam_attempts",
        {"status": "UnderReview"},
        {"mcq_marks": [{"question_id": "q1", "marks": 4}]},
        "exam_attempts: {id} has other marks than its answers are worth.",
    ),
    "a score that is not the sum": damaged(
        "exam_attempts",
        {"status": "UnderReview"},
        {"theory_score": 9},
        "exam_attempts: {id} has a theory score of 9; its marks make 8.",
    ),
    "a summary of more than was done": damaged(
        "enrollments",
        {"summary.is_started": True},
        {"summary.completed_steps": 2},
        "enrollments: {id} has a summary that the facts do not make.",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_does_not_fit_is_named(data_dir: Path, capsys, case: str):
    async def damage(storage: Storage) -> str:
        course = await storage["courses"].find_one({"name": "Course"})
        assert course is not None
        return (await CASES[case](storage)).replace("COURSE", str(course["_id"]))

    said = change(data_dir, damage)
    code, lines = checked(data_dir, capsys)
    assert code == 1
    assert said in lines
