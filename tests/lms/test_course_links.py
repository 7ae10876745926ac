"""Courses before and after each other: both sides agree, and nothing runs in a circle."""

import asyncio
from typing import Any

from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from services.lms.course_links import CourseLoop, Links, with_next, with_previous, without
from tests.harness import Api
from tests.lms.support import add_course, course, delete, manager, put, refusal

IDS = [ObjectId(f"{number:024x}") for number in range(6)]
LOOP = "Courses can't follow each other in a loop; choose another course"
_changes = st.lists(
    st.tuples(
        st.sampled_from((with_previous, with_next)),
        st.sampled_from(IDS),
        st.none() | st.sampled_from(IDS),
    ),
    max_size=20,
)


def _check(chain: dict[ObjectId, Links]) -> None:
    for course_id, links in chain.items():
        if links.next is not None:
            assert chain[links.next].previous == course_id
        if links.previous is not None:
            assert chain[links.previous].next == course_id
        seen = {course_id}
        following = links.next
        while following is not None:
            assert following not in seen
            seen.add(following)
            following = chain[following].next


@given(_changes, st.sampled_from(IDS))
def test_whatever_is_linked_both_sides_agree_and_no_loop_is_made(
    changes: list[Any], gone: ObjectId
):
    chain = {course_id: Links() for course_id in IDS}
    for change, course_id, other in changes:
        before = dict(chain)
        try:
            chain = change(chain, course_id, other)
        except CourseLoop:
            assert chain == before
            continue
        named = chain[course_id]
        assert other == (named.previous if change is with_previous else named.next)
        _check(chain)
    previous, following = chain[gone].previous, chain[gone].next
    chain = without(chain, gone)
    _check(chain)
    if previous is not None:
        assert chain[previous].next == following


async def _chain(api: Api, by: Any, *ids: str) -> list[tuple[str | None, str | None]]:
    shown = [await course(api, by, course_id) for course_id in ids]
    return [(each["previous_course_id"], each["next_course_id"]) for each in shown]


async def test_links_are_kept_on_both_sides(api: Api):
    by = await manager(api)
    a = (await add_course(api, by))["id"]
    b = (await add_course(api, by, previous_course_id=a))["id"]
    c = (await add_course(api, by))["id"]
    reply = await put(api, by, f"/courses/{b}", {"next_course_id": c})
    assert reply.body["next_course_id"] == c
    assert await _chain(api, by, a, b, c) == [(None, b), (a, c), (b, None)]
    d = (await add_course(api, by, previous_course_id=a))["id"]
    assert await _chain(api, by, a, b, c, d) == [(None, d), (None, c), (b, None), (a, None)]
    assert (await put(api, by, f"/courses/{d}", {"next_course_id": b})).status == 200
    assert await _chain(api, by, a, b, c, d) == [(None, d), (d, c), (b, None), (a, b)]
    assert (await delete(api, by, f"/courses/{b}")).status == 204
    assert await _chain(api, by, a, c, d) == [(None, d), (d, None), (a, c)]
    assert (await put(api, by, f"/courses/{d}", {"previous_course_id": None})).status == 200
    assert await _chain(api, by, a, c, d) == [(None, None), (d, None), (None, c)]


async def test_both_links_given_at_once_turn_a_chain_round(api: Api):
    by = await manager(api)
    a = (await add_course(api, by))["id"]
    b = (await add_course(api, by, previous_course_id=a))["id"]
    c = (await add_course(api, by, previous_course_id=b))["id"]
    assert await _chain(api, by, a, b, c) == [(None, b), (a, c), (b, None)]
    reply = await put(api, by, f"/courses/{b}", {"previous_course_id": c, "next_course_id": a})
    assert reply.status == 200
    assert await _chain(api, by, a, b, c) == [(b, None), (c, a), (None, b)]
    reply = await put(api, by, f"/courses/{b}", {"previous_course_id": c, "next_course_id": c})
    assert refusal(reply) == (400, LOOP)
    assert await _chain(api, by, a, b, c) == [(b, None), (c, a), (None, b)]


async def test_a_loop_is_refused_and_nothing_changes(api: Api):
    by = await manager(api)
    a = (await add_course(api, by))["id"]
    b = (await add_course(api, by, previous_course_id=a))["id"]
    c = (await add_course(api, by, previous_course_id=b))["id"]
    linked = await _chain(api, by, a, b, c)
    for course_id, changes in (
        (a, {"previous_course_id": a}),
        (a, {"previous_course_id": c}),
        (a, {"name": "Other", "previous_course_id": b}),
        (c, {"next_course_id": a}),
        (a, {"previous_course_id": b, "next_course_id": b}),
    ):
        assert refusal(await put(api, by, f"/courses/{course_id}", changes)) == (400, LOOP)
    assert await _chain(api, by, a, b, c) == linked
    assert (await course(api, by, a))["name"] == "Course"


async def test_links_made_at_once_make_no_loop(api: Api):
    by = await manager(api)
    ids = [(await add_course(api, by, str(number)))["id"] for number in range(6)]
    replies = await asyncio.gather(
        *(
            put(api, by, f"/courses/{ids[number]}", {"next_course_id": ids[(number + 1) % 6]})
            for number in range(6)
        )
    )
    assert sorted(reply.status for reply in replies) == [200] * 5 + [400]
    ends = await _chain(api, by, *ids)
    assert sorted(previous is None for previous, _ in ends) == [False] * 5 + [True]
    assert sorted(following is None for _, following in ends) == [False] * 5 + [True]
