"""The caller's profile (FORUM sections 16 and 17, CONTRACT section 4)."""

import asyncio
import base64

import pytest

from services.pictures.images import AVATAR
from tests.factories import as_base64, feed, stored
from tests.harness import Api
from tests.pictures import PNG, picture

NAME = "13800138000"
READ_ONLY = {"error": "Cannot put ReadOnly fields"}


async def _put(api: Api, token: str, body: object):
    return await api.call("PUT", "/api/user/", body, token=token)


async def test_the_documented_answer(api: Api):
    token = await api.sign_in("testcase")
    reply = await api.get("/api/user/", token=token)
    expected = {"avatar": None, "id": 1, "phone_number": "testcase", "username": "testcase"}
    assert (reply.status, reply.body) == (200, expected)


async def test_the_owner_sees_the_whole_number_and_the_masked_name(api: Api):
    reply = await api.get("/api/user/", token=await api.sign_in(NAME))
    assert reply.body == {
        "avatar": None,
        "id": 1,
        "phone_number": "+13800138000",
        "username": "138****8000",
    }


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("token", [None, "rubbish"])
async def test_without_a_good_token_it_is_the_documented_401(
    api: Api, method: str, token: str | None
):
    reply = await api.call(method, "/api/user/", {"username": "0123456789"}, token=token)
    assert (reply.status, reply.body) == (401, {"error": "Unauthorized"})
    assert reply.headers["WWW-Authenticate"] == "Bearer"


async def test_a_new_name_is_answered_and_kept(api: Api):
    token = await api.sign_in(NAME)
    reply = await _put(api, token, {"username": "0123456789"})
    expected = {"avatar": None, "id": 1, "phone_number": "+13800138000", "username": "0123456789"}
    assert (reply.status, reply.body) == (200, expected)
    assert (await api.get("/api/user/", token=token)).body == expected


async def test_posts_and_replies_show_the_name_of_now(api: Api):
    token, other = await api.sign_in(NAME), await api.sign_in("someone")
    postid = await api.create_post(token)
    for caller in (token, other):
        await api.post(
            "/api/forum/reply_post/", {"postid": postid, "reply_content": "Hello."}, token=caller
        )
    await _put(api, token, {"username": "renamed"})
    (post,) = await feed(api, other)
    assert post["username"] == "renamed"
    assert [reply["username"] for reply in post["reply_content"]] == ["renamed", "someone"]


async def test_two_accounts_may_have_one_name(api: Api):
    token, other = await api.sign_in(NAME), await api.sign_in("someone")
    assert (await _put(api, token, {"username": "same"})).status == 200
    assert (await _put(api, other, {"username": "same"})).status == 200


@pytest.mark.parametrize(
    ("username", "status", "message"),
    [
        ("x", 200, None),
        ("名" * 32, 200, None),
        ("two words", 200, None),
        ("x" * 33, 400, "Username too long"),
        ("", 400, "Username is required"),
        (" \u3000", 400, "Username is required"),
    ],
)
async def test_a_name_has_1_to_32_characters(
    api: Api, username: str, status: int, message: str | None
):
    token = await api.sign_in(NAME)
    reply = await _put(api, token, {"username": username})
    assert reply.status == status
    if message:
        assert reply.body == {"error": message}
        assert (await api.get("/api/user/", token=token)).body["username"] == "138****8000"


@pytest.mark.parametrize(
    "body",
    [
        {"id": 7},
        {"phone_number": "+1"},
        {"username": "fine", "roles": ["admin"]},
        {"username": "fine", "is_active": False},
        {"anything": None},
        {"username": 5, "id": 1},
    ],
)
async def test_any_other_field_is_read_only(api: Api, body: dict):
    token = await api.sign_in(NAME)
    before = await stored(api, "users")
    reply = await _put(api, token, body)
    assert (reply.status, reply.body) == (400, READ_ONLY)
    assert await stored(api, "users") == before


