"""Users in the hands of admins (SOCIOX "user management"; CONTRACT sections 1 and 5)."""

import asyncio
import re
from typing import Any

import pytest
from bson import ObjectId

from tests.factories import stored
from tests.harness import Api
from tests.sociox.people import ADMIN, PASSWORD, Person, error, join, join_as

USERS = f"{ADMIN}/users"
FORBIDDEN = (403, "forbidden", "Insufficient permissions")
OWN = (403, "own_account", "This is your own account; ask another superadmin")
UNKNOWN = (400, "not_found", "User not found")
BODY = {"name": "Nikunja", "email": "xnikunja@gmail.com", "picture": "dsafsd"}


async def audited(api: Api) -> list[tuple[str, str, str]]:
    """Who did what to whom, oldest first."""
    return [
        (str(entry["actor_id"]), entry["action"], entry["target_id"])
        for entry in await stored(api, "audit_entries")
    ]


async def profile(api: Api, person: Person) -> int:
    """The status of the person's next request."""
    return (await api.get("/api/v1/auth/profile", token=person.token)).status


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("prefix", ["/api", "/api/v1"])
async def test_a_user_is_shut_out_and_let_in_again(api: Api, prefix: str, method: str):
    admin, user = await join_as(api, "admin with manage_users"), await join_as(api, "user")
    path = f"{prefix}/admin/users/{user.id}"
    shown = (await api.get("/api/v1/auth/profile", token=user.token)).body["data"]["user"]

    # The document sends a body with a GET too; it is ignored.
    reply = await api.call(method, f"{path}/deactivate", BODY, token=admin.token)
    assert (reply.status, reply.body) == (
        200,
        {"message": "User deactivated successfully", "data": {**shown, "active": False}},
    )
    assert await profile(api, user) == 401
    login = {"email": user.email, "password": PASSWORD}
    refused = await api.post("/api/v1/auth/login", login)
    assert error(refused) == (403, "account_inactive", "Account is inactive")

    reply = await api.call(method, f"{path}/reactivate", BODY, token=admin.token)
    assert (reply.status, reply.body) == (
        200,
        {"message": "User reactivated successfully", "data": shown},
    )
    assert await profile(api, user) == 401  # its sessions ended
    assert (await api.post("/api/v1/auth/login", login)).status == 200


@pytest.mark.parametrize("action", ["deactivate", "reactivate"])
async def test_what_only_looks_at_a_link_changes_nothing(api: Api, action: str):
    admin, user = await join_as(api, "admin"), await join_as(api, "user")
    if action == "reactivate":
        await api.post(f"{USERS}/{user.id}/deactivate", token=admin.token)
    before = await stored(api, "users"), await audited(api)
    for method in ("HEAD", "OPTIONS"):
        reply = await api.call(method, f"{USERS}/{user.id}/{action}", token=admin.token)
        assert (reply.status, reply.headers["Allow"]) == (
            405 if method == "HEAD" else 204,
            "GET, POST, OPTIONS",
        )
    assert (await stored(api, "users"), await audited(api)) == before


async def test_repeating_it_is_200_and_no_second_entry(api: Api):
    admin, user = await join_as(api, "admin"), await join_as(api, "user")
    for action in ("reactivate", "deactivate", "deactivate", "reactivate", "reactivate"):
        reply = await api.post(f"{USERS}/{user.id}/{action}", token=admin.token)
        assert reply.status == 200
    assert await audited(api) == [
        (admin.id, "user.deactivate", user.id),
        (admin.id, "user.reactivate", user.id),
    ]


async def test_deactivating_a_parent_shuts_its_children_out(api: Api):
    admin, parent = await join_as(api, "admin"), await join(api, "parent")
    child = await join(api, "child", type="child", parent_id=ObjectId(parent.id))
    assert await profile(api, child) == 200
    assert (await api.get(f"{USERS}/{parent.id}/deactivate", token=admin.token)).status == 200
    assert await profile(api, child) == 401
    assert (await api.get(f"{USERS}/{parent.id}/reactivate", token=admin.token)).status == 200
    assert await profile(api, child) == 200


