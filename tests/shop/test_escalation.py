"""No way through the role routes leads to more than one has (CONTRACT sections 1 and 7).

Each refusal also proves that nothing changed.
"""

import asyncio
from typing import Any

import pytest

from services.access.actor import Permission, Role
from services.access.defaults import ROLE_IDS
from services.access.errors import InsufficientPermissions
from tests.factories import change_user, stored
from tests.harness import Api
from tests.shop.people import (
    ROLES,
    Person,
    assign,
    everything,
    grant_to,
    join,
    join_as,
    make_permission,
    make_role,
    permission_path,
    role_path,
    roles_path,
)

BELOW_SUPERADMIN = ("customer_experience", "manager", "roles_admin", "admin")
WITHOUT_ALL = ("customer_experience", "manager", "roles_admin")


async def _refused(
    api: Api, by: Person, method: str, path: str, body: dict[str, Any] | None = None
) -> None:
    """The request is answered with 403, and nothing changes."""
    before = await everything(api)
    reply = await api.call(method, path, body, token=by.token)
    assert reply.status == 403, reply
    assert await everything(api) == before


async def _held(api: Api, person: Person) -> set[Permission]:
    """What a person holds on a route that asks for it."""
    access = api.agora.services.access
    actor = await api.agora.services.accounts.sessions.authenticate(person.token)
    actor = await access.rights.with_granted(actor)
    return {permission for permission in Permission if actor.holds(permission)}


@pytest.mark.parametrize(
    ("account", "held"),
    [
        ({"roles": ["user"]}, set()),
        ({"roles": ["user", "customer_experience"]}, {Permission.VIEW_ORDERS}),
        ({"roles": ["user", "manager"]}, set(Permission)),
        ({"roles": ["user", "admin"]}, set(Permission)),
        ({"roles": ["user", "superadmin"], "permissions": []}, set(Permission)),
        ({"roles": ["user", "admin"], "permissions": []}, set()),
        ({"roles": ["user", "admin"], "permissions": ["manage_roles"]}, set()),
        (
            {"roles": ["user", "admin", "customer_experience"], "permissions": []},
            {Permission.VIEW_ORDERS},
        ),
        ({"roles": ["user"], "permissions": ["manage_products"]}, set()),
    ],
)
async def test_what_each_rank_holds(api: Api, account: dict[str, Any], held: set[Permission]):
    assert await _held(api, await join(api, "somebody", **account)) == held


async def test_what_a_role_grants_is_held_at_the_next_request_and_not_after(api: Api):
    admin, packer = await join_as(api, "admin"), await join_as(api, "user")
    role_id = await make_role(api, admin, "packers", Permission.VIEW_ORDERS)
    grant = f"{role_path(role_id)}/permissions"
    assert await _held(api, packer) == set()
    assert await assign(api, admin, packer, "packers") == 200
    assert await _held(api, packer) == {Permission.VIEW_ORDERS}
    assert await grant_to(api, admin, role_id, Permission.MANAGE_ORDERS) == 200
    assert await _held(api, packer) == {Permission.VIEW_ORDERS, Permission.MANAGE_ORDERS}
    for permission in (Permission.VIEW_ORDERS, Permission.MANAGE_ORDERS):
        path = f"{grant}/{permission_path(permission).rpartition('/')[2]}"
        assert (await api.call("DELETE", path, token=admin.token)).status == 204
    assert await _held(api, packer) == set()


async def test_a_route_is_open_to_who_holds_its_permission_while_they_do(api: Api):
    admin, keeper = await join_as(api, "admin"), await join_as(api, "user")
    role_id = await make_role(api, admin, "keepers", Permission.MANAGE_PRODUCTS)

    async def create(name: str) -> int:
        brand = {"name": name}
        return (await api.post("/api/v1/admin/catalog/brands", brand, token=keeper.token)).status

    assert await create("Before") == 403
    assert await assign(api, admin, keeper, "keepers") == 200
    assert await create("Meanwhile") == 201
    assert (await api.call("DELETE", role_path(role_id), token=admin.token)).status == 204
    assert await create("After") == 403
    assert [brand["name"] for brand in await stored(api, "brands")] == ["Meanwhile"]


async def test_what_everybody_holds_is_held_by_everybody(api: Api):
    admin, other = await join_as(api, "admin"), await join_as(api, "user")
    assert await grant_to(api, admin, Role.USER, Permission.VIEW_ORDERS) == 200
    assert await _held(api, other) == {Permission.VIEW_ORDERS}


