"""Requirement tables for tests: the document's own, and what is done in it."""

from typing import Any

from tests.harness import Api
from tests.lms.support import add_course, add_step
from tests.shop.people import Person

CHANTING: dict[str, Any] = {
    "serial_number": 1,
    "activity": "Chanting Rounds",
    "target": 16,
    "unit": "rounds",
}
READING: dict[str, Any] = {
    "serial_number": 2,
    "activity": "Reading Bhagavad-gita",
    "target": 30,
    "unit": "minutes",
}
NAMES = {
    "name": "Daily Sadhana Tracker",
    "description": "Track your daily spiritual practices",
}
TABLES = "/requirement-tables"
SUBMISSIONS = f"{TABLES}/submissions"


async def new_step(api: Api, by: Person) -> dict[str, Any]:
    """The first step of a new course."""
    return await add_step(api, by, (await add_course(api, by))["id"])


async def add_table(api: Api, by: Person, step_id: str, *rows: Any, **more: Any) -> dict[str, Any]:
    """A new requirement table, with the document's two rows unless others are given."""
    body = {**NAMES, "step_id": step_id, "requirements": rows or [CHANTING, READING], **more}
    reply = await api.post(TABLES, body, token=by.token)
    assert reply.status == 201, reply
    return dict(reply.body)


async def show_table(
    api: Api, by: Person, step_id: str, table_id: str, **more: Any
) -> dict[str, Any]:
    """A new material that shows a table."""
    body = {
        "material_type": "RequirementTable",
        "title": "Daily Sadhana Tracker",
        "content": {"requirement_table_id": table_id},
        **more,
    }
    reply = await api.post(f"/steps/{step_id}/materials", body, token=by.token)
    assert reply.status == 201, reply
    return dict(reply.body)
