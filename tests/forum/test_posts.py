"""Publishing posts (FORUM section 8, CONTRACT section 4)."""

import asyncio

import pytest

from tests.factories import feed, sign_in_many, stored, upload
from tests.harness import Api, Reply


async def _create(api: Api, token: str, content: object = "A post.", **more: object) -> Reply:
    return await api.post("/api/forum/create_post/", {"content": content, **more}, token=token)


def _not_yours(filename: str) -> dict[str, str]:
    return {"error": f"Picture {filename} is not an unused upload of yours; upload it first"}


async def test_the_answer_has_the_number_and_the_time(api: Api):
    token = await api.sign_in()
    api.clock.advance(microseconds=999_999)
    reply = await _create(api, token, "This is a new forum post.")
    expected = {"postid": 1, "created_at": "2025-01-18T10:00:00Z"}
    assert (reply.status, reply.body) == (201, expected)


@pytest.mark.parametrize(
    "content", ["x", "x" * 10_000, "名" * 10_000, "  kept as it is\n", "<b>&amp;</b>", "\0", "🙂"]
)
async def test_content_comes_back_as_it_went_in(api: Api, content: str):
    token = await api.sign_in()
    assert (await _create(api, token, content)).status == 201
    (post,) = await feed(api, token)
    assert post["content"] == content


@pytest.mark.parametrize("content", [None, "", " ", "\n\t \u3000"])
async def test_blank_content_is_missing(api: Api, content: object):
    token = await api.sign_in()
    reply = await _create(api, token, content)
    assert (reply.status, reply.body) == (400, {"error": "Content is required"})
    assert await feed(api, token) == []


async def test_content_has_at_most_10000_characters(api: Api):
    reply = await _create(api, await api.sign_in(), "x" * 10_001)
    expected = {"error": "Content must be at most 10000 characters"}
    assert (reply.status, reply.body) == (400, expected)


async def test_a_post_without_a_token_is_not_published(api: Api):
    reply = await api.post("/api/forum/create_post/", {"content": "A post."})
    assert (reply.status, reply.body) == (401, {"error": "Access token is required"})
    assert await stored(api, "posts") == []


@pytest.mark.parametrize("counted", [True, False])
@pytest.mark.parametrize("pictures", [0, 1, 9])
async def test_a_post_shows_up_to_nine_pictures(api: Api, pictures: int, counted: bool):
    token = await api.sign_in()
    names = [await upload(api, token) for _ in range(pictures)]
    count = {"picture_count": pictures} if counted else {}
    assert (await _create(api, token, picture_names=names, **count)).status == 201
    (post,) = await feed(api, token)
    assert post["picture_count"] == pictures


async def test_ten_pictures_are_too_many(api: Api):
    token = await api.sign_in()
    names = [await upload(api, token) for _ in range(10)]
    reply = await _create(api, token, picture_names=names)
    assert (reply.status, reply.body) == (400, {"error": "A post can have at most 9 pictures"})
    assert {file["metadata"]["used_by"] for file in await stored(api, "pictures.files")} == {None}


@pytest.mark.parametrize(
    ("count", "uploaded"), [(1, 0), (-1, 0), (0, 1), (2, 1), (-1, 1), (2**63 - 1, 1)]
)
async def test_a_count_that_is_not_the_number_of_names_is_400(api: Api, count: int, uploaded: int):
    token = await api.sign_in()
    names = [await upload(api, token) for _ in range(uploaded)]
    reply = await _create(api, token, picture_count=count, picture_names=names)
    expected = f"picture_count must equal the number of picture_names ({uploaded})"
    assert (reply.status, reply.body) == (400, {"error": expected})


async def test_null_counts_and_names_are_none(api: Api):
    token = await api.sign_in()
    assert (await _create(api, token, picture_count=None, picture_names=None)).status == 201


async def test_anothers_picture_is_refused(api: Api):
    token, other = await api.sign_in("one"), await api.sign_in("other")
    name = await upload(api, other)
    reply = await _create(api, token, picture_names=[name])
    assert (reply.status, reply.body) == (400, _not_yours(name))
    assert (await _create(api, other, picture_names=[name])).status == 201


async def test_a_picture_is_used_once(api: Api):
    token = await api.sign_in()
    name = await upload(api, token)
    await _create(api, token, picture_names=[name])
    reply = await _create(api, token, picture_names=[name])
    assert (reply.status, reply.body) == (400, _not_yours(name))
    assert len(await feed(api, token)) == 1


async def test_a_picture_twice_in_one_post_is_refused_and_stays_unused(api: Api):
    token = await api.sign_in()
    name = await upload(api, token)
    reply = await _create(api, token, picture_names=[name, name])
    assert (reply.status, reply.body) == (400, _not_yours(name))
    assert (await _create(api, token, picture_names=[name])).status == 201


@pytest.mark.parametrize("name", ["", "unknown.png", "../../etc/passwd", "\0", "x" * 200])
async def test_an_unknown_picture_is_refused(api: Api, name: str):
    token = await api.sign_in()
    good = await upload(api, token)
    reply = await _create(api, token, picture_names=[good, name])
    assert (reply.status, reply.body) == (400, _not_yours(name[:100]))
    assert (await _create(api, token, picture_names=[good])).status == 201


async def test_an_avatar_is_no_picture_of_a_post(api: Api):
    token = await api.sign_in()
    await upload(api, token)
    (file,) = await stored(api, "pictures.files")
    await api.agora.storage["pictures.files"].update_one(
        {"_id": file["_id"]}, {"$set": {"metadata.used_by": file["metadata"]["owner_id"]}}
    )
    reply = await _create(api, token, picture_names=[file["filename"]])
    assert (reply.status, reply.body) == (400, _not_yours(file["filename"]))


async def test_of_many_posts_with_one_picture_at_once_one_is_published(api: Api):
    token = await api.sign_in()
    name = await upload(api, token)
    replies = await asyncio.gather(*(_create(api, token, picture_names=[name]) for _ in range(20)))
    assert sorted(reply.status for reply in replies) == [201] + [400] * 19
    (post,) = await feed(api, token)
    assert (post["postid"], post["picture_count"]) == (1, 1)


async def test_posts_at_once_get_a_number_each(api: Api):
    tokens = await sign_in_many(api, 8)
    replies = await asyncio.gather(*(_create(api, token) for token in tokens * 3))
    assert sorted(reply.body["postid"] for reply in replies) == list(range(1, 25))
