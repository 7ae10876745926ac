"""Roles, and what is granted to them (SHOP "Role Management", CONTRACT section 7)."""

import asyncio
from typing import Any

import pytest

from repositories.access.permissions import PermissionRepository
from repositories.access.roles import RoleRepository
from services.access.actor import Permission, Role
from services.access.defaults import PERMISSION_IDS, ROLE_IDS, ensure_defaults
from tests.factories import stored
from tests.harness import Api, Reply
from tests.shop.people import (
    ROLES,
    everything,
    grant_to,
    join_as,
    make_permission,
    make_role,
    permission_path,
    role_path,
)

UNKNOWN = "0123456789abcdef01234567"


async def _granted(api: Api, token: str, role: Role | str) -> list[str]:
    reply = await api.get(f"{role_path(role)}/permissions", token=token)
    assert reply.status == 200, reply
    return [permission["name"] for permission in reply.body["data"]["permissions"]]


async def _start_again(api: Api) -> None:
    storage = api.agora.storage
    await ensure_defaults(RoleRepository(storage), PermissionRepository(storage))


def _said(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.body["error"]["message"]


async def test_the_default_roles_are_there_from_the_start(api: Api):
    admin = await join_as(api, "admin")
    reply = await api.get(ROLES, token=admin.token)
    described = {role["name"]: role["description"] for role in reply.body["data"]["roles"]}
    assert described == {
        "admin": "Full system access",
        "customer_experience": "Customer support access",
        "manager": "Administrative access for business operations",
        "superadmin": "Full system access, and the only one to appoint admins",
        "user": "Standard authenticated user",
    }
    every_one = ["manage_orders", "manage_products", "manage_promotions", "view_orders"]
    for role, names in (
        (Role.SUPERADMIN, every_one),
        (Role.ADMIN, every_one),
        (Role.MANAGER, every_one),
        (Role.CUSTOMER_EXPERIENCE, ["view_orders"]),
        (Role.USER, []),
    ):
        assert await _granted(api, admin.token, role) == names


async def test_a_second_start_leaves_the_default_roles_as_they_were_made_since(api: Api):
    admin = await join_as(api, "admin")
    path = f"{role_path(Role.MANAGER)}/permissions/{PERMISSION_IDS[Permission.MANAGE_ORDERS]}"
    assert (await api.call("DELETE", path, token=admin.token)).status == 204
    before = await everything(api)
    await _start_again(api)
    assert await everything(api) == before


async def test_two_starts_at_once_make_the_defaults_once(api: Api):
    for collection in ("roles", "permissions"):
        defaults = [document["_id"] for document in await stored(api, collection)]
        await api.agora.storage[collection].delete_many({"_id": {"$in": defaults}})
    await asyncio.gather(_start_again(api), _start_again(api))
    assert [len(documents) for documents in await everything(api)] == [5, 4, 0]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "name is required"),
        ({"name": ""}, "name is required"),
        ({"name": None}, "name is required"),
        ({"name": "  "}, "name must have 1 to 64 printable characters"),
        ({"name": "a\nb"}, "name must have 1 to 64 printable characters"),
        ({"name": "a" * 65}, "name must have 1 to 64 printable characters"),
        ({"name": 5}, "name: Expected str, got int"),
        (
            {"name": "packers", "description": "a" * 501},
            "description must have at most 500 printable characters",
        ),
    ],
)
async def test_a_role_without_a_usable_name_is_400(api: Api, body: Any, message: str):
    admin = await join_as(api, "admin")
    before = await everything(api)
    assert _said(await api.post(ROLES, body, token=admin.token)) == (400, message)
    assert await everything(api) == before


async def test_a_new_role_grants_nothing_and_foreign_fields_are_not_taken(api: Api):
    admin = await join_as(api, "admin")
    body = {
        "name": " packers ",
        "id": UNKNOWN,
        "permission_ids": [str(PERMISSION_IDS[Permission.MANAGE_ORDERS])],
    }
    reply = await api.post(ROLES, body, token=admin.token)
    role = reply.body["data"]["role"]
    assert (reply.status, role) == (
        201,
        {"id": role["id"], "name": "packers", "description": ""},
    )
    assert role["id"] != UNKNOWN
    assert await _granted(api, admin.token, role["id"]) == []


@pytest.mark.parametrize("name", ["admin", "Admin", " user ", "packers", "PACKERS"])
async def test_a_taken_name_is_409(api: Api, name: str):
    admin = await join_as(api, "admin")
    await make_role(api, admin, "packers")
    other = await make_role(api, admin, "other")
    before = await everything(api)
    for method, path in (("POST", ROLES), ("PUT", role_path(other))):
        reply = await api.call(method, path, {"name": name}, token=admin.token)
        assert _said(reply) == (409, "Role already exists")
    assert await everything(api) == before


async def test_of_many_who_make_one_role_at_once_one_makes_it(api: Api):
    admin = await join_as(api, "admin")
    replies = await asyncio.gather(
        *(api.post(ROLES, {"name": "packers"}, token=admin.token) for _ in range(20))
    )
    assert sorted(reply.status for reply in replies) == [201] + [409] * 19
    assert len(await stored(api, "roles", {"name": "packers"})) == 1


