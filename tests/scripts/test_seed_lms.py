"""`python -m scripts.seed`: the document's course, and large ones with many participants."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest

from repositories.seeding import seed_id
from repositories.storage import Storage, open_storage
from scripts import seed
from scripts.seeding import lms
from tests import harness
from tests.factories import stored, tokens_of
from tests.harness import Api
from tests.lms.support import add_course, add_form, add_step, add_video, manager

T = TypeVar("T")


def with_storage(data_dir: Path, body: Callable[[Storage], Awaitable[T]]) -> T:
    """What `body` finds in a store."""

    async def run() -> T:
        storage = await open_storage("embedded", data_dir)
        try:
            return await body(storage)
        finally:
            await storage.close()

    return asyncio.run(run())


async def seen(data_dir: Path, name: str, *paths: str) -> list[Any]:
    """What a seeded account sees."""
    api = await harness.start(await open_storage("embedded", data_dir))
    try:
        token, _ = await tokens_of(api, name, "example_password")
        return [(await api.get(path, token=token)).body for path in paths]
    finally:
        await api.close()


def test_the_documents_course_is_there_once(tmp_path, capsys):
    for added in ("53 documents", "0 documents"):
        assert seed.main([f"--data-dir={tmp_path}"]) == 0
        assert added in capsys.readouterr().out
    (course,) = asyncio.run(seen(tmp_path, "user1", "/courses"))[0]
    assert (course["name"], course["description"], course["is_default"]) == (
        "Bhakti Shastri Course",
        "In-depth study of Bhagavad-gita",
        True,
    )
    step_id = course["default_step_id"]
    forms, progress = asyncio.run(
        seen(tmp_path, "user1", "/forms", f"/participants/me/step/{step_id}/progress")
    )
    assert [(form["name"], form["step_id"], form["question_count"]) for form in forms] == [
        ("Step 1 Exam", step_id, 2)
    ]
    assert [each["title"] for each in progress["materials"]] == [
        "Introduction Video",
        "Bhagavad-gita",
        "Daily Sadhana Tracker",
    ]
    assert progress["materials"][2]["requirement_progress"] == {
        "completed": 0,
        "approved": 0,
        "total": 2,
        "is_submitted": False,
    }


async def test_what_is_seeded_has_the_fields_that_the_product_gives_it(api: Api):
    by = await manager(api)
    made = await add_step(api, by, (await add_course(api, by))["id"])
    await add_video(api, by, made["id"])
    await add_form(api, by, step_id=made["id"])
    rows = [{"serial_number": 1, "activity": "Chanting", "target": 16, "unit": "rounds"}]
    table = {"name": "Table", "step_id": made["id"], "requirements": rows}
    await api.post("/requirement-tables", table, token=by.token)
    for collection, seeded in (
        ("courses", lms.COURSE),
        ("steps", lms.STEP),
        ("materials", lms.MATERIALS[0]),
        ("forms", lms.EXAM),
        ("requirement_tables", lms.TABLE),
    ):
        (kept,) = await stored(api, collection)
        assert seeded.keys() == kept.keys(), collection


def test_a_default_course_that_is_there_stays_the_default(tmp_path, capsys):
    assert seed.main([f"--data-dir={tmp_path}"]) == 0

    async def replace_default(storage: Storage) -> None:
        courses = storage["courses"]
        example = await courses.find_one({"is_default": True})
        assert example is not None
        await courses.delete_one({"_id": example["_id"]})
        await courses.insert_one({**example, "_id": seed_id("another"), "name": "Another"})

    with_storage(tmp_path, replace_default)
    assert seed.main([f"--data-dir={tmp_path}"]) == 0
    capsys.readouterr()
    (courses,) = asyncio.run(seen(tmp_path, "user1", "/courses"))
    assert {each["name"]: each["is_default"] for each in courses} == {
        "Another": True,
        "Bhakti Shastri Course": False,
    }


def test_large_courses_come_with_their_participants_and_once(tmp_path, capsys):
    large = ["--courses=5", "--participants=3", f"--data-dir={tmp_path}"]
    for is_first in (True, False):
        assert seed.main(large) == 0
        added = capsys.readouterr().out.splitlines()
        assert ("0 documents were added." in added) is not is_first
    (mine,) = asyncio.run(seen(tmp_path, "user1", "/participants/me/courses"))
    assert [each["progress"]["completed_steps"] for each in mine] == [1, 3, 5, 7, 9]

    async def count(storage: Storage) -> tuple[int, int]:
        attempts = await storage["exam_attempts"].find({}).to_list(None)
        return len(attempts), sum(each["is_awaiting_review"] for each in attempts)

    # Fewer than 200 exams of others are all pending.
    assert with_storage(tmp_path, count) == (5 + 15, 15)


def test_participants_need_courses(tmp_path, capsys):
    with pytest.raises(SystemExit):
        seed.main(["--participants=1", f"--data-dir={tmp_path}"])
    assert "--participants needs --courses=5 or more" in capsys.readouterr().err
