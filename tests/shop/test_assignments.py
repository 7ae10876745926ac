"""Which roles accounts have (SHOP "User Role Assignments", CONTRACT section 7)."""

import asyncio
from typing import Any

import pytest
from bson import ObjectId

from services.access.actor import Role
from services.access.defaults import ROLE_IDS
from tests.factories import stored
from tests.harness import Api, Reply
from tests.shop.people import (
    Person,
    assign,
    everything,
    join,
    join_as,
    make_role,
    role_path,
    roles_path,
)

UNKNOWN = "0123456789abcdef01234567"
ADMIN_ROLE, MANAGER_ROLE = str(ROLE_IDS[Role.ADMIN]), str(ROLE_IDS[Role.MANAGER])


async def _roles(api: Api, by: Person, of: Person) -> list[str]:
    reply = await api.get(roles_path(of), token=by.token)
    assert reply.status == 200, reply
    return list(reply.body["data"]["roles"])


async def _remove(api: Api, by: Person, of: Person, role_id: object) -> Reply:
    return await api.call("DELETE", f"{roles_path(of)}/{role_id}", token=by.token)


def _said(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.body["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"role_id": MANAGER_ROLE},
        {"role_name": "manager"},
        {"role_name": " Manager "},
        {"role_id": MANAGER_ROLE, "role_name": "manager"},
        {"role_id": MANAGER_ROLE, "role_name": ""},
        {"role_id": None, "role_name": "manager"},
    ],
)
async def test_a_role_is_assigned_once_and_may_be_again(api: Api, body: dict[str, Any]):
    admin, other = await join_as(api, "admin"), await join_as(api, "user")
    for _ in range(2):
        reply = await api.post(roles_path(other), body, token=admin.token)
        shown = {"data": {"message": "Role assigned successfully"}}
        assert (reply.status, reply.body) == (200, shown)
        assert await _roles(api, admin, other) == ["manager", "user"]
    for _ in range(2):
        assert (await _remove(api, admin, other, MANAGER_ROLE)).status == 204
        assert await _roles(api, admin, other) == ["user"]


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({}, 400, "Either role_id or role_name is required"),
        ({"role_id": "", "role_name": ""}, 400, "Either role_id or role_name is required"),
        ({"role_name": 1}, 400, "role_name: Expected str | null, got int"),
        (
            {"role_id": MANAGER_ROLE, "role_name": "user"},
            400,
            "role_id and role_name are of different roles; send one of them",
        ),
        (
            {"role_id": MANAGER_ROLE, "role_name": "nobody"},
            400,
            "role_id and role_name are of different roles; send one of them",
        ),
        ({"role_id": UNKNOWN}, 404, "Role not found"),
        ({"role_id": "manager"}, 404, "Role not found"),
        ({"role_id": UNKNOWN, "role_name": "manager"}, 404, "Role not found"),
        ({"role_name": "nobody"}, 404, "Role not found"),
    ],
)
async def test_which_role_has_to_be_clear(api: Api, body: Any, status: int, message: str):
    superadmin, other = await join_as(api, "superadmin"), await join_as(api, "user")
    before = await everything(api)
    assert _said(await api.post(roles_path(other), body, token=superadmin.token)) == (
        status,
        message,
    )
    assert await everything(api) == before


@pytest.mark.parametrize("user_id", [UNKNOWN, "1", "user"])
async def test_an_unknown_user_is_404(api: Api, user_id: str):
    admin = await join_as(api, "admin")
    nobody = Person(user_id, "")
    refused = (404, "User not found")
    assert _said(await api.get(roles_path(nobody), token=admin.token)) == refused
    body = {"role_name": "manager"}
    assert _said(await api.post(roles_path(nobody), body, token=admin.token)) == refused
    assert _said(await _remove(api, admin, nobody, MANAGER_ROLE)) == refused


@pytest.mark.parametrize("role_id", [UNKNOWN, "manager"])
async def test_removing_an_unknown_role_is_404(api: Api, role_id: str):
    admin, other = await join_as(api, "admin"), await join_as(api, "manager")
    assert _said(await _remove(api, admin, other, role_id)) == (404, "Role not found")
    assert await _roles(api, admin, other) == ["manager", "user"]


async def test_everybody_stays_a_user(api: Api):
    superadmin, other = await join_as(api, "superadmin"), await join_as(api, "user")
    reply = await _remove(api, superadmin, other, ROLE_IDS[Role.USER])
    assert _said(reply) == (403, "Every account has the role user; it can't be removed")
    assert await _roles(api, superadmin, other) == ["user"]


