"""LMS "Courses" by the document's bodies, and what managers may do to them."""

import asyncio
from typing import Any

import pytest

from tests.factories import stored
from tests.harness import Api
from tests.lms.support import (
    UNKNOWN_ID,
    add_course,
    course,
    delete,
    manager,
    participant,
    put,
    refusal,
)

CREATE: dict[str, Any] = {
    "name": "Bhakti Shastri Course",
    "description": "In-depth study of Bhagavad-gita",
    "image_url": "https://example.com/image.jpg",
    "is_default": False,
    "previous_course_id": None,
    "order_index": 0,
}
UPDATE: dict[str, Any] = {
    "name": "Updated Course Name",
    "description": "Updated description",
    "image_url": "https://example.com/new-image.jpg",
    "is_default": False,
    "previous_course_id": None,
    "next_course_id": None,
    "is_active": True,
}


async def test_a_manager_keeps_courses_by_the_documents_bodies(api: Api):
    by, reader = await manager(api), await participant(api)
    reply = await api.post("/courses", CREATE, token=by.token)
    shown = {
        **CREATE,
        "id": reply.body["id"],
        "next_course_id": None,
        "default_step_id": None,
        "is_active": True,
        "created_at": "2025-01-18T10:00:00Z",
        "updated_at": "2025-01-18T10:00:00Z",
        "created_by": by.id,
    }
    assert (reply.status, reply.body) == (201, shown)
    assert (await api.get("/courses", token=reader.token)).body == [shown]
    path = f"/courses/{shown['id']}"
    assert (await api.get(path, token=reader.token)).body == {**shown, "steps": []}

    api.clock.advance(minutes=1)
    reply = await put(api, by, path, UPDATE)
    shown |= {**UPDATE, "updated_at": "2025-01-18T10:01:00Z"}
    assert (reply.status, reply.body) == (200, shown)
    reply = await put(api, by, f"{path}/set-default")
    assert (reply.status, reply.body) == (200, shown | {"is_default": True})

    other = await add_course(api, by)
    reply = await delete(api, by, f"/courses/{other['id']}")
    assert (reply.status, reply.content) == (204, b"")
    assert refusal(await api.get(f"/courses/{other['id']}", token=reader.token)) == (
        404,
        "Course not found",
    )
    assert refusal(await delete(api, by, f"/courses/{other['id']}")) == (404, "Course not found")


async def test_lists_are_in_order_and_filtered(api: Api):
    by = await manager(api)
    third = await add_course(api, by, "third", order_index=7)
    first = await add_course(api, by, "first", order_index=0, is_active=False)
    second = await add_course(api, by, "second", order_index=3, is_default=True)
    last = await add_course(api, by, "last")
    assert last["order_index"] == 8
    await put(api, by, f"/courses/{last['id']}", {"order_index": 10**9})
    very_last = await add_course(api, by, "very last")
    assert very_last["order_index"] == 10**9

    async def names(query: str) -> list[str]:
        reply = await api.get(f"/courses{query}", token=by.token)
        return [each["name"] for each in reply.body]

    in_order = [each["name"] for each in (first, second, third, last, very_last)]
    assert await names("") == in_order
    assert await names("?is_active=true") == ["second", "third", "last", "very last"]
    assert await names("?is_active=False") == ["first"]
    assert await names("?is_default=true") == ["second"]
    assert await names("?is_active=true&is_default=false") == ["third", "last", "very last"]
    for query in ("?is_active=yes", "?is_default=", "?is_default=1"):
        assert refusal(await api.get(f"/courses{query}", token=by.token)) == (
            400,
            f"{query[1:].split('=')[0]} must be true or false",
        )


