"""People of every rank, and what is stored of roles: what tests of access begin with."""

from dataclasses import dataclass
from typing import Any

from services.access.actor import Permission, Role
from services.access.defaults import PERMISSION_IDS, ROLE_IDS
from tests.factories import change_user, stored
from tests.harness import Api

ROLES = "/api/v1/admin/roles"
PERMISSIONS = "/api/v1/admin/permissions"

RANKS: dict[str, dict[str, Any]] = {
    "user": {"roles": ["user"]},
    "customer_experience": {"roles": ["user", "customer_experience"]},
    "manager": {"roles": ["user", "manager"]},
    # Admins with limits, without and with the one that opens the role routes.
    "users_admin": {"roles": ["user", "admin"], "permissions": ["manage_users"]},
    "roles_admin": {"roles": ["user", "admin"], "permissions": ["manage_roles"]},
    "admin": {"roles": ["user", "admin"]},
    "superadmin": {"roles": ["user", "superadmin"]},
}


@dataclass(frozen=True)
class Person:
    """An account and a token of it."""

    id: str
    token: str


async def join(api: Api, name: str, **changes: Any) -> Person:
    """A new account, changed past HTTP; `name` is its forum identifier."""
    accounts = api.agora.services.accounts
    user = await accounts.registration.insert_with_phone(name, b"no password")
    if changes:
        await change_user(api, name, **changes)
    return Person(str(user["_id"]), (await accounts.sessions.open(user["_id"])).access)


async def join_as(api: Api, rank: str, name: str | None = None) -> Person:
    """A new account of a rank."""
    return await join(api, name or rank, **RANKS[rank])


def role_path(role: Role | str) -> str:
    """The path of a default role, or of one by its id."""
    return f"{ROLES}/{ROLE_IDS[role] if isinstance(role, Role) else role}"


def permission_path(permission: Permission | str) -> str:
    """The path of a default permission, or of one by its id."""
    if isinstance(permission, Permission):
        return f"{PERMISSIONS}/{PERMISSION_IDS[permission]}"
    return f"{PERMISSIONS}/{permission}"


def roles_path(person: Person) -> str:
    """The path of an account's roles."""
    return f"/api/v1/admin/users/{person.id}/roles"


async def make_role(api: Api, by: Person, name: str, *grants: Permission | str) -> str:
    """The id of a new role that `by` makes and grants permissions to."""
    reply = await api.post(ROLES, {"name": name}, token=by.token)
    assert reply.status == 201, reply
    role_id = str(reply.body["data"]["role"]["id"])
    for grant in grants:
        assert (await grant_to(api, by, role_id, grant)) == 200
    return role_id


async def make_permission(api: Api, by: Person, name: str) -> str:
    """The id of a new permission that `by` makes."""
    fields = {"name": name, "resource": "things", "action": "manage"}
    reply = await api.post(PERMISSIONS, fields, token=by.token)
    assert reply.status == 201, reply
    return str(reply.body["data"]["permission"]["id"])


async def grant_to(api: Api, by: Person, role: Role | str, permission: Permission | str) -> int:
    """The status of a grant."""
    permission_id = permission_path(permission).rpartition("/")[2]
    reply = await api.post(
        f"{role_path(role)}/permissions", {"permission_id": permission_id}, token=by.token
    )
    return reply.status


async def assign(api: Api, by: Person, to: Person, role: str) -> int:
    """The status of an assignment by name."""
    return (await api.post(roles_path(to), {"role_name": role}, token=by.token)).status


async def everything(api: Api) -> list[list[dict[str, Any]]]:
    """All that the role routes may change."""
    return [await stored(api, collection) for collection in ("roles", "permissions", "users")]
