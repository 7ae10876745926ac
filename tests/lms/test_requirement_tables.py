"""LMS "Requirement Tables" in the hands of managers, by the document's bodies."""

import asyncio
from typing import Any

import pytest

from tests.factories import stored
from tests.harness import Api
from tests.lms.support import (
    UNKNOWN_ID,
    add_course,
    add_step,
    delete,
    manager,
    participant,
    put,
    refusal,
    step,
)
from tests.lms.tables import CHANTING, NAMES, READING, TABLES, add_table, new_step, show_table

NOON = "2025-01-18T10:00:00Z"


async def test_a_manager_keeps_tables_by_the_documents_bodies(api: Api):
    by, reader = await manager(api), await participant(api)
    made = await new_step(api, by)
    body = {**NAMES, "step_id": made["id"], "requirements": [READING, CHANTING]}
    reply = await api.post(TABLES, body, token=by.token)
    shown = {
        "id": reply.body["id"],
        **NAMES,
        "step_id": made["id"],
        "requirements": [CHANTING, READING],
        "created_at": NOON,
        "updated_at": NOON,
    }
    assert (reply.status, reply.body) == (201, shown)
    path = f"{TABLES}/{shown['id']}"
    reply = await api.get(path, token=reader.token)
    assert (reply.status, reply.body) == (200, shown)
    api.clock.advance(minutes=1)
    changes = {"name": "Weekly", "requirements": [{**READING, "target": 2.5}]}
    reply = await put(api, by, path, {**changes, "step_id": made["id"]})
    shown |= {**changes, "updated_at": "2025-01-18T10:01:00Z"}
    assert (reply.status, reply.body) == (200, shown)
    assert (await api.get(path, token=by.token)).body == shown
    reply = await delete(api, by, path)
    assert (reply.status, reply.content) == (204, b"")
    for gone in (path, f"{TABLES}/x", f"{TABLES}/{made['id']}"):
        for reply in (
            await api.get(gone, token=by.token),
            await put(api, by, gone, {"name": "Name"}),
            await delete(api, by, gone),
        ):
            assert refusal(reply) == (404, "Requirement table not found")


async def test_tables_are_listed_whole_or_by_step(api: Api):
    by, reader = await manager(api), await participant(api)
    course_id = (await add_course(api, by))["id"]
    first, second = [(await add_step(api, by, course_id))["id"] for _ in range(2)]
    one = await add_table(api, by, first)
    two = await add_table(api, by, second, CHANTING, name="Other", description="")
    gone = await add_table(api, by, first)
    await delete(api, by, f"{TABLES}/{gone['id']}")
    shown = {
        "id": one["id"],
        **NAMES,
        "step_id": first,
        "requirement_count": 2,
        "created_at": NOON,
    }
    reply = await api.get(f"{TABLES}?step_id={first}", token=reader.token)
    assert (reply.status, reply.body) == (200, [shown])
    reply = await api.get(TABLES, token=reader.token)
    assert [each["id"] for each in reply.body] == [one["id"], two["id"]]
    assert [each["requirement_count"] for each in reply.body] == [2, 1]
    for wrong, message in (
        ("x", "step_id must be an id of 24 hex digits"),
        (course_id, "step_id names no step"),
    ):
        reply = await api.get(f"{TABLES}?step_id={wrong}", token=reader.token)
        assert refusal(reply) == (400, message)


def _row(**changes: Any) -> dict[str, Any]:
    return {"requirements": [CHANTING, {**READING, **changes}]}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": " "}, "name must be 1 to 200 characters in one line"),
    ({"name": 1}, "name: Expected str"),
    ({"description": None}, "description can't be null"),
    ({"description": "a" * 10_001}, "description must be at most 10000 characters, without NUL"),
    ({"requirements": []}, "requirements must have 1 to 200 rows"),
    ({"requirements": [CHANTING] * 201}, "requirements must have 1 to 200 rows"),
    ({"requirements": "rows"}, "requirements: Expected array"),
    ({"requirements": [1]}, "requirements[0]: Expected object, got int"),
    ({"requirements": [CHANTING, CHANTING]}, "requirements must not give two rows the same"),
    (_row(serial_number=0), "requirements: row 2 must have a serial_number of 1 to 1000000"),
    (
        _row(serial_number=1_000_001),
        "requirements: row 2 must have a serial_number of 1 to 1000000",
    ),
    (_row(serial_number=2.5), "requirements[1].serial_number: Expected int, got float"),
    (_row(serial_number="2"), "requirements[1].serial_number: Expected int, got str"),
    (_row(serial_number=True), "requirements[1].serial_number: Expected int, got bool"),
    (_row(serial_number=2**70), "requirements[1].serial_number: Expected int <= "),
    (_row(activity=""), "requirements: row 2: activity must be 1 to 200 characters in one line"),
    (_row(activity=None), "requirements[1].activity: Expected str, got null"),
    (_row(target=-1), "requirements: row 2: target must be 0 to 1000000000"),
    (_row(target=1e10), "requirements: row 2: target must be 0 to 1000000000"),
    (_row(target=10**30), "requirements: row 2: target must be 0 to 1000000000"),
    (_row(target="16"), "requirements[1].target: Expected int | float, got str"),
    (_row(target=False), "requirements[1].target: Expected int | float, got bool"),
    (_row(target={"$gt": 0}), "requirements[1].target: Expected int | float, got object"),
    (_row(unit="a\nb"), "requirements: row 2: unit must be 1 to 200 characters in one line"),
]


