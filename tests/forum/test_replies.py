"""Replying to posts (FORUM section 11, CONTRACT section 4)."""

import asyncio

import pytest

from tests.factories import feed, sign_in_many, stored
from tests.harness import Api, Reply

REQUIRED = {"error": "Reply content is required"}


async def _reply(api: Api, token: str | None, postid: object, content: object = "Hello.") -> Reply:
    body = {"postid": postid, "reply_content": content}
    return await api.post("/api/forum/reply_post/", body, token=token)


async def test_all_replies_are_answered_oldest_first_under_both_names(api: Api):
    one, other = await api.sign_in("user3"), await api.sign_in("user4")
    postid = await api.create_post(one)
    await _reply(api, one, postid, "This is a reply.")
    reply = await _reply(api, other, postid, "This is your new reply.")
    replies = [
        {"reply_id": 1, "username": "user3", "content": "This is a reply."},
        {"reply_id": 2, "username": "user4", "content": "This is your new reply."},
    ]
    expected = {"replies": replies, "reply_content": replies, "reply_count": 2}
    assert (reply.status, reply.body) == (200, expected)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Postid is required"),
        ({"reply_content": "Hello."}, "Postid is required"),
        ({"postid": None, "reply_content": ""}, "Postid is required"),
        ({"postid": 1}, "Reply content is required"),
        ({"postid": 1, "reply_content": None}, "Reply content is required"),
        ({"postid": 1, "reply_content": ""}, "Reply content is required"),
        ({"postid": 1, "reply_content": " \n\u3000"}, "Reply content is required"),
        ({"postid": 99, "reply_content": " "}, "Reply content is required"),
        (
            {"postid": 1, "reply_content": "x" * 2001},
            "Reply content must be at most 2000 characters",
        ),
    ],
)
async def test_what_is_missing_or_too_long_is_400(api: Api, body: dict, message: str):
    token = await api.sign_in()
    await api.create_post(token)
    reply = await api.post("/api/forum/reply_post/", body, token=token)
    assert (reply.status, reply.body) == (400, {"error": message})
    assert await stored(api, "replies") == []


@pytest.mark.parametrize("content", ["x" * 2000, "名" * 2000, " kept as it is \n"])
async def test_content_comes_back_as_it_went_in(api: Api, content: str):
    token = await api.sign_in()
    reply = await _reply(api, token, await api.create_post(token), content)
    assert (reply.status, reply.body["replies"][0]["content"]) == (200, content)


@pytest.mark.parametrize("postid", [0, -1, 2, 2**63 - 1])
async def test_a_reply_to_an_unknown_post_is_404(api: Api, postid: int):
    token = await api.sign_in()
    await api.create_post(token)
    reply = await _reply(api, token, postid)
    assert (reply.status, reply.body) == (404, {"error": "Post not found"})
    assert await stored(api, "replies") == []


async def test_a_reply_to_a_deleted_post_is_refused(api: Api):
    token = await api.sign_in()
    postid = await api.create_post(token)
    await api.post("/api/forum/delete_post/", {"postid": postid}, token=token)
    reply = await _reply(api, token, postid)
    assert (reply.status, reply.body) == (404, {"error": "Post not found"})


@pytest.mark.parametrize(
    ("token", "message"),
    [(None, "Access token is required"), ("rubbish", "Invalid or expired access token")],
)
async def test_a_reply_of_nobody_is_401(api: Api, token: str | None, message: str):
    postid = await api.create_post(await api.sign_in())
    reply = await _reply(api, token, postid)
    assert (reply.status, reply.body) == (401, {"error": message})
    assert await stored(api, "replies") == []


async def test_replies_at_once_are_all_there_and_counted(api: Api):
    tokens = await sign_in_many(api, 10)
    postid = await api.create_post(tokens[0])
    replies = await asyncio.gather(*(_reply(api, token, postid) for token in tokens * 3))
    assert {reply.status for reply in replies} == {200}
    for reply in replies:
        numbers = [shown["reply_id"] for shown in reply.body["replies"]]
        assert numbers == sorted(numbers)
        assert len(numbers) == reply.body["reply_count"]
    (post,) = await feed(api, tokens[0])
    assert post["replies"] == 30
    assert [shown["reply_id"] for shown in post["reply_content"]] == list(range(1, 31))
    (document,) = await stored(api, "posts")
    assert document["replies"] == 30