async def test_what_a_course_can_not_be_is_refused_and_nothing_changes(api: Api):
    by = await manager(api)
    made = (await api.post("/courses", CREATE, token=by.token)).body
    before = await course(api, by, made["id"])
    wrong: list[tuple[dict[str, Any], str | None]] = [
        ({"name": ""}, None),
        ({"name": "  "}, "name must be 1 to 200 characters in one line"),
        ({"name": "x" * 201}, "name must be 1 to 200 characters in one line"),
        ({"name": 1}, None),
        ({"description": None}, "description can't be null"),
        ({"image_url": "ftp://example.com/a.jpg"}, None),
        ({"image_url": "https://"}, None),
        ({"image_url": "/image.jpg"}, None),
        ({"order_index": -1}, "order_index must be 0 to 1000000000"),
        ({"order_index": 10**9 + 1}, "order_index must be 0 to 1000000000"),
        ({"order_index": 1.5}, None),
        ({"order_index": True}, None),
        ({"order_index": None}, "order_index can't be null"),
        ({"is_active": None}, "is_active can't be null"),
        ({"is_default": "true"}, None),
        ({"previous_course_id": "x"}, "previous_course_id must be an id of 24 hex digits"),
        ({"next_course_id": UNKNOWN_ID}, "next_course_id names no course"),
        ({"next_course_id": by.id}, "next_course_id names no course"),
    ]
    for changes, message in wrong:
        for reply in (
            await put(api, by, f"/courses/{made['id']}", changes),
            await api.post("/courses", {"name": "New", **changes}, token=by.token),
        ):
            status, said = refusal(reply)
            assert (status, message or said) == (400, said), changes
    assert refusal(await api.post("/courses", {}, token=by.token)) == (400, "name is required")
    assert refusal(await put(api, by, f"/courses/{made['id']}", {"name": None})) == (
        400,
        "name can't be null",
    )
    wrong_step = await put(api, by, f"/courses/{made['id']}", {"default_step_id": UNKNOWN_ID})
    assert refusal(wrong_step) == (400, "default_step_id names no step of this course")
    assert await course(api, by, made["id"]) == before
    assert len(await stored(api, "courses")) == 1


@pytest.mark.parametrize("course_id", ["x", UNKNOWN_ID])
async def test_a_course_that_is_not_there_is_404(api: Api, course_id: str):
    by = await manager(api)
    path = f"/courses/{course_id}"
    for reply in (
        await api.get(path, token=by.token),
        await put(api, by, path, UPDATE),
        await put(api, by, f"{path}/set-default"),
        await delete(api, by, path),
        await api.post(f"{path}/enroll", token=by.token),
    ):
        assert refusal(reply) == (404, "Course not found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/courses"),
        ("PUT", "/courses/{id}"),
        ("DELETE", "/courses/{id}"),
        ("PUT", "/courses/{id}/set-default"),
    ],
)
async def test_only_managers_keep_courses(api: Api, method: str, path: str):
    by, reader = await manager(api), await participant(api)
    made = await add_course(api, by)
    reply = await api.call(method, path.format(id=made["id"]), UPDATE, token=reader.token)
    assert refusal(reply) == (403, "Manager access required")
    (kept,) = await stored(api, "courses")
    assert (kept["name"], kept["is_default"], kept["is_deleted"]) == ("Course", False, False)


async def test_once_there_is_a_default_course_there_is_one(api: Api):
    by = await manager(api)
    first = await add_course(api, by, is_default=True)
    second = await add_course(api, by, is_default=True)

    async def defaults() -> list[str]:
        reply = await api.get("/courses?is_default=true", token=by.token)
        return [each["id"] for each in reply.body]

    assert await defaults() == [second["id"]]
    assert refusal(await put(api, by, f"/courses/{second['id']}", {"is_default": False})) == (
        400,
        "The default course can't be unset; make another the default first",
    )
    assert refusal(await delete(api, by, f"/courses/{second['id']}")) == (
        400,
        "The default course can't be deleted; make another the default first",
    )
    assert await defaults() == [second["id"]]
    assert (await put(api, by, f"/courses/{first['id']}", {"is_default": True})).status == 200
    assert await defaults() == [first["id"]]
    assert (await delete(api, by, f"/courses/{second['id']}")).status == 204


async def test_of_many_who_set_the_default_at_once_one_stays(api: Api):
    by = await manager(api)
    made = [await add_course(api, by, str(number)) for number in range(8)]
    replies = await asyncio.gather(
        *(put(api, by, f"/courses/{each['id']}/set-default") for each in made),
        *(delete(api, by, f"/courses/{each['id']}") for each in made[:4]),
    )
    assert {reply.status for reply in replies[:8]} <= {200, 404}
    assert {reply.status for reply in replies[8:]} <= {204, 400}
    kept = await stored(api, "courses", {"is_default": True})
    assert [each["is_deleted"] for each in kept] == [False]
