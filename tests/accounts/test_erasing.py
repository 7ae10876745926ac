"""Deleting an account with everything that is theirs (FORUM section 18, CONTRACT section 4)."""

import asyncio

import pytest
from bson import ObjectId

from repositories.accounts.users import UserRepository
from services.access.actor import Role
from services.access.defaults import ROLE_IDS
from tests.factories import as_base64, change_user, feed, sign_in_many, stored, upload
from tests.harness import Api
from tests.pictures import PNG, picture
from tests.shop.people import Person, join, join_as, roles_path

NAME = "13800138000"
DELETED = {"message": "User deleted successfully"}
NIGHT = {"date": "2024-12-03", "sleep_status": "按时睡觉"}
OWNED = ("posts", "replies", "likes", "sleep_records", "pictures.files", "pictures.chunks")


async def _delete(api: Api, token: str):
    return await api.call("DELETE", "/api/user/", token=token)


async def _live(api: Api, token: str) -> int:
    """Leave something of every kind; answers the number of the post."""
    postid = await api.create_post(token, picture_names=[await upload(api, token)])
    await upload(api, token, picture("GIF"))
    await api.call("PUT", "/api/user/", {"avatar": as_base64(PNG)}, token=token)
    await api.post("/api/sleep-records/", NIGHT, token=token)
    return postid


async def _meet(api: Api, token: str, postid: int) -> None:
    """Like a post, and reply to it twice."""
    await api.post("/api/forum/like_post/", {"postid": postid}, token=token)
    for content in ("first", "second"):
        body = {"postid": postid, "reply_content": content}
        assert (await api.post("/api/forum/reply_post/", body, token=token)).status == 200


async def test_all_that_is_theirs_goes_and_all_that_is_others_stays(api: Api):
    leaving, staying = await api.sign_in(NAME), await api.sign_in("someone")
    their_post, other_post = await _live(api, leaving), await _live(api, staying)
    for token in (leaving, staying):
        for postid in (their_post, other_post):
            await _meet(api, token, postid)

    reply = await _delete(api, leaving)
    assert (reply.status, reply.body) == (200, DELETED)

    (user,) = await stored(api, "users")
    assert user["phone_identifier"] == "someone"
    assert {session["user_id"] for session in await stored(api, "sessions")} == {user["_id"]}
    counts = {name: len(await stored(api, name)) for name in OWNED}
    assert counts == {
        "posts": 1,
        "replies": 2,
        "likes": 1,
        "sleep_records": 1,
        "pictures.files": 3,
        "pictures.chunks": 3,
    }
    (post,) = await feed(api, staying)
    assert (post["postid"], post["likes"], post["isliked"]) == (other_post, 1, True)
    assert post["replies"] == 2
    assert [reply["username"] for reply in post["reply_content"]] == ["someone"] * 2
    (document,) = await stored(api, "posts")
    assert (document["likes"], document["replies"]) == (1, 2)


async def test_the_name_is_free_again_and_gets_another_number(api: Api):
    await _delete(api, await api.sign_in(NAME))
    reply = await api.post("/api/login/", {"username": NAME, "password": "secret1"})
    assert (reply.status, reply.body) == (401, {"error": "Invalid username or password"})
    profile = await api.get("/api/user/", token=await api.sign_in(NAME, "another1"))
    assert (profile.body["id"], profile.body["phone_number"]) == (2, "+13800138000")


async def test_a_code_can_be_had_for_a_number_that_is_free_again(api: Api):
    await _delete(api, await api.sign_in(NAME))
    reply = await api.post("/api/send_verification_code/", {"phone_number": NAME})
    assert reply.status == 200


async def test_one_of_many_deletions_at_once_is_the_one(api: Api):
    token = await api.sign_in(NAME)
    replies = await asyncio.gather(*(_delete(api, token) for _ in range(8)))
    answers = sorted((reply.status, *reply.body.values()) for reply in replies)
    assert answers == [(200, DELETED["message"])] + [(401, "Unauthorized")] * 7