@pytest.mark.parametrize("rank", BELOW_SUPERADMIN)
@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPERADMIN])
async def test_only_superadmins_give_and_take_the_roles_of_admins(api: Api, rank: str, role: Role):
    caller, victim = await join_as(api, rank), await join(api, "victim", roles=["user", role])
    await join_as(api, "superadmin")
    for body in ({"role_name": role.value}, {"role_id": str(ROLE_IDS[role])}):
        await _refused(api, caller, "POST", roles_path(caller), body)
        await _refused(api, caller, "POST", roles_path(victim), body)
    await _refused(api, caller, "DELETE", f"{roles_path(victim)}/{ROLE_IDS[role]}")
    await _refused(api, caller, "DELETE", f"{roles_path(caller)}/{ROLE_IDS[role]}")
    await _refused(api, caller, "PUT", role_path(role), {"description": "Nobody"})


@pytest.mark.parametrize("role", ["admin", "superadmin", "manager", "customer_experience"])
async def test_superadmins_give_and_take_every_role(api: Api, role: str):
    superadmin, other = await join_as(api, "superadmin"), await join_as(api, "user")
    assert await assign(api, superadmin, other, role) == 200
    path = f"{roles_path(other)}/{ROLE_IDS[Role(role)]}"
    assert (await api.call("DELETE", path, token=superadmin.token)).status == 204


@pytest.mark.parametrize(
    ("rank", "role", "status"),
    [
        ("customer_experience", "customer_experience", 200),
        ("customer_experience", "manager", 403),
        ("manager", "manager", 200),
        ("manager", "customer_experience", 403),
        ("roles_admin", "customer_experience", 403),
        ("roles_admin", "manager", 403),
        ("admin", "customer_experience", 200),
        ("admin", "manager", 200),
        *((rank, "user", 200) for rank in BELOW_SUPERADMIN),
    ],
)
async def test_a_default_role_is_given_by_who_has_it(api: Api, rank: str, role: str, status: int):
    caller, other = await join_as(api, rank), await join_as(api, "user")
    before = await everything(api)
    assert await assign(api, caller, other, role) == status
    assert (await everything(api) == before) is (status == 403 or role == "user")


@pytest.mark.parametrize("rank", WITHOUT_ALL)
async def test_nobody_makes_a_role_for_themselves_with_more_than_they_have(api: Api, rank: str):
    caller = await join_as(api, rank)
    permission_id = await make_permission(api, caller, "manage_inventory")
    role_id = await make_role(api, caller, "mine")
    assert await assign(api, caller, caller, "mine") == 200
    held = await _held(api, caller)
    # Neither what the product asks for, nor what the caller just made up.
    for wanted in (permission_id, *set(Permission) - held):
        wanted_id = permission_path(wanted).rpartition("/")[2]
        body = {"permission_id": wanted_id}
        for role in (role_id, *Role):
            await _refused(api, caller, "POST", f"{role_path(role)}/permissions", body)
    assert await _held(api, caller) == held


@pytest.mark.parametrize("rank", WITHOUT_ALL)
async def test_a_role_with_more_than_one_has_is_out_of_reach(api: Api, rank: str):
    caller, founder = await join_as(api, rank), await join_as(api, "admin", "founder")
    other = await join_as(api, "user")
    permission_id = await make_permission(api, founder, "manage_inventory")
    role_id = await make_role(api, founder, "stewards", Permission.VIEW_ORDERS, permission_id)
    assert await assign(api, founder, other, "stewards") == 200
    for to in (caller, other):
        await _refused(api, caller, "POST", roles_path(to), {"role_name": "stewards"})
        await _refused(api, caller, "POST", roles_path(to), {"role_id": role_id})
    await _refused(api, caller, "DELETE", f"{roles_path(other)}/{role_id}")
    await _refused(api, caller, "PUT", role_path(role_id), {"name": "others"})
    await _refused(api, caller, "DELETE", role_path(role_id))
    await _refused(api, caller, "DELETE", f"{role_path(role_id)}/permissions/{permission_id}")


@pytest.mark.parametrize("rank", WITHOUT_ALL)
async def test_a_permission_one_lacks_is_out_of_reach(api: Api, rank: str):
    caller, founder = await join_as(api, rank), await join_as(api, "admin", "founder")
    permission_id = await make_permission(api, founder, "manage_inventory")
    await make_role(api, founder, "stewards", permission_id)
    own = await make_permission(api, caller, "mine")
    for path in (permission_path(permission_id), permission_path(own)):
        await _refused(api, caller, "PUT", path, {"description": "Harmless"})
        await _refused(api, caller, "DELETE", path)


