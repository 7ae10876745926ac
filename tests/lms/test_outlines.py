"""Outlines are remembered, never old, and never too many."""

from contextlib import suppress
from typing import Any

import pytest
from bson import ObjectId

from repositories.lms.courses import CourseRepository
from repositories.lms.materials import MaterialRepository
from repositories.lms.requirement_tables import RequirementTableRepository
from repositories.lms.steps import StepRepository
from repositories.types import Document
from services.lms import outlines as module
from services.lms.outlines import Outlines
from tests.harness import Api
from tests.lms.support import add_course, add_step, add_video, manager, put, with_turns


def _outlines(api: Api) -> Outlines:
    storage = api.agora.storage
    return Outlines(
        CourseRepository(storage),
        StepRepository(storage),
        MaterialRepository(storage),
        RequirementTableRepository(storage),
    )


async def _stored(api: Api, course_id: str) -> Document:
    found = await CourseRepository(api.agora.storage).find(ObjectId(course_id))
    assert found is not None
    return found


async def test_an_outline_is_read_once_until_something_in_the_course_changes(api: Api):
    by, outlines = await manager(api), _outlines(api)
    made = await add_course(api, by)
    step = await add_step(api, by, made["id"])
    await add_video(api, by, step["id"])
    first = await outlines.get(await _stored(api, made["id"]))
    planned = len(api.plans)
    course = await _stored(api, made["id"])
    assert await outlines.get(course) is first
    assert len(api.plans) == planned + 1
    await put(api, by, f"/courses/{made['id']}", {"name": "Renamed"})
    assert await outlines.get(await _stored(api, made["id"])) is first
    await put(api, by, f"/steps/{step['id']}", {"name": "Renamed"})
    second = await outlines.get(await _stored(api, made["id"]))
    assert (second.version, second.steps[0].name) == (first.version + 1, "Renamed")
    assert second.steps[0].materials == first.steps[0].materials


async def test_of_an_outline_that_changes_while_it_is_read_nothing_stays(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    by, outlines = await manager(api), _outlines(api)
    made = await add_course(api, by)
    course = await _stored(api, made["id"])
    read = StepRepository.of_course

    async def changed_meanwhile(self: StepRepository, *args: Any, **options: Any) -> Any:
        monkeypatch.setattr(StepRepository, "of_course", read)
        found = await read(self, *args, **options)
        await add_step(api, by, made["id"])
        return found

    monkeypatch.setattr(StepRepository, "of_course", changed_meanwhile)
    assert (await outlines.get(course)).steps == ()
    assert len((await outlines.get(await _stored(api, made["id"]))).steps) == 1
    planned = len(api.plans)
    await outlines.get(course)
    assert len(api.plans) > planned


async def test_of_an_outline_whose_change_is_undone_nothing_stays(api: Api):
    """As when the disk has no room for the commit that several transactions share."""
    by, outlines, storage = await manager(api), _outlines(api), api.agora.storage
    made = await add_course(api, by)
    step = await add_step(api, by, made["id"])
    courses, steps = CourseRepository(storage), StepRepository(storage)
    with suppress(OSError):
        async with storage.transaction() as tx:
            course = await courses.lock_outline(ObjectId(made["id"]), tx=tx)
            assert course is not None
            await steps.change(ObjectId(step["id"]), {"name": "Undone"}, tx=tx)
            assert (await outlines.get(course, tx=tx)).steps[0].name == "Undone"
            raise OSError("no room")
    await put(api, by, f"/steps/{step['id']}", {"name": "Renamed"})
    course = await _stored(api, made["id"])
    assert (await outlines.get(course)).steps[0].name == "Renamed"


async def test_no_more_outlines_are_remembered_than_there_is_room_for(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "_REMEMBERED_PARTS", 4)
    by, outlines = await manager(api), _outlines(api)
    courses = []
    for _ in range(3):
        made = await add_course(api, by)
        await add_step(api, by, made["id"])
        courses.append(await _stored(api, made["id"]))
    first, second, third = courses
    kept = [await outlines.get(course) for course in (first, second, first, third)]
    assert kept[0] is kept[2]
    assert await outlines.get(first) is kept[0]
    assert await outlines.get(third) is kept[3]
    assert await outlines.get(second) is not kept[1]


async def test_requests_come_in_between_the_steps_of_a_long_course(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "_STEPS_AT_ONCE", 2)
    by, outlines = await manager(api), _outlines(api)
    made = await add_course(api, by)
    steps = [await add_step(api, by, made["id"], f"Step {number}") for number in range(5)]
    videos = [await add_video(api, by, step["id"]) for step in steps]
    outline, turns = await with_turns(outlines.get(await _stored(api, made["id"])))
    assert turns >= 3
    assert [step.name for step in outline.steps] == [step["name"] for step in steps]
    assert [[str(each.id) for each in step.materials] for step in outline.steps] == [
        [video["id"]] for video in videos
    ]