async def test_the_likes_of_many_are_counted_right_when_one_leaves(api: Api):
    tokens = await sign_in_many(api, 5)
    postid = await api.create_post(tokens[0])
    for token in tokens:
        await api.post("/api/forum/like_post/", {"postid": postid}, token=token)
    await asyncio.gather(*(_delete(api, token) for token in tokens[3:]))
    (post,) = await feed(api, tokens[0])
    assert (post["likes"], len(await stored(api, "likes"))) == (3, 3)


async def test_what_races_with_the_deletion_leaves_nothing_behind(api: Api):
    """Each of them is answered, as done before the deletion or as by nobody."""
    for _ in range(5):
        leaving, staying = await api.sign_in(NAME), await api.sign_in("someone")
        other_post = await api.create_post(staying)
        image = {"image_type": "png", "image_data": as_base64(PNG)}
        replies = await asyncio.gather(
            *(
                api.post("/api/forum/create_post/", {"content": "x"}, token=leaving)
                for _ in range(4)
            ),
            api.post("/api/forum/create_picture/", image, token=leaving),
            api.post("/api/forum/like_post/", {"postid": other_post}, token=leaving),
            api.post("/api/sleep-records/", NIGHT, token=leaving),
            api.call("PUT", "/api/user/", {"avatar": as_base64(PNG)}, token=leaving),
            _delete(api, leaving),
            *(
                api.post("/api/forum/create_post/", {"content": "x"}, token=leaving)
                for _ in range(4)
            ),
            api.post("/api/forum/create_picture/", image, token=leaving),
            api.post(
                "/api/forum/reply_post/",
                {"postid": other_post, "reply_content": "x"},
                token=leaving,
            ),
        )
        assert {reply.status for reply in replies} <= {200, 201, 401}
        assert [reply.body for reply in replies].count(DELETED) == 1
        await _delete(api, staying)
    for name in (*OWNED, "users", "sessions"):
        assert await stored(api, name) == [], name


async def test_a_sign_in_that_races_with_the_deletion_opens_no_session(api: Api):
    token = await api.sign_in(NAME)
    body = {"phone_number": NAME, "password": "secret1"}
    replies = await asyncio.gather(
        *(api.post("/api/login/", body) for _ in range(5)),
        _delete(api, token),
        *(api.post("/api/login/", body) for _ in range(5)),
    )
    assert {reply.status for reply in replies} <= {200, 400}
    assert await stored(api, "sessions") == []


async def test_the_last_superadmin_stays_with_all_that_is_theirs(api: Api):
    last = await join_as(api, "superadmin")
    await _live(api, last.token)
    await join_as(api, "admin")
    await join_as(api, "superadmin", "deactivated")
    await change_user(api, "deactivated", is_active=False)
    kept = (*OWNED, "users", "sessions")
    before = [await stored(api, name) for name in kept]
    reply = await _delete(api, last.token)
    refused = {"error": "This is the last superadmin; appoint another first"}
    assert (reply.status, reply.body) == (403, refused)
    assert [await stored(api, name) for name in kept] == before

    await join_as(api, "superadmin", "another")
    assert (await _delete(api, last.token)).status == 200


async def test_superadmins_who_leave_at_once_leave_one(api: Api):
    people = [await join_as(api, "superadmin", f"superadmin {number}") for number in range(6)]
    replies = await asyncio.gather(*(_delete(api, person.token) for person in people))
    assert sorted(reply.status for reply in replies) == [200] * 5 + [403]
    assert [user["roles"] for user in await stored(api, "users")] == [["user", "superadmin"]]