async def test_deleting_a_user_deletes_its_children_and_frees_the_address(api: Api):
    admin, parent = await join_as(api, "admin with manage_users"), await join(api, "parent")
    child = await join(api, "child", type="child", parent_id=ObjectId(parent.id))
    reply = await api.call("DELETE", f"{USERS}/{parent.id}", BODY, token=admin.token)
    assert (reply.status, reply.body) == (
        200,
        {"message": "User deleted successfully", "data": None},
    )
    assert [await profile(api, person) for person in (parent, child)] == [401, 401]
    assert [str(user["_id"]) for user in await stored(api, "users")] == [admin.id]
    assert await audited(api) == [(admin.id, "user.delete", parent.id)]
    again = await api.call("DELETE", f"{USERS}/{parent.id}", token=admin.token)
    assert error(again) == UNKNOWN
    body = {"email": parent.email, "password": "another1", "name": "Somebody Else"}
    assert (await api.post("/api/v1/auth/register", body)).status == 201


async def test_an_admin_sends_a_link_by_which_the_user_sets_a_password(api: Api):
    admin, user = await join_as(api, "admin with manage_users"), await join_as(api, "user")
    reply = await api.post(
        f"{USERS}/sendPasswordResetLink", {"email": " USER@example.com"}, token=admin.token
    )
    assert (reply.status, reply.body) == (
        200,
        {"message": "Password reset link sent successfully", "data": None},
    )
    (mail,) = await api.agora.services.outbox.recent(10)
    assert mail.to == "user@example.com"
    found = re.search(r"/reset-password\?token=(\S+)", mail.text or "")
    assert found
    body = {"token": found.group(1), "newPassword": "another1"}
    assert (await api.post("/api/admin/users/reset-password", body)).status == 200
    login = {"email": user.email, "password": "another1"}
    assert (await api.post("/api/v1/auth/login", login)).status == 200
    assert await audited(api) == [(admin.id, "user.send_reset_link", user.id)]


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, (400, "missing_field", "email is required")),
        ({"email": 7}, (400, "invalid_field", "email: Expected str, got int")),
        ({"email": "nobody@example.com"}, UNKNOWN),
        (
            {"email": "gone@example.com"},
            (
                400,
                "account_inactive",
                "The account, or its parent's, is deactivated; reactivate it first",
            ),
        ),
        ({"email": "superadmin@example.com"}, FORBIDDEN),
        ({"email": "admin@example.com"}, FORBIDDEN),
    ],
)
async def test_a_link_that_is_not_sent_says_why(
    api: Api, body: dict[str, Any], refusal: tuple[int, str, str]
):
    admin = await join_as(api, "admin")
    await join_as(api, "superadmin")
    await join(api, "gone", is_active=False)
    reply = await api.post(f"{USERS}/sendPasswordResetLink", body, token=admin.token)
    assert error(reply) == refusal
    assert await api.agora.services.outbox.recent(10) == []
    assert await audited(api) == []


async def test_superadmins_send_themselves_a_link(api: Api):
    """CONTRACT section 5 keeps them from deactivating and deleting themselves, not from this."""
    superadmin = await join_as(api, "superadmin")
    body = {"email": superadmin.email}
    reply = await api.post(f"{USERS}/sendPasswordResetLink", body, token=superadmin.token)
    assert reply.status == 200
    (mail,) = await api.agora.services.outbox.recent(10)
    assert mail.to == superadmin.email
    assert await audited(api) == [(superadmin.id, "user.send_reset_link", superadmin.id)]


@pytest.mark.parametrize("email", ["a@b", "a\r\nBcc: b@example.com", "two@a.com,three@b.com"])
async def test_a_link_goes_to_one_address_and_nowhere_else(api: Api, email: str):
    admin = await join_as(api, "admin")
    reply = await api.post(f"{USERS}/sendPasswordResetLink", {"email": email}, token=admin.token)
    assert (reply.status, reply.body["error"]["code"]) == (400, "invalid_email")


async def test_an_address_gets_five_links_an_hour(api: Api):
    admin = await join_as(api, "admin")
    await join_as(api, "user")
    body = {"email": "user@example.com"}
    replies = await asyncio.gather(
        *(api.post(f"{USERS}/sendPasswordResetLink", body, token=admin.token) for _ in range(8))
    )
    assert sorted(reply.status for reply in replies) == [200] * 5 + [429] * 3
    refused = next(reply for reply in replies if reply.status == 429)
    assert refused.headers["Retry-After"] == "3600"
    assert len(await api.agora.services.outbox.recent(10)) == 5
    assert len(await audited(api)) == 5