async def test_a_role_that_is_renamed_or_deleted_is_so_for_all_who_have_it(api: Api):
    admin = await join_as(api, "admin")
    role_id = await make_role(api, admin, "packers")
    people = [await join_as(api, "user", f"user {number}") for number in range(3)]
    for person in people[:2]:
        assert await assign(api, admin, person, "packers") == 200
    renamed = {"name": "senders"}
    assert (await api.call("PUT", role_path(role_id), renamed, token=admin.token)).status == 200
    assert [await _roles(api, admin, each) for each in people] == [
        ["senders", "user"],
        ["senders", "user"],
        ["user"],
    ]
    profile = await api.get("/api/v1/auth/profile", token=people[0].token)
    assert profile.body["data"]["roles"] == ["senders", "user"]
    assert profile.body["data"]["user"]["roles"] == ["senders", "user"]
    assert (await api.call("DELETE", role_path(role_id), token=admin.token)).status == 204
    assert [await _roles(api, admin, each) for each in people] == [["user"]] * 3
    assert [user.get("role_ids", []) for user in await stored(api, "users")] == [[]] * 4
    # A later role of that name is another one.
    await make_role(api, admin, "senders")
    assert await _roles(api, admin, people[0]) == ["user"]


@pytest.mark.parametrize(
    ("role", "status"), [("superadmin", 403), ("admin", 403), ("manager", 200)]
)
async def test_a_child_is_no_admin(api: Api, role: str, status: int):
    """Else its parent, deleted or deactivated, would take an admin along: even the last one."""
    superadmin, parent = await join_as(api, "superadmin"), await join_as(api, "user")
    child = await join(api, "child", type="child", parent_id=ObjectId(parent.id))
    before = await everything(api)
    reply = await api.post(roles_path(child), {"role_name": role}, token=superadmin.token)
    assert reply.status == status
    if status == 403:
        assert reply.body["error"] == {
            "code": "child_account",
            "message": "A child account can't be an admin; make the admin an account of its own",
        }
        assert await everything(api) == before
    else:
        assert await _roles(api, superadmin, child) == [role, "user"]


async def test_assignments_that_race_with_the_deletion_leave_none_behind(api: Api):
    admin = await join_as(api, "admin")
    role_id = await make_role(api, admin, "packers")
    people = [await join_as(api, "user", f"user {number}") for number in range(8)]
    statuses, _ = await asyncio.gather(
        asyncio.gather(*(assign(api, admin, person, "packers") for person in people)),
        api.call("DELETE", role_path(role_id), token=admin.token),
    )
    assert set(statuses) <= {200, 404}
    assert all(user.get("role_ids", []) == [] for user in await stored(api, "users"))


async def test_one_role_assigned_many_times_at_once_is_there_once(api: Api):
    admin, other = await join_as(api, "admin"), await join_as(api, "user")
    await make_role(api, admin, "packers")
    roles = ["packers", "manager"] * 8
    statuses = await asyncio.gather(*(assign(api, admin, other, role) for role in roles))
    assert statuses == [200] * 16
    assert await _roles(api, admin, other) == ["manager", "packers", "user"]


async def test_the_last_superadmin_stays(api: Api):
    superadmin, admin = await join_as(api, "superadmin"), await join_as(api, "admin")
    superadmin_role = ROLE_IDS[Role.SUPERADMIN]
    refused = (403, "This is the last superadmin; appoint another first")
    assert _said(await _remove(api, superadmin, superadmin, superadmin_role)) == refused
    assert await _roles(api, admin, superadmin) == ["superadmin", "user"]
    assert await assign(api, superadmin, admin, "superadmin") == 200
    assert (await _remove(api, superadmin, superadmin, superadmin_role)).status == 204
    assert _said(await _remove(api, admin, admin, superadmin_role)) == refused


async def test_a_superadmin_who_is_deactivated_is_none_to_count_on(api: Api):
    superadmin = await join_as(api, "superadmin")
    await join_as(api, "superadmin", "gone")
    await api.agora.storage["users"].update_one(
        {"phone_identifier": "gone"}, {"$set": {"is_active": False}}
    )
    reply = await _remove(api, superadmin, superadmin, ROLE_IDS[Role.SUPERADMIN])
    assert reply.status == 403


async def test_superadmins_who_demote_each_other_at_once_leave_one(api: Api):
    people = [await join_as(api, "superadmin", f"superadmin {number}") for number in range(6)]
    pairs = [(by, of) for by in people for of in people if by is not of]
    replies = await asyncio.gather(
        *(_remove(api, by, of, ROLE_IDS[Role.SUPERADMIN]) for by, of in pairs)
    )
    assert {reply.status for reply in replies} <= {204, 403}
    left = [user for user in await stored(api, "users") if "superadmin" in user["roles"]]
    assert len(left) == 1
