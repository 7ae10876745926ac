"""Permissions (SHOP "Permission Management", CONTRACT section 7)."""

import asyncio
from typing import Any

import pytest

from services.access.actor import Permission
from tests.factories import stored
from tests.harness import Api, Reply
from tests.shop.people import (
    PERMISSIONS,
    assign,
    everything,
    grant_to,
    join_as,
    make_permission,
    make_role,
    permission_path,
)

FIELDS = {"name": "pack", "resource": "orders", "action": "pack"}


def _said(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.body["error"]["message"]


async def test_the_default_permissions_are_there_from_the_start(api: Api):
    admin = await join_as(api, "admin")
    reply = await api.get(PERMISSIONS, token=admin.token)
    shown = [
        {key: value for key, value in each.items() if key != "id"}
        for each in reply.body["data"]["permissions"]
    ]
    assert shown == [
        {
            "name": "manage_orders",
            "resource": "orders",
            "action": "manage",
            "description": "Full access to orders",
        },
        {
            "name": "manage_products",
            "resource": "products",
            "action": "manage",
            "description": "Full access to products",
        },
        {
            "name": "manage_promotions",
            "resource": "promotions",
            "action": "manage",
            "description": "Full access to promotions",
        },
        {
            "name": "view_orders",
            "resource": "orders",
            "action": "view",
            "description": "See the orders of everybody",
        },
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": ""}, "name is required"),
        ({"name": " "}, "name must have 1 to 64 printable characters"),
        ({"resource": None}, "resource is required"),
        ({"resource": "a" * 65}, "resource must have 1 to 64 printable characters"),
        ({"action": ""}, "action is required"),
        ({"action": True}, "action: Expected str, got bool"),
        ({"description": {"$gt": ""}}, "description: Expected str, got object"),
    ],
)
async def test_an_unusable_permission_is_400(api: Api, changes: dict[str, Any], message: str):
    admin = await join_as(api, "admin")
    before = await everything(api)
    reply = await api.post(PERMISSIONS, {**FIELDS, **changes}, token=admin.token)
    assert _said(reply) == (400, message)
    assert await everything(api) == before


@pytest.mark.parametrize("name", ["manage_products", "Manage_Products", "pack"])
async def test_a_taken_name_is_409(api: Api, name: str):
    admin = await join_as(api, "admin")
    await make_permission(api, admin, "pack")
    other = await make_permission(api, admin, "other")
    before = await everything(api)
    for method, path in (("POST", PERMISSIONS), ("PUT", permission_path(other))):
        reply = await api.call(method, path, {**FIELDS, "name": name}, token=admin.token)
        assert _said(reply) == (409, "Permission already exists")
    assert await everything(api) == before


async def test_of_many_who_make_one_permission_at_once_one_makes_it(api: Api):
    admin = await join_as(api, "admin")
    replies = await asyncio.gather(
        *(api.post(PERMISSIONS, FIELDS, token=admin.token) for _ in range(20))
    )
    assert sorted(reply.status for reply in replies) == [201] + [409] * 19
    assert len(await stored(api, "permissions", {"name": "pack"})) == 1


async def test_a_change_leaves_out_what_is_not_given(api: Api):
    admin = await join_as(api, "admin")
    permission_id = await make_permission(api, admin, "pack")
    before = {"id": permission_id, "name": "pack", "resource": "things", "action": "manage"}
    path = permission_path(permission_id)
    for body, changed in (
        ({"description": "They pack"}, {"description": "They pack"}),
        ({"name": "send", "resource": "orders"}, {"name": "send", "resource": "orders"}),
    ):
        before = {**before, **changed}
        reply = await api.call("PUT", path, body, token=admin.token)
        assert (reply.status, reply.body) == (200, {"data": {"permission": before}})
        assert (await api.get(path, token=admin.token)).body == reply.body
    reply = await api.call("PUT", path, {}, token=admin.token)
    message = "Give at least one of name, resource, action, description"
    assert _said(reply) == (400, message)


@pytest.mark.parametrize("permission", list(Permission))
async def test_a_default_permission_keeps_its_name_and_stays(api: Api, permission: Permission):
    superadmin = await join_as(api, "superadmin")
    path = permission_path(permission)
    before = await everything(api)
    refused = (403, f"{permission} is a default permission, which can't be renamed or deleted")
    for method, body in (("PUT", {"name": "other"}), ("DELETE", None)):
        assert _said(await api.call(method, path, body, token=superadmin.token)) == refused
    assert await everything(api) == before
    body = {"name": permission.value, "description": "Described anew"}
    reply = await api.call("PUT", path, body, token=superadmin.token)
    assert reply.body["data"]["permission"]["description"] == "Described anew"


@pytest.mark.parametrize("permission_id", ["0123456789abcdef01234567", "manage_products", "0"])
async def test_an_unknown_permission_is_404(api: Api, permission_id: str):
    admin = await join_as(api, "admin")
    for method, body in (("GET", None), ("PUT", {"name": "other"}), ("DELETE", None)):
        path = permission_path(permission_id)
        reply = await api.call(method, path, body, token=admin.token)
        assert _said(reply) == (404, "Permission not found")


async def test_a_deleted_permission_is_gone_from_every_role(api: Api):
    admin, holder = await join_as(api, "admin"), await join_as(api, "manager")
    permission_id = await make_permission(api, admin, "pack")
    await make_role(api, admin, "packers", permission_id, Permission.VIEW_ORDERS)
    for role in ("senders", "helpers"):
        await make_role(api, admin, role, permission_id)
    assert await assign(api, admin, holder, "senders") == 200
    other = await make_role(api, holder, "other")
    assert await grant_to(api, holder, other, permission_id) == 200
    path = permission_path(permission_id)
    assert (await api.call("DELETE", path, token=admin.token)).status == 204
    assert (await api.get(path, token=admin.token)).status == 404
    grants = {role["name"]: len(role["permission_ids"]) for role in await stored(api, "roles")}
    assert grants == {
        "superadmin": 0,
        "admin": 0,
        "manager": 4,
        "customer_experience": 1,
        "user": 0,
        "packers": 1,
        "senders": 0,
        "helpers": 0,
        "other": 0,
    }