async def test_a_change_leaves_out_what_is_not_given(api: Api):
    admin = await join_as(api, "admin")
    role_id = await make_role(api, admin, "packers", Permission.VIEW_ORDERS)
    for body, role in (
        ({"description": "They pack"}, {"name": "packers", "description": "They pack"}),
        ({"name": "Packers"}, {"name": "Packers", "description": "They pack"}),
        ({"name": "aides", "description": ""}, {"name": "aides", "description": ""}),
    ):
        reply = await api.call("PUT", role_path(role_id), body, token=admin.token)
        shown = {"data": {"role": {"id": role_id, **role}}}
        assert (reply.status, reply.body) == (200, shown)
        assert (await api.get(role_path(role_id), token=admin.token)).body == shown
    assert await _granted(api, admin.token, role_id) == ["view_orders"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "Give at least one of name, description"),
        ({"name": ""}, "name must have 1 to 64 printable characters"),
    ],
)
async def test_a_change_of_nothing_is_400(api: Api, body: Any, message: str):
    admin = await join_as(api, "admin")
    path = role_path(await make_role(api, admin, "packers"))
    assert _said(await api.call("PUT", path, body, token=admin.token)) == (400, message)


@pytest.mark.parametrize("role", list(Role))
async def test_a_default_role_keeps_its_name_and_stays(api: Api, role: Role):
    superadmin = await join_as(api, "superadmin")
    before = await everything(api)
    refused = (403, f"{role} is a default role, which can't be renamed or deleted")
    for method, body in (("PUT", {"name": "boss"}), ("DELETE", None)):
        reply = await api.call(method, role_path(role), body, token=superadmin.token)
        assert _said(reply) == refused
    assert await everything(api) == before
    body = {"name": role.value, "description": "Described anew"}
    reply = await api.call("PUT", role_path(role), body, token=superadmin.token)
    assert (reply.status, reply.body["data"]["role"]["description"]) == (200, "Described anew")


@pytest.mark.parametrize("role_id", [UNKNOWN, "admin", "1", "%00", "[object Object]"])
async def test_an_unknown_role_is_404(api: Api, role_id: str):
    admin = await join_as(api, "admin")
    permission_id = str(PERMISSION_IDS[Permission.VIEW_ORDERS])
    path = f"{ROLES}/{role_id.replace(' ', '%20')}"
    for method, end, body in (
        ("GET", "", None),
        ("PUT", "", {"name": "aides"}),
        ("DELETE", "", None),
        ("GET", "/permissions", None),
        ("POST", "/permissions", {"permission_id": permission_id}),
        ("DELETE", f"/permissions/{permission_id}", None),
    ):
        reply = await api.call(method, path + end, body, token=admin.token)
        assert _said(reply) == (404, "Role not found")


@pytest.mark.parametrize("permission_id", [UNKNOWN, "view_orders"])
async def test_an_unknown_permission_is_404(api: Api, permission_id: str):
    admin = await join_as(api, "admin")
    path = role_path(await make_role(api, admin, "packers")) + "/permissions"
    body = {"permission_id": permission_id}
    refused = (404, "Permission not found")
    assert _said(await api.post(path, body, token=admin.token)) == refused
    reply = await api.call("DELETE", f"{path}/{permission_id}", token=admin.token)
    assert _said(reply) == refused


async def test_a_grant_and_its_taking_back_may_be_repeated(api: Api):
    admin = await join_as(api, "admin")
    role_id = await make_role(api, admin, "packers")
    path = f"{role_path(role_id)}/permissions/{PERMISSION_IDS[Permission.VIEW_ORDERS]}"
    for _ in range(2):
        assert await grant_to(api, admin, role_id, Permission.VIEW_ORDERS) == 200
        assert await _granted(api, admin.token, role_id) == ["view_orders"]
    for _ in range(2):
        assert (await api.call("DELETE", path, token=admin.token)).status == 204
        assert await _granted(api, admin.token, role_id) == []


async def test_grants_at_once_are_all_kept(api: Api):
    admin = await join_as(api, "admin")
    role_id = await make_role(api, admin, "packers")
    grants = [permission for permission in Permission for _ in range(5)]
    statuses = await asyncio.gather(*(grant_to(api, admin, role_id, each) for each in grants))
    assert statuses == [200] * 20
    (role,) = await stored(api, "roles", {"name": "packers"})
    assert sorted(role["permission_ids"]) == sorted(PERMISSION_IDS.values())


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPERADMIN])
async def test_nothing_can_be_taken_from_those_who_hold_everything(api: Api, role: Role):
    superadmin = await join_as(api, "superadmin")
    own = await make_permission(api, superadmin, "manage_inventory")
    assert await grant_to(api, superadmin, role, own) == 200
    path = f"{role_path(role)}/permissions/{own}"
    reply = await api.call("DELETE", path, token=superadmin.token)
    message = f"{role} holds every permission; limit an admin's account instead"
    assert _said(reply) == (403, message)
    assert "manage_inventory" in await _granted(api, superadmin.token, role)
    assert (await stored(api, "roles", {"_id": ROLE_IDS[role]}))[0]["permission_ids"] == []


async def test_grants_that_race_with_the_deletion_of_the_permission_leave_none_behind(api: Api):
    admin = await join_as(api, "admin")
    permission_id = await make_permission(api, admin, "manage_inventory")
    roles = [await make_role(api, admin, f"role {number}") for number in range(6)]
    statuses, deletion = await asyncio.gather(
        asyncio.gather(*(grant_to(api, admin, role_id, permission_id) for role_id in roles)),
        api.call("DELETE", permission_path(permission_id), token=admin.token),
    )
    assert set(statuses) <= {200, 404}
    assert deletion.status == 204
    of_staff = {"_id": {"$nin": list(ROLE_IDS.values())}}
    assert [role["permission_ids"] for role in await stored(api, "roles", of_staff)] == [[]] * 6
