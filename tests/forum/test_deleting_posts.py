"""Deleting posts (FORUM section 12, CONTRACT sections 1 and 4)."""

import asyncio

import pytest

from tests.factories import change_user, feed, stored, upload
from tests.harness import Api, Reply
from tests.pictures import picture

DELETED = {"message": "Post deleted successfully"}
NOT_YOURS = {"error": "You do not have permission to delete this post"}
KEPT = ("posts", "replies", "likes", "pictures.files", "pictures.chunks")


async def _delete(api: Api, token: str | None, postid: object = 1, method: str = "POST") -> Reply:
    return await api.call(method, "/api/forum/delete_post/", {"postid": postid}, token=token)


async def _post_with_all(api: Api, token: str, liker: str) -> int:
    """A post with two pictures, one of several chunks, replies and likes."""
    large = picture("PNG") + bytes(600_000)
    names = [await upload(api, token, large), await upload(api, token)]
    postid = await api.create_post(token, picture_names=names)
    for caller in (token, liker):
        await api.post("/api/forum/like_post/", {"postid": postid}, token=caller)
        body = {"postid": postid, "reply_content": "Hello."}
        await api.post("/api/forum/reply_post/", body, token=caller)
    return postid


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_pictures_replies_and_likes_go_with_their_post_only(api: Api, method: str):
    token, other = await api.sign_in("one"), await api.sign_in("other")
    postid = await _post_with_all(api, token, other)
    await _post_with_all(api, other, token)
    counts = {name: len(await stored(api, name)) for name in KEPT}
    reply = await _delete(api, token, postid, method)
    assert (reply.status, reply.body) == (200, DELETED)
    assert {name: 2 * len(await stored(api, name)) for name in KEPT} == counts
    (post,) = await feed(api, token)
    assert (post["postid"], post["likes"], post["replies"]) == (2, 2, 2)
    assert post["picture_count"] == 2


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("postid", [None, ""])
async def test_a_missing_post_is_400(api: Api, method: str, postid: object):
    reply = await _delete(api, await api.sign_in(), postid, method)
    assert (reply.status, reply.body) == (400, {"error": "Postid is required"})


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("token", [None, "rubbish"])
async def test_without_a_good_token_it_is_the_documented_401(
    api: Api, method: str, token: str | None
):
    await api.create_post(await api.sign_in())
    reply = await _delete(api, token, method=method)
    assert (reply.status, reply.body) == (401, {"error": "User is not authenticated"})
    assert len(await stored(api, "posts")) == 1


@pytest.mark.parametrize("postid", [0, -1, 2, 2**63 - 1])
async def test_an_unknown_post_is_404(api: Api, postid: int):
    token = await api.sign_in()
    await api.create_post(token)
    reply = await _delete(api, token, postid)
    assert (reply.status, reply.body) == (404, {"error": "Post not found"})


LIMITED = {"roles": ["user", "admin"], "permissions": ["manage_users", "view_user_details"]}


@pytest.mark.parametrize(
    ("caller", "status"),
    [
        ({}, 403),
        ({"roles": ["user", "customer_experience"]}, 403),
        ({"roles": ["user", "manager"]}, 403),
        ({"permissions": ["manage_content"]}, 403),
        (LIMITED, 403),
        ({"roles": ["user", "admin"], "permissions": []}, 403),
        ({"roles": ["user", "admin"], "permissions": ["manage_content"]}, 200),
        ({"roles": ["user", "admin"]}, 200),
        ({"roles": ["user", "admin"], "permissions": None}, 200),
        ({"roles": ["user", "superadmin"]}, 200),
        ({"roles": ["user", "superadmin"], "permissions": []}, 200),
    ],
)
async def test_who_deletes_anothers_post(api: Api, caller: dict, status: int):
    author, token = await api.sign_in("author"), await api.sign_in("caller")
    postid = await _post_with_all(api, author, token)
    if caller:
        await change_user(api, "caller", **caller)
    before = {name: await stored(api, name) for name in KEPT}
    reply = await _delete(api, token, postid)
    assert reply.status == status
    if status == 403:
        assert reply.body == NOT_YOURS
        assert {name: await stored(api, name) for name in KEPT} == before
    else:
        assert {name: await stored(api, name) for name in KEPT} == {name: [] for name in KEPT}


async def test_a_role_that_was_taken_away_is_gone_at_the_next_request(api: Api):
    author, token = await api.sign_in("author"), await api.sign_in("caller")
    first, second = await api.create_post(author), await api.create_post(author)
    await change_user(api, "caller", roles=["user", "admin"])
    assert (await _delete(api, token, first)).status == 200
    await change_user(api, "caller", roles=["user"])
    assert (await _delete(api, token, second)).status == 403


async def test_of_many_deletions_at_once_one_is_the_one(api: Api):
    token = await api.sign_in()
    postid = await _post_with_all(api, token, token)
    replies = await asyncio.gather(*(_delete(api, token, postid) for _ in range(10)))
    assert sorted(reply.status for reply in replies) == [200] + [404] * 9
    assert {name: await stored(api, name) for name in KEPT} == {name: [] for name in KEPT}


async def test_replies_that_race_with_the_deletion_leave_none_behind(api: Api):
    token = await api.sign_in()
    postid = await api.create_post(token)
    body = {"postid": postid, "reply_content": "Hello."}
    replies = await asyncio.gather(
        *(api.post("/api/forum/reply_post/", body, token=token) for _ in range(5)),
        _delete(api, token, postid),
        *(api.post("/api/forum/reply_post/", body, token=token) for _ in range(5)),
    )
    assert {reply.status for reply in replies} <= {200, 404}
    assert await stored(api, "replies") == []
