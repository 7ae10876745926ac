"""What tests of the LMS begin with: people, courses, and what an answer says."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from tests.harness import Api, Reply
from tests.shop.people import Person, join_as

QUESTIONS: list[dict[str, Any]] = [
    {
        "question_id": "q1",
        "question_type": "MCQ",
        "question_text": "What is Bhakti?",
        "options": [
            {"option_id": "a", "text": "Devotion", "is_correct": True},
            {"option_id": "b", "text": "Knowledge", "is_correct": False},
        ],
        "marks": 5,
    },
    {
        "question_id": "q2",
        "question_type": "THEORY",
        "question_text": "Explain chanting",
        "marks": 10,
        "max_words": 200,
    },
]
VIDEO = "https://youtube.com/watch?v=example"
UNKNOWN_ID = "507f1f77bcf86cd799439011"
T = TypeVar("T")


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


async def add_step(
    api: Api, by: Person, course_id: str, name: str = "Step", **more: Any
) -> dict[str, Any]:
    """A new step of a course, at its end unless `more` says where."""
    reply = await api.post("/steps", {"course_id": course_id, "name": name, **more}, token=by.token)
    assert reply.status == 201, reply
    return dict(reply.body)


async def add_video(
    api: Api, by: Person, step_id: str, title: str = "Video", **more: Any
) -> dict[str, Any]:
    """A new material of a step, at its end unless `more` says where."""
    body = {"material_type": "Video", "title": title, "content": {"url": VIDEO}, **more}
    reply = await api.post(f"/steps/{step_id}/materials", body, token=by.token)
    assert reply.status == 201, reply
    return dict(reply.body)


async def step(api: Api, by: Person, step_id: str, query: str = "") -> dict[str, Any]:
    """A step as somebody sees it."""
    reply = await api.get(f"/steps/{step_id}{query}", token=by.token)
    assert reply.status == 200, reply
    return dict(reply.body)


async def step_names(api: Api, by: Person, course_id: str) -> list[str]:
    """The names of a course's steps in their order, whose places are dense."""
    steps = (await course(api, by, course_id))["steps"]
    assert [each["order_index"] for each in steps] == list(range(len(steps)))
    return [each["name"] for each in steps]


async def add_form(api: Api, by: Person, name: str = "Exam", **more: Any) -> dict[str, Any]:
    """A new form with the document's two questions."""
    body = {"name": name, "duration_minutes": 30, "questions": QUESTIONS, **more}
    reply = await api.post("/forms", body, token=by.token)
    assert reply.status == 201, reply
    return dict(reply.body)


async def with_turns(work: Awaitable[T]) -> tuple[T, int]:
    """What comes of some work, and how often others had their turn meanwhile."""
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    others = asyncio.create_task(take_turns())
    try:
        return await work, turns
    finally:
        others.cancel()