@pytest.mark.parametrize("value", [5, True, ["x"], {"$gt": ""}, 1.5])
@pytest.mark.parametrize("field", ["username", "avatar"])
async def test_a_wrong_type_is_400(api: Api, field: str, value: object):
    reply = await _put(api, await api.sign_in(NAME), {field: value})
    assert reply.status == 400
    assert reply.body["error"].startswith(f"{field}: Expected str")


async def test_an_avatar_comes_back_as_it_went_in(api: Api):
    token = await api.sign_in(NAME)
    reply = await _put(api, token, {"avatar": f"data:image/png;base64,{as_base64(PNG)}"})
    assert reply.status == 200
    assert base64.b64decode(reply.body["avatar"]) == PNG
    assert (await api.get("/api/user/", token=token)).body["avatar"] == as_base64(PNG)


async def test_a_new_avatar_takes_the_place_of_the_old(api: Api):
    token, other = await api.sign_in(NAME), picture("JPEG")
    await _put(api, token, {"avatar": as_base64(PNG)})
    reply = await _put(api, token, {"avatar": as_base64(other), "username": "renamed"})
    assert base64.b64decode(reply.body["avatar"]) == other
    assert reply.body["username"] == "renamed"
    (file,) = await stored(api, "pictures.files")
    (chunk,) = await stored(api, "pictures.chunks")
    assert (file["length"], bytes(chunk["data"])) == (len(other), other)


async def test_null_takes_the_avatar_away(api: Api):
    token = await api.sign_in(NAME)
    await _put(api, token, {"avatar": as_base64(PNG)})
    reply = await _put(api, token, {"avatar": None})
    assert (reply.status, reply.body["avatar"]) == (200, None)
    assert await stored(api, "pictures.files") == []
    assert await stored(api, "pictures.chunks") == []


@pytest.mark.parametrize(
    ("avatar", "message"),
    [
        ("not base64!", "Invalid base64 data"),
        (as_base64(PNG)[:-1], "Invalid base64 data"),
        (as_base64(b"no picture at all"), "Invalid image data"),
        ("", "Invalid image data"),
        (as_base64(PNG + bytes(AVATAR.max_bytes)), "Image size exceeds 256KB"),
    ],
)
async def test_a_refused_avatar_changes_nothing(api: Api, avatar: str, message: str):
    token = await api.sign_in(NAME)
    await _put(api, token, {"avatar": as_base64(PNG)})
    reply = await _put(api, token, {"username": "renamed", "avatar": avatar})
    assert (reply.status, reply.body) == (400, {"error": message})
    profile = (await api.get("/api/user/", token=token)).body
    assert (profile["avatar"], profile["username"]) == (as_base64(PNG), "138****8000")


async def test_an_avatar_of_the_full_size_is_taken(api: Api):
    data = PNG + bytes(AVATAR.max_bytes - len(PNG))
    reply = await _put(api, await api.sign_in(NAME), {"avatar": as_base64(data)})
    assert reply.status == 200
    assert base64.b64decode(reply.body["avatar"]) == data


async def test_avatars_that_replace_each_other_leave_one(api: Api):
    """Whoever read an avatar that was replaced in between once got a 500."""
    token = await api.sign_in(NAME)
    body = {"avatar": as_base64(PNG)}
    replies = await asyncio.gather(
        *(_put(api, token, body) for _ in range(10)),
        *(api.get("/api/user/", token=token) for _ in range(10)),
    )
    assert {reply.status for reply in replies} == {200}
    assert len(await stored(api, "pictures.files")) == 1
    assert len(await stored(api, "pictures.chunks")) == 1


async def test_a_profile_whose_avatar_is_lost_is_still_shown(api: Api):
    token = await api.sign_in(NAME)
    await _put(api, token, {"avatar": as_base64(PNG)})
    (file,) = await stored(api, "pictures.files")
    await api.agora.storage.bucket("pictures").delete(file["_id"])
    reply = await api.get("/api/user/", token=token)
    assert (reply.status, reply.body["avatar"]) == (200, None)