CHANGES = [
    ("GET", "{id}/deactivate"),
    ("POST", "{id}/deactivate"),
    ("GET", "{id}/reactivate"),
    ("POST", "{id}/reactivate"),
    ("DELETE", "{id}"),
]


@pytest.mark.parametrize(("method", "path"), CHANGES)
@pytest.mark.parametrize("user_id", ["6763d06487f004a49970fd5a", "1", "%7B%22$ne%22:null%7D"])
async def test_nobody_is_not_found(api: Api, method: str, path: str, user_id: str):
    admin = await join_as(api, "admin")
    reply = await api.call(method, f"{USERS}/{path.format(id=user_id)}", token=admin.token)
    assert error(reply) == UNKNOWN


@pytest.mark.parametrize(("method", "path"), CHANGES)
@pytest.mark.parametrize("kind", ["admin with nothing", "admin", "superadmin"])
async def test_only_superadmins_act_on_an_admins_account(
    api: Api, kind: str, method: str, path: str
):
    actor, target = await join_as(api, "admin", "actor"), await join_as(api, kind)
    superadmin = await join_as(api, "superadmin", "chief")
    path = f"{USERS}/{path.format(id=target.id)}"
    before = await stored(api, "users")
    assert error(await api.call(method, path, token=actor.token)) == FORBIDDEN
    assert (await stored(api, "users"), await audited(api)) == (before, [])
    assert (await api.call(method, path, token=superadmin.token)).status == 200


@pytest.mark.parametrize(("method", "path"), CHANGES)
@pytest.mark.parametrize("kind", ["admin with manage_users", "admin", "superadmin"])
async def test_nobody_acts_on_their_own_account(api: Api, kind: str, method: str, path: str):
    actor = await join_as(api, kind)
    await join_as(api, "superadmin", "chief")
    before = await stored(api, "users")
    reply = await api.call(method, f"{USERS}/{path.format(id=actor.id)}", token=actor.token)
    assert error(reply) == OWN
    assert (await stored(api, "users"), await audited(api)) == (before, [])


@pytest.mark.parametrize("round_number", range(3))
async def test_of_superadmins_who_deactivate_each_other_at_once_one_stays(
    api: Api, round_number: int
):
    people = [await join_as(api, "superadmin", f"s{number}") for number in range(2 + round_number)]
    replies = await asyncio.gather(
        *(
            api.post(f"{USERS}/{other.id}/deactivate", token=person.token)
            for person in people
            for other in people
            if other is not person
        )
    )
    assert {reply.status for reply in replies} <= {200, 401, 403}
    active = [user for user in await stored(api, "users") if user["is_active"]]
    assert len(active) >= 1
    assert len(await audited(api)) == len(people) - len(active)


async def test_a_user_is_deactivated_by_many_at_once_and_once(api: Api):
    admin, user = await join_as(api, "admin"), await join_as(api, "user")
    replies = await asyncio.gather(
        *(api.post(f"{USERS}/{user.id}/deactivate", token=admin.token) for _ in range(8))
    )
    assert {reply.status for reply in replies} == {200}
    assert await audited(api) == [(admin.id, "user.deactivate", user.id)]


async def test_who_signs_in_while_being_shut_out_is_shut_out(api: Api):
    admin, user = await join_as(api, "admin"), await join_as(api, "user")
    login = {"email": user.email, "password": PASSWORD}
    for _ in range(3):
        *tried, shut_out = await asyncio.gather(
            *(api.post("/api/v1/auth/login", login) for _ in range(6)),
            api.post(f"{USERS}/{user.id}/deactivate", token=admin.token),
        )
        assert shut_out.status == 200
        tokens = [reply.body["token"] for reply in tried if reply.status == 200]
        for token in tokens:
            assert (await api.get("/api/v1/auth/profile", token=token)).status == 401
        assert (await api.post(f"{USERS}/{user.id}/reactivate", token=admin.token)).status == 200