@pytest.mark.parametrize("deletion_first", [True, False])
async def test_a_superadmin_who_leaves_and_one_who_steps_down_leave_one(
    api: Api, deletion_first: bool
):
    leaving = await join_as(api, "superadmin", "leaving")
    stepping_down = await join_as(api, "superadmin", "stepping down")
    own_role = f"{roles_path(stepping_down)}/{ROLE_IDS[Role.SUPERADMIN]}"
    calls = [
        _delete(api, leaving.token),
        api.call("DELETE", own_role, token=stepping_down.token),
    ]
    replies = await asyncio.gather(*(calls if deletion_first else reversed(calls)))
    assert sorted(reply.status for reply in replies) in ([200, 403], [204, 403])
    assert len(await stored(api, "users", {"roles": "superadmin"})) == 1


async def test_the_messages_to_the_account_go_whatever_became_of_them(api: Api):
    """Those that are held too: an order's mail says where its customer lives."""
    leaving = await join(api, "+13800138000", email="leaving@example.com")
    await join(api, "+13900139000", email="staying@example.com")
    outbox = api.agora.services.outbox
    for to in ("leaving@example.com", "staying@example.com"):
        for status in ("pending", "sent", "dead"):
            message_id = await outbox.enqueue_mail("order", to=to, subject="Order", text="Home")
            await api.agora.storage["outbox"].update_one(
                {"_id": ObjectId(message_id)}, {"$set": {"status": status}}
            )
    for to in ("+13800138000", "+13900139000"):
        await outbox.enqueue_sms("code", to=to, body="123456")
    assert (await _delete(api, leaving.token)).status == 200
    left = [(each["to"], each["status"]) for each in await stored(api, "outbox")]
    assert left == [
        ("staying@example.com", "pending"),
        ("staying@example.com", "sent"),
        ("staying@example.com", "dead"),
        ("+13900139000", "pending"),
    ]


async def _join_child(api: Api, name: str, parent: Person, *roles: str) -> Person:
    child = {"type": "child", "parent_id": ObjectId(parent.id), "roles": ["user", *roles]}
    return await join(api, name, **child)


async def test_the_children_go_with_their_parent(api: Api):
    leaving, staying = await join(api, "leaving"), await join(api, "staying")
    for parent in (leaving, staying):
        for number in range(2):
            child = await _join_child(api, f"child {number} of {parent.id}", parent)
            await _live(api, child.token)
    theirs = await _join_child(api, "another child", leaving)
    assert (await _delete(api, leaving.token)).status == 200
    users = await stored(api, "users")
    assert len(users) == 3
    assert {str(user.get("parent_id", user["_id"])) for user in users} == {staying.id}
    assert len(await stored(api, "posts")) == 2
    assert (await api.get("/api/user/", token=theirs.token)).status == 401


async def test_requests_come_in_between_the_children_of_who_leaves(api: Api, monkeypatch):
    leaving, gone, seen = await join(api, "leaving"), 0, set()
    for number in range(9):
        await _join_child(api, f"child {number}", leaving)
    delete = UserRepository.delete

    async def counted(users, user_id, *, tx):
        nonlocal gone
        gone += 1
        return await delete(users, user_id, tx=tx)

    async def look():
        while True:
            seen.add(gone)
            await asyncio.sleep(0)

    monkeypatch.setattr(UserRepository, "delete", counted)
    looking = asyncio.create_task(look())
    assert (await _delete(api, leaving.token)).status == 200
    looking.cancel()
    # The account itself, and each of the children.
    assert set(range(1, 11)) <= seen


async def test_a_child_leaves_without_its_parent(api: Api):
    parent = await join(api, "parent")
    child, other = [await _join_child(api, name, parent) for name in ("child", "other")]
    assert (await _delete(api, child.token)).status == 200
    assert {str(user["_id"]) for user in await stored(api, "users")} == {parent.id, other.id}


async def test_a_parent_stays_while_its_child_is_the_last_superadmin(api: Api):
    parent = await join_as(api, "superadmin", "parent")
    child = await _join_child(api, "child", parent, "superadmin")
    await _live(api, parent.token)
    kept = (*OWNED, "users", "sessions")
    before = [await stored(api, name) for name in kept]
    assert (await _delete(api, parent.token)).status == 403
    assert [await stored(api, name) for name in kept] == before
    assert (await _delete(api, child.token)).status == 200
