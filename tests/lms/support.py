"""What tests of the LMS begin with: people, courses, and what an answer says."""

from typing import Any

from tests.harness import Api, Reply
from tests.shop.people import Person, join_as

UNKNOWN_ID = "507f1f77bcf86cd799439011"


async def manager(api: Api, name: str = "manager") -> Person:
    """A manager."""
    return await join_as(api, "manager", name)


async def participant(api: Api, name: str = "participant") -> Person:
    """Somebody who learns."""
    return await join_as(api, "user", name)


def refusal(reply: Reply) -> tuple[int, str]:
    """The status and the message of an error, in the envelope of LMS and nothing beside it."""
    assert reply.body.keys() == {"detail"}, reply
    return reply.status, reply.body["detail"]


async def add_course(api: Api, by: Person, name: str = "Course", **more: Any) -> dict[str, Any]:
    """A new course."""
    reply = await api.post("/courses", {"name": name, **more}, token=by.token)
    assert reply.status == 201, reply
    return dict(reply.body)


async def course(api: Api, by: Person, course_id: str) -> dict[str, Any]:
    """A course as somebody sees it."""
    reply = await api.get(f"/courses/{course_id}", token=by.token)
    assert reply.status == 200, reply
    return dict(reply.body)


async def put(api: Api, by: Person, path: str, body: Any = None) -> Reply:
    """PUT as somebody."""
    return await api.call("PUT", path, b"" if body is None else body, token=by.token)


async def delete(api: Api, by: Person, path: str) -> Reply:
    """DELETE as somebody."""
    return await api.call("DELETE", path, token=by.token)
