"""SHOP "Admin Routes": an admin gives stock keeping to somebody, by the document's examples."""

from services.access.actor import Role
from services.access.defaults import ROLE_IDS
from tests.harness import Api
from tests.shop.people import join_as


async def test_an_admin_manages_roles(api: Api):
    token, keeper = (await join_as(api, "admin")).token, await join_as(api, "user")
    roles, permissions = "/api/v1/admin/roles", "/api/v1/admin/permissions"
    user_roles = f"/api/v1/admin/users/{keeper.id}/roles"

    reply = await api.get(roles, token=token)
    admin_role = {
        "id": str(ROLE_IDS[Role.ADMIN]),
        "name": "admin",
        "description": "Full system access",
    }
    assert reply.status == 200
    assert admin_role in reply.body["data"]["roles"]
    reply = await api.get(f"{roles}/{ROLE_IDS[Role.ADMIN]}", token=token)
    assert (reply.status, reply.body) == (200, {"data": {"role": admin_role}})

    role = {"name": "inventory_manager", "description": "Manages inventory levels"}
    reply = await api.post(roles, role, token=token)
    role_id = reply.body["data"]["role"]["id"]
    assert (reply.status, reply.body) == (201, {"data": {"role": {"id": role_id, **role}}})

    permission = {
        "name": "manage_inventory",
        "resource": "inventory",
        "action": "manage",
        "description": "Full access to inventory management",
    }
    reply = await api.post(permissions, permission, token=token)
    permission_id = reply.body["data"]["permission"]["id"]
    shown = {"id": permission_id, **permission}
    assert (reply.status, reply.body) == (201, {"data": {"permission": shown}})
    reply = await api.get(f"{permissions}/{permission_id}", token=token)
    assert (reply.status, reply.body) == (200, {"data": {"permission": shown}})
    assert shown in (await api.get(permissions, token=token)).body["data"]["permissions"]

    grants = f"{roles}/{role_id}/permissions"
    reply = await api.post(grants, {"permission_id": permission_id}, token=token)
    message = {"data": {"message": "Permission granted successfully"}}
    assert (reply.status, reply.body) == (200, message)
    reply = await api.get(grants, token=token)
    assert (reply.status, reply.body) == (200, {"data": {"permissions": [shown]}})

    reply = await api.post(user_roles, {"role_id": role_id}, token=token)
    message = {"data": {"message": "Role assigned successfully"}}
    assert (reply.status, reply.body) == (200, message)
    reply = await api.get(user_roles, token=token)
    assert (reply.status, reply.body) == (200, {"data": {"roles": ["inventory_manager", "user"]}})

    renamed = {"name": "inventory_admin", "description": "Full inventory access"}
    reply = await api.call("PUT", f"{roles}/{role_id}", renamed, token=token)
    assert (reply.status, reply.body) == (200, {"data": {"role": {"id": role_id, **renamed}}})
    described = {**permission, "description": "Updated description"}
    reply = await api.call("PUT", f"{permissions}/{permission_id}", described, token=token)
    shown = {"id": permission_id, **described}
    assert (reply.status, reply.body) == (200, {"data": {"permission": shown}})

    for path in (
        f"{user_roles}/{role_id}",
        f"{grants}/{permission_id}",
        f"{roles}/{role_id}",
        f"{permissions}/{permission_id}",
    ):
        reply = await api.call("DELETE", path, token=token)
        assert (reply.status, reply.content) == (204, b"")
    assert (await api.get(user_roles, token=token)).body == {"data": {"roles": ["user"]}}
    assert (await api.get(f"{roles}/{role_id}/", token=token)).status == 404