async def test_what_a_table_can_not_be_is_refused(api: Api):
    by = await manager(api)
    made = await new_step(api, by)
    table = await add_table(api, by, made["id"])
    for changes, message in WRONG:
        body = {**NAMES, "step_id": made["id"], "requirements": [CHANTING], **changes}
        for reply in (
            await api.post(TABLES, body, token=by.token),
            await put(api, by, f"{TABLES}/{table['id']}", changes),
        ):
            status, said = refusal(reply)
            assert (status, said[: len(message)]) == (400, message), changes
    for missing in ("name", "step_id", "requirements"):
        body = {**NAMES, "step_id": made["id"], "requirements": [CHANTING]}
        reply = await api.post(TABLES, {**body, missing: None}, token=by.token)
        assert refusal(reply)[0] == 400
        del body[missing]
        reply = await api.post(TABLES, body, token=by.token)
        assert refusal(reply) == (400, f"{missing} is required")
    for missing in CHANTING:
        row = {name: value for name, value in CHANTING.items() if name != missing}
        body = {**NAMES, "step_id": made["id"], "requirements": [row]}
        reply = await api.post(TABLES, body, token=by.token)
        assert refusal(reply) == (
            400,
            f"requirements[0]: Object missing required field {missing}",
        )
    assert (await api.get(TABLES, token=by.token)).body == [
        {
            "id": table["id"],
            **NAMES,
            "step_id": made["id"],
            "requirement_count": 2,
            "created_at": NOON,
        }
    ]


async def test_a_table_belongs_to_one_step_for_good(api: Api):
    by = await manager(api)
    course_id = (await add_course(api, by))["id"]
    first, second = [(await add_step(api, by, course_id))["id"] for _ in range(2)]
    table = await add_table(api, by, first)
    for wrong, message in (
        ("x", "step_id must be an id of 24 hex digits"),
        (UNKNOWN_ID, "step_id names no step"),
        (course_id, "step_id names no step"),
    ):
        body = {**NAMES, "step_id": wrong, "requirements": [CHANTING]}
        assert refusal(await api.post(TABLES, body, token=by.token)) == (400, message)
    reply = await put(api, by, f"{TABLES}/{table['id']}", {"step_id": second, "name": "Moved"})
    assert refusal(reply) == (400, "step_id can't be changed; make a table in the other step")
    assert (await api.get(f"{TABLES}/{table['id']}", token=by.token)).body == table


async def test_a_table_that_a_material_shows_stays(api: Api):
    by = await manager(api)
    made = await new_step(api, by)
    table = await add_table(api, by, made["id"])
    material = await show_table(api, by, made["id"], table["id"], title="Tracker")
    reply = await delete(api, by, f"{TABLES}/{table['id']}")
    message = 'The material "Tracker" shows this table; delete it or change its content first'
    assert refusal(reply) == (400, message)
    await delete(api, by, f"/materials/{material['id']}")
    assert (await delete(api, by, f"{TABLES}/{table['id']}")).status == 204
    body = {
        "material_type": "RequirementTable",
        "title": "Late",
        "content": {"requirement_table_id": table["id"]},
    }
    reply = await api.post(f"/steps/{made['id']}/materials", body, token=by.token)
    assert reply.status == 400


async def test_of_a_table_deleted_while_it_is_being_shown_no_material_is_left(api: Api):
    by = await manager(api)
    made = await new_step(api, by)
    for _ in range(5):
        table = await add_table(api, by, made["id"])
        body = {
            "material_type": "RequirementTable",
            "title": "Tracker",
            "content": {"requirement_table_id": table["id"]},
        }
        shown, gone = await asyncio.gather(
            api.post(f"/steps/{made['id']}/materials", body, token=by.token),
            delete(api, by, f"{TABLES}/{table['id']}"),
        )
        assert (shown.status, gone.status) in {(201, 400), (400, 204)}
    live = {each["id"] for each in (await api.get(TABLES, token=by.token)).body}
    materials = (await step(api, by, made["id"]))["materials"]
    assert {each["content"]["requirement_table_id"] for each in materials} == live


async def test_a_table_goes_with_its_step(api: Api):
    by = await manager(api)
    made = await new_step(api, by)
    table = await add_table(api, by, made["id"])
    await show_table(api, by, made["id"], table["id"])
    assert (await delete(api, by, f"/steps/{made['id']}")).status == 204
    reply = await api.get(f"{TABLES}/{table['id']}", token=by.token)
    assert refusal(reply) == (404, "Requirement table not found")


@pytest.mark.parametrize(
    ("method", "path"), [("POST", ""), ("PUT", f"/{UNKNOWN_ID}"), ("DELETE", f"/{UNKNOWN_ID}")]
)
async def test_only_managers_keep_tables(api: Api, method: str, path: str):
    reader = await participant(api)
    reply = await api.call(method, TABLES + path, b"", token=reader.token)
    assert refusal(reply) == (403, "Manager access required")
    assert await stored(api, "requirement_tables") == []
