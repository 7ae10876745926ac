"""Reading the forum (FORUM section 6, CONTRACT section 4)."""

import pytest

from tests.factories import feed
from tests.harness import Api


async def _numbers(api: Api, token: str, **page: object) -> list[int]:
    return [post["postid"] for post in await feed(api, token, **page)]


async def test_a_post_is_shown_with_all_that_the_document_names(api: Api):
    author, reader = await api.sign_in("user1"), await api.sign_in("user3")
    postid = await api.create_post(author, "This is a forum post.")
    await api.post("/api/forum/like_post/", {"postid": postid}, token=reader)
    body = {"postid": postid, "reply_content": "This is a reply."}
    await api.post("/api/forum/reply_post/", body, token=reader)
    reply = await api.post("/api/forum/posts/", token=reader)
    post = {
        "postid": 1,
        "username": "user1",
        "content": "This is a forum post.",
        "created_at": "2025-01-18T10:00:00Z",
        "picture_count": 0,
        "likes": 1,
        "replies": 1,
        "reply_content": [{"reply_id": 1, "username": "user3", "content": "This is a reply."}],
        "isliked": True,
    }
    assert (reply.status, reply.body) == (200, {"posts": [post]})
    assert await feed(api, author) == [{**post, "isliked": False}]


async def test_an_empty_forum_is_an_empty_list(api: Api):
    reply = await api.post("/api/forum/posts/", token=await api.sign_in())
    assert (reply.status, reply.body) == (200, {"posts": []})


async def test_pages_of_ten_newest_first(api: Api):
    token = await api.sign_in()
    for number in range(1, 26):
        assert await api.create_post(token) == number
    for nothing in ({}, {"last_post_id": None}):
        assert await _numbers(api, token, **nothing) == list(range(25, 15, -1))
    assert await _numbers(api, token, last_post_id=16) == list(range(15, 5, -1))
    assert await _numbers(api, token, last_post_id=6) == [5, 4, 3, 2, 1]
    assert await _numbers(api, token, last_post_id=1) == []


@pytest.mark.parametrize("number", [0, -1, -(2**63)])
async def test_below_the_first_post_there_is_nothing(api: Api, number: int):
    token = await api.sign_in()
    await api.create_post(token)
    assert await _numbers(api, token, last_post_id=number) == []


@pytest.mark.parametrize("number", [2, 1000, 2**63 - 1])
async def test_a_number_beyond_the_last_begins_with_the_newest(api: Api, number: int):
    token = await api.sign_in()
    await api.create_post(token)
    assert await _numbers(api, token, last_post_id=number) == [1]


async def test_a_page_is_ten_posts_also_over_deleted_ones(api: Api):
    token = await api.sign_in()
    for _ in range(15):
        await api.create_post(token)
    for postid in (14, 12, 8):
        await api.post("/api/forum/delete_post/", {"postid": postid}, token=token)
    assert await _numbers(api, token) == [15, 13, 11, 10, 9, 7, 6, 5, 4, 3]
    assert await _numbers(api, token, last_post_id=8) == [7, 6, 5, 4, 3, 2, 1]


async def test_a_deleted_posts_number_is_not_given_again(api: Api):
    token = await api.sign_in()
    await api.post("/api/forum/delete_post/", {"postid": await api.create_post(token)}, token=token)
    assert await api.create_post(token) == 2


async def test_each_reader_sees_the_likes_that_are_theirs(api: Api):
    one, other = await api.sign_in("one"), await api.sign_in("other")
    for _ in range(3):
        await api.create_post(one)
    await api.post("/api/forum/like_post/", {"postid": 1}, token=one)
    await api.post("/api/forum/like_post/", {"postid": 3}, token=other)
    await api.post("/api/forum/like_post/", {"postid": 1}, token=other)
    assert [(p["likes"], p["isliked"]) for p in await feed(api, one)] == [
        (1, False),
        (0, False),
        (2, True),
    ]
    assert [(p["likes"], p["isliked"]) for p in await feed(api, other)] == [
        (1, True),
        (0, False),
        (2, True),
    ]


async def test_replies_are_under_their_post_oldest_first(api: Api):
    one, other = await api.sign_in("one"), await api.sign_in("other")
    for _ in range(2):
        await api.create_post(one)
    for number, (token, postid) in enumerate([(one, 2), (other, 1), (other, 2), (one, 1)], 1):
        body = {"postid": postid, "reply_content": f"reply {number}"}
        await api.post("/api/forum/reply_post/", body, token=token)
    newest, oldest = await feed(api, one)
    assert [reply["reply_id"] for reply in newest["reply_content"]] == [1, 3]
    assert [reply["username"] for reply in newest["reply_content"]] == ["one", "other"]
    assert [reply["content"] for reply in oldest["reply_content"]] == ["reply 2", "reply 4"]
    assert (newest["replies"], oldest["replies"]) == (2, 2)