async def test_a_permission_by_a_role_that_staff_made_is_as_good_as_any(api: Api):
    founder, helper = await join_as(api, "admin"), await join_as(api, "customer_experience")
    permission_id = await make_permission(api, founder, "manage_inventory")
    await make_role(api, founder, "stewards", permission_id)
    assert await assign(api, founder, helper, "stewards") == 200
    role_id = await make_role(api, helper, "stock takers", permission_id)
    changed = await api.call(
        "PUT", permission_path(permission_id), {"name": "manage_stock"}, token=helper.token
    )
    assert changed.status == 200
    other = await join_as(api, "user")
    assert await assign(api, helper, other, "stewards") == 200
    for path in (role_path(role_id), permission_path(permission_id)):
        assert (await api.call("DELETE", path, token=helper.token)).status == 204


@pytest.mark.parametrize("rank", WITHOUT_ALL)
async def test_a_name_gives_nothing(api: Api, rank: str):
    caller = await join_as(api, rank)
    role_id = await make_role(api, caller, "mine")
    assert await assign(api, caller, caller, "mine") == 200
    for name in ("admin", "SUPERADMIN", " manager "):
        before = await everything(api)
        for method, path in (("POST", ROLES), ("PUT", role_path(role_id))):
            reply = await api.call(method, path, {"name": name}, token=caller.token)
            assert reply.status == 409, reply
        assert await everything(api) == before


async def test_support_takes_nothing_from_managers(api: Api):
    support, manager = await join_as(api, "customer_experience"), await join_as(api, "manager")
    view_orders = permission_path(Permission.VIEW_ORDERS).rpartition("/")[2]
    path = f"{role_path(Role.MANAGER)}/permissions/{view_orders}"
    await _refused(api, support, "DELETE", path)
    await _refused(api, support, "DELETE", f"{roles_path(manager)}/{ROLE_IDS[Role.MANAGER]}")
    assert await _held(api, manager) == set(Permission)


@pytest.mark.parametrize("rank", WITHOUT_ALL)
async def test_only_admins_decide_what_everybody_holds(api: Api, rank: str):
    caller, admin = await join_as(api, rank), await join_as(api, "admin")
    view_orders = permission_path(Permission.VIEW_ORDERS).rpartition("/")[2]
    path = f"{role_path(Role.USER)}/permissions"
    await _refused(api, caller, "POST", path, {"permission_id": view_orders})
    assert await grant_to(api, admin, Role.USER, Permission.VIEW_ORDERS) == 200
    await _refused(api, caller, "DELETE", f"{path}/{view_orders}")


async def test_what_is_granted_to_admins_does_not_reach_those_with_limits(api: Api):
    manager, limited = await join_as(api, "manager"), await join_as(api, "roles_admin")
    for permission in Permission:
        assert await grant_to(api, manager, Role.ADMIN, permission) == 200
    assert await _held(api, limited) == set()


async def test_limits_are_no_permissions_that_a_role_could_grant(api: Api):
    admin, limited = await join_as(api, "admin"), await join_as(api, "users_admin")
    await make_role(api, admin, "mine", await make_permission(api, admin, "manage_roles"))
    assert await assign(api, admin, limited, "mine") == 200
    assert (await api.get(ROLES, token=limited.token)).status == 403


async def test_who_is_demoted_meanwhile_finishes_nothing(api: Api):
    """The caller is read anew in the transaction that changes something."""
    superadmin, caller = await join_as(api, "superadmin"), await join_as(api, "admin")
    actor = await api.agora.services.accounts.sessions.authenticate(caller.token)
    await change_user(api, "admin", roles=["user"])
    before = await everything(api)
    access, other = api.agora.services.access, roles_path(superadmin).split("/")[-2]
    manager = str(ROLE_IDS[Role.MANAGER])
    for change in (
        access.roles.create("mine", "", actor=actor),
        access.roles.change(manager, None, "Mine", actor=actor),
        access.assignments.assign(other, role_id=manager, role_name=None, actor=actor),
        access.assignments.remove(other, manager, actor=actor),
    ):
        (outcome,) = await asyncio.gather(change, return_exceptions=True)
        assert isinstance(outcome, InsufficientPermissions)
    assert await everything(api) == before


async def test_no_field_of_a_body_makes_a_role_more_than_it_is(api: Api):
    manager = await join_as(api, "manager")
    role_id = await make_role(api, manager, "mine")
    body = {
        "description": "Mine",
        "permission_ids": ["*"],
        "_id": str(ROLE_IDS[Role.ADMIN]),
        "name_key": "admin",
    }
    reply = await api.call("PUT", role_path(role_id), body, token=manager.token)
    assert reply.status == 200
    (role,) = await stored(api, "roles", {"name": "mine"})
    assert (str(role["_id"]), role["name_key"], role["permission_ids"]) == (role_id, "mine", [])
