"""Every role route for every rank (CONTRACT sections 1 and 7; SHOP "Admin Routes")."""

from typing import Any

import pytest

from services.access.actor import Permission, Role
from services.access.defaults import PERMISSION_IDS, ROLE_IDS
from tests.harness import Api
from tests.shop.people import (
    PERMISSIONS,
    RANKS,
    ROLES,
    Person,
    everything,
    join,
    join_as,
    make_permission,
    make_role,
    permission_path,
    role_path,
    roles_path,
)

VIEW_ORDERS = str(PERMISSION_IDS[Permission.VIEW_ORDERS])
MANAGER_ROLE = str(ROLE_IDS[Role.MANAGER])
# Anonymous, then by rank: user, customer_experience, manager, users_admin, roles_admin, admin,
# superadmin. `helpers` is a role that grants view_orders, `manage_inventory` a permission that
# only admins hold, `shopper` somebody who is also a manager.
ROWS: list[tuple[str, str, Any, tuple[int, ...]]] = [
    ("GET", ROLES, None, (401, 403, 200, 200, 403, 200, 200, 200)),
    ("POST", ROLES, {"name": "packers"}, (401, 403, 201, 201, 403, 201, 201, 201)),
    ("GET", "{helpers}", None, (401, 403, 200, 200, 403, 200, 200, 200)),
    ("PUT", "{helpers}", {"name": "aides"}, (401, 403, 200, 200, 403, 403, 200, 200)),
    ("DELETE", "{helpers}", None, (401, 403, 204, 204, 403, 403, 204, 204)),
    ("GET", "{helpers}/permissions", None, (401, 403, 200, 200, 403, 200, 200, 200)),
    (
        "POST",
        "{helpers}/permissions",
        {"permission_id": VIEW_ORDERS},
        (401, 403, 200, 200, 403, 403, 200, 200),
    ),
    (
        "DELETE",
        "{helpers}/permissions/" + VIEW_ORDERS,
        None,
        (401, 403, 204, 204, 403, 403, 204, 204),
    ),
    ("GET", PERMISSIONS, None, (401, 403, 200, 200, 403, 200, 200, 200)),
    (
        "POST",
        PERMISSIONS,
        {"name": "pack", "resource": "orders", "action": "pack"},
        (401, 403, 201, 201, 403, 201, 201, 201),
    ),
    ("GET", "{manage_inventory}", None, (401, 403, 200, 200, 403, 200, 200, 200)),
    (
        "PUT",
        permission_path(Permission.MANAGE_ORDERS),
        {"description": "New"},
        (401, 403, 403, 200, 403, 403, 200, 200),
    ),
    ("DELETE", "{manage_inventory}", None, (401, 403, 403, 403, 403, 403, 204, 204)),
    ("GET", "{shopper}", None, (401, 403, 200, 200, 403, 200, 200, 200)),
    (
        "POST",
        "{shopper}",
        {"role_name": "customer_experience"},
        (401, 403, 200, 403, 403, 403, 200, 200),
    ),
    ("DELETE", "{shopper}/" + MANAGER_ROLE, None, (401, 403, 403, 204, 403, 403, 204, 204)),
]


@pytest.mark.parametrize(("column", "rank"), list(enumerate((None, *RANKS))))
async def test_who_may_do_what(api: Api, column: int, rank: str | None):
    founder = await join_as(api, "admin", "founder")
    token = None if rank is None else (await join_as(api, rank)).token
    for number, (method, path, body, statuses) in enumerate(ROWS):
        places = await _places(api, founder, str(number))
        before = await everything(api)
        reply = await api.call(method, path.format(**places), body, token=token)
        assert reply.status == statuses[column], (method, path, reply)
        if reply.status in _REFUSALS:
            assert reply.body == {"error": _REFUSALS[reply.status]}
        # Granting what is granted already changes nothing, for those who may.
        changes = reply.status < 300 and method != "GET" and path != "{helpers}/permissions"
        assert (await everything(api) != before) is changes, (method, path)


async def _places(api: Api, founder: Person, number: str) -> dict[str, str]:
    """What the rows name, made anew for each."""
    helpers = await make_role(api, founder, f"helpers {number}", Permission.VIEW_ORDERS)
    manage_inventory = await make_permission(api, founder, f"manage_inventory {number}")
    shopper = await join(api, f"shopper{number}", roles=["user", "manager"])
    return {
        "helpers": role_path(helpers),
        "manage_inventory": permission_path(manage_inventory),
        "shopper": roles_path(shopper),
    }


_REFUSALS = {
    401: {"code": "authentication_required", "message": "Authentication required"},
    403: {"code": "forbidden", "message": "Insufficient permissions"},
}


@pytest.mark.parametrize(
    ("taken", "status"), [({"roles": ["user"]}, 403), ({"is_active": False}, 401)]
)
async def test_a_rank_that_was_taken_away_is_gone_at_the_next_request(
    api: Api, taken: dict[str, Any], status: int
):
    manager = await join_as(api, "manager")
    assert (await api.get(ROLES, token=manager.token)).status == 200
    await api.agora.storage["users"].update_one({"phone_identifier": "manager"}, {"$set": taken})
    assert (await api.get(ROLES, token=manager.token)).status == status
