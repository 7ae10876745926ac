"""Liking posts (FORUM section 10, CONTRACT section 4)."""

import asyncio

import pytest

from tests.factories import feed, sign_in_many, stored
from tests.harness import Api, Reply


async def _like(api: Api, token: str | None, postid: object) -> Reply:
    return await api.post("/api/forum/like_post/", {"postid": postid}, token=token)


async def test_a_second_like_takes_the_first_back(api: Api):
    token = await api.sign_in()
    postid = await api.create_post(token)
    for likes, isliked in ((1, True), (0, False), (1, True)):
        reply = await _like(api, token, postid)
        assert (reply.status, reply.body) == (200, {"likes": likes, "isliked": isliked})
        assert len(await stored(api, "likes")) == likes


@pytest.mark.parametrize("postid", [None, ""])
async def test_a_missing_post_is_400(api: Api, postid: object):
    reply = await _like(api, await api.sign_in(), postid)
    assert (reply.status, reply.body) == (400, {"error": "Postid is required"})


@pytest.mark.parametrize("postid", [0, -1, 2, 2**63 - 1, -(2**63)])
async def test_an_unknown_post_is_404_and_nothing_is_kept(api: Api, postid: int):
    token = await api.sign_in()
    await api.create_post(token)
    reply = await _like(api, token, postid)
    assert (reply.status, reply.body) == (404, {"error": "Post not found"})
    assert await stored(api, "likes") == []


@pytest.mark.parametrize("token", [None, "rubbish"])
async def test_nobody_likes_nothing(api: Api, token: str | None):
    postid = await api.create_post(await api.sign_in())
    assert (await _like(api, token, postid)).status == 401
    assert await stored(api, "likes") == []


async def test_forty_likes_at_once_are_forty(api: Api):
    tokens = await sign_in_many(api, 40)
    postid = await api.create_post(tokens[0])
    replies = await asyncio.gather(*(_like(api, token, postid) for token in tokens))
    assert sorted(reply.body["likes"] for reply in replies) == list(range(1, 41))
    assert all(reply.body["isliked"] for reply in replies)
    assert len(await stored(api, "likes")) == 40


@pytest.mark.parametrize(("times", "likes"), [(20, 0), (21, 1)])
async def test_one_who_likes_many_times_at_once_likes_once_or_not_at_all(
    api: Api, times: int, likes: int
):
    (token,) = await sign_in_many(api, 1)
    postid = await api.create_post(token)
    replies = await asyncio.gather(*(_like(api, token, postid) for _ in range(times)))
    assert {(r.body["likes"], r.body["isliked"]) for r in replies} == {(1, True), (0, False)}
    (post,) = await feed(api, token)
    assert (post["likes"], post["isliked"]) == (likes, bool(likes))
    assert len(await stored(api, "likes")) == likes


async def test_likes_that_race_with_the_deletion_leave_none_behind(api: Api):
    tokens = await sign_in_many(api, 10)
    postid = await api.create_post(tokens[0])
    replies = await asyncio.gather(
        *(_like(api, token, postid) for token in tokens[:5]),
        api.post("/api/forum/delete_post/", {"postid": postid}, token=tokens[0]),
        *(_like(api, token, postid) for token in tokens[5:]),
    )
    assert {reply.status for reply in replies} <= {200, 404}
    assert await stored(api, "likes") == []
