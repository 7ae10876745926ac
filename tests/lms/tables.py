"""Requirement tables for tests: the document's own, and what is done in it."""

from typing import Any

from tests.harness import Api, Reply
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


async def mine(api: Api, by: Person, table_id: str, query: str = "") -> dict[str, Any]:
    """What somebody did in a table."""
    reply = await api.get(f"{TABLES}/{table_id}/my-submission{query}", token=by.token)
    assert reply.status == 200, reply
    return dict(reply.body)


async def fill(api: Api, by: Person, submission_id: str, *serial_numbers: int) -> Reply:
    """The answer to completing the last of some rows, one after the other."""
    for serial_number in serial_numbers:
        body = {"serial_number": serial_number, "completed": True}
        reply = await api.post(f"{SUBMISSIONS}/{submission_id}/rows", body, token=by.token)
        assert reply.status == 200, reply
    return reply


async def submit(api: Api, by: Person, submission_id: str) -> Reply:
    """Offer a table for review."""
    return await api.post(f"{SUBMISSIONS}/{submission_id}/submit", token=by.token)


async def decide(
    api: Api, by: Person, submission_id: str, serial_number: int, approved: bool = True, **more: Any
) -> Reply:
    """Approve a row, or reject it."""
    path = f"{SUBMISSIONS}/{submission_id}/rows/{serial_number}/approve"
    return await api.post(path, {"approved": approved, **more}, token=by.token)


async def approve(api: Api, by: Person, submission_id: str) -> Reply:
    """Approve a whole table."""
    return await api.post(f"{SUBMISSIONS}/{submission_id}/approve", token=by.token)


async def waiting(api: Api, by: Person, query: str = "") -> list[dict[str, Any]]:
    """What awaits review."""
    reply = await api.get(f"{SUBMISSIONS}/pending{query}", token=by.token)
    assert reply.status == 200, reply
    return list(reply.body)
