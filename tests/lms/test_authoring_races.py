"""A course that many managers change at once stays whole."""

import asyncio
from collections import defaultdict
from typing import Any

import pytest
from bson import ObjectId

from tests.factories import stored
from tests.harness import Api
from tests.lms.support import (
    VIDEO,
    add_course,
    add_form,
    add_step,
    add_video,
    delete,
    manager,
    participant,
    put,
)
from tests.lms.tables import CHANTING, TABLES, add_table


async def _live(api: Api, collection: str) -> dict[ObjectId, dict[str, Any]]:
    found = await stored(api, collection, {"is_deleted": False})
    return {each["_id"]: each for each in found}


async def _check_whole(api: Api) -> None:
    """That places are dense, and that nothing names what is gone."""
    courses, steps = await _live(api, "courses"), await _live(api, "steps")
    forms, tables = await _live(api, "forms"), await _live(api, "requirement_tables")
    places = defaultdict(list)
    for step in steps.values():
        assert step["course_id"] in courses
        places[step["course_id"]].append(step["order_index"])
        if step["exam_id"] is not None:
            assert forms[step["exam_id"]]["step_id"] == step["_id"]
    for material in (await _live(api, "materials")).values():
        assert material["step_id"] in steps
        places[material["step_id"]].append(material["order_index"])
        assert material.get("requirement_table_id") in {None, *tables}
    assert all(sorted(each) == list(range(len(each))) for each in places.values())
    assert {table["step_id"] for table in tables.values()} <= set(steps)
    assert {form["step_id"] for form in forms.values()} <= {None, *steps}
    for course in courses.values():
        assert course["default_step_id"] in {None, *steps}


@pytest.mark.parametrize("goes", ["a step", "the exam", "the course"])
async def test_a_course_stays_whole_while_a_part_of_it_goes(api: Api, goes: str):
    by, learner = await manager(api), await participant(api)
    course_id = (await add_course(api, by))["id"]
    a, b, c = [(await add_step(api, by, course_id, name))["id"] for name in "abc"]
    video, form = await add_video(api, by, b), await add_form(api, by, step_id=a)
    table = await add_table(api, by, b)
    new = {"title": "New", "order_index": 0}
    shown = {"requirement_table_id": table["id"]}
    orders = [{"step_id": each, "order_index": place} for place, each in enumerate((c, b, a))]
    gone = {"a step": f"/steps/{b}", "the exam": f"/forms/{form['id']}"}
    deeds = [
        put(api, by, f"/steps/{b}/exam?form_id={form['id']}"),
        put(api, by, f"/courses/{course_id}", {"default_step_id": b}),
        api.post(f"/courses/{course_id}/steps/reorder", {"step_orders": orders}, token=by.token),
        delete(api, by, gone.get(goes, f"/courses/{course_id}")),
        api.post("/steps", {"course_id": course_id, "name": "d", "order_index": 0}, token=by.token),
        put(api, by, f"/steps/{c}", {"previous_step_id": b}),
        put(api, by, f"/steps/{c}/exam?form_id={form['id']}"),
        api.post(
            f"/steps/{b}/materials",
            {**new, "material_type": "Video", "content": {"url": VIDEO}},
            token=by.token,
        ),
        api.post(
            f"/steps/{b}/materials",
            {**new, "material_type": "RequirementTable", "content": shown},
            token=by.token,
        ),
        put(api, by, f"/materials/{video['id']}", {"order_index": 5}),
        put(api, by, f"{TABLES}/{table['id']}", {"requirements": [CHANTING]}),
        delete(api, by, f"{TABLES}/{table['id']}"),
        api.post(f"/steps/{a}/materials-complete", token=learner.token),
        api.get(f"{TABLES}/{table['id']}/my-submission", token=learner.token),
    ]
    replies = await asyncio.gather(*deeds)
    assert {reply.status for reply in replies} <= {200, 201, 204, 400, 403, 404}
    assert replies[3].status == 204
    await _check_whole(api)
