"""What staff do in the shop is in the audit log, once for each change (issue 4, part 3)."""

from typing import Any

from services.access.actor import Permission, Role
from services.access.defaults import PERMISSION_IDS, ROLE_IDS
from tests.factories import stored
from tests.harness import Api
from tests.shop.people import (
    PERMISSIONS,
    ROLES,
    Person,
    assign,
    grant_to,
    join_as,
    make_role,
    permission_path,
    role_path,
    roles_path,
)
from tests.shop.shelves import STAFF
from tests.shop.shopping import add_product, customers_with, order

MANAGE = str(PERMISSION_IDS[Permission.MANAGE_ORDERS])
MANAGER = str(ROLE_IDS[Role.MANAGER])


async def audited(api: Api) -> list[tuple[Any, ...]]:
    """What was done to what, oldest first; every entry is the admin's."""
    entries = await stored(api, "audit_entries")
    (admin,) = await stored(api, "users", {"phone_identifier": "admin"})
    assert {entry["actor_id"] for entry in entries} <= {admin["_id"]}
    assert {entry["address"] for entry in entries} <= {"127.0.0.1"}
    return [(entry["action"], entry["target_id"], entry["details"]) for entry in entries]


async def test_roles_and_what_they_grant(api: Api):
    admin = await join_as(api, "admin")
    role_id = await make_role(api, admin, "packers")
    for _ in range(2):
        assert await grant_to(api, admin, role_id, Permission.MANAGE_ORDERS) == 200
    described = {"description": "They pack"}
    assert (await api.call("PUT", role_path(role_id), described, token=admin.token)).status == 200
    for _ in range(2):
        path = f"{role_path(role_id)}/permissions/{MANAGE}"
        assert (await api.call("DELETE", path, token=admin.token)).status == 204
    assert (await api.call("DELETE", role_path(role_id), token=admin.token)).status == 204
    assert await audited(api) == [
        ("role.create", role_id, {"name": "packers"}),
        ("role.grant", role_id, {"name": "packers", "permission_id": MANAGE}),
        ("role.update", role_id, {"name": "packers"}),
        ("role.revoke", role_id, {"name": "packers", "permission_id": MANAGE}),
        ("role.delete", role_id, {"name": "packers"}),
    ]


async def test_permissions(api: Api):
    admin = await join_as(api, "admin")
    fields = {"name": "pack", "resource": "orders", "action": "pack"}
    made = await api.post(PERMISSIONS, fields, token=admin.token)
    permission_id = made.body["data"]["permission"]["id"]
    path = permission_path(permission_id)
    assert (await api.call("PUT", path, {"name": "wrap"}, token=admin.token)).status == 200
    assert (await api.call("DELETE", path, token=admin.token)).status == 204
    assert await audited(api) == [
        ("permission.create", permission_id, {"name": "pack"}),
        ("permission.update", permission_id, {"name": "wrap"}),
        ("permission.delete", permission_id, {"name": "wrap"}),
    ]


async def test_assignments(api: Api):
    admin, user = await join_as(api, "admin"), await join_as(api, "user")
    for _ in range(2):
        assert await assign(api, admin, user, "manager") == 200
    for _ in range(2):
        path = f"{roles_path(user)}/{MANAGER}"
        assert (await api.call("DELETE", path, token=admin.token)).status == 204
    assert await audited(api) == [
        ("user.assign_role", user.id, {"role": "manager"}),
        ("user.remove_role", user.id, {"role": "manager"}),
    ]


async def test_what_is_refused_is_not_in_the_log(api: Api):
    admin, manager = await join_as(api, "admin"), await join_as(api, "manager")
    assert await assign(api, manager, admin, "superadmin") == 403
    assert (await api.post(ROLES, {"name": "user"}, token=admin.token)).status == 409
    assert await audited(api) == []


async def test_the_catalog(api: Api):
    admin = await join_as(api, "admin")
    brand = await made(api, admin, f"{STAFF}/brands", {"name": "Acme"})
    category = await made(api, admin, f"{STAFF}/categories", {"name": "Lamps"})
    price = {"amount": 1000, "currency": "USD"}
    product = await made(
        api, admin, f"{STAFF}/products", {"sku": "S-1", "name": "Lamp", "base_price": price}
    )
    for kind, thing in (("products", product), ("brands", brand), ("categories", category)):
        path = f"{STAFF}/{kind}/{thing}"
        # The second changes nothing.
        for _ in range(2):
            reply = await api.call("PATCH", path, {"name": "Other"}, token=admin.token)
            assert reply.status == 200
        for _ in range(2):
            assert (await api.call("DELETE", path, token=admin.token)).status == 204
    assert await audited(api) == [
        ("brand.create", brand, {"name": "Acme", "fields": ["name"]}),
        ("category.create", category, {"name": "Lamps", "fields": ["name"]}),
        ("product.create", product, {"sku": "S-1", "fields": ["base_price", "name", "sku"]}),
        ("product.update", product, {"sku": "S-1", "fields": ["name"]}),
        ("product.archive", product, {"sku": "S-1", "fields": ["status"]}),
        ("brand.update", brand, {"name": "Other", "fields": ["name"]}),
        ("brand.archive", brand, {"name": "Other", "fields": ["active"]}),
        ("category.update", category, {"name": "Other", "fields": ["name"]}),
        ("category.archive", category, {"name": "Other", "fields": ["active"]}),
    ]


async def test_promotions(api: Api):
    admin = await join_as(api, "admin")
    terms = {"code": "SAVE20", "percent": 20}
    promotion = await made(api, admin, "/api/v1/admin/promotions", terms)
    path = f"/api/v1/admin/promotions/{promotion}"
    assert (await api.call("PUT", path, {**terms, "percent": 30}, token=admin.token)).status == 200
    assert (await api.call("DELETE", path, token=admin.token)).status == 204
    details = {"code": "SAVE20"}
    assert await audited(api) == [
        ("promotion.create", promotion, details),
        ("promotion.update", promotion, details),
        ("promotion.archive", promotion, details),
    ]


async def test_the_status_of_an_order(api: Api):
    admin = await join_as(api, "admin")
    await add_product(api)
    (customer,) = await customers_with(api, 1)
    order_id = (await order(api, customer)).body["data"]["id"]
    path = f"/api/v1/admin/orders/{order_id}/status"
    for status, answer in (("paid", 200), ("paid", 409)):
        reply = await api.call("PATCH", path, {"status": status}, token=admin.token)
        assert reply.status == answer
    assert await audited(api) == [("order.set_status", order_id, {"from": "pending", "to": "paid"})]


async def test_anothers_post_that_is_deleted(api: Api):
    admin, author = await join_as(api, "admin"), await join_as(api, "user")
    await api.create_post(admin.token)
    for token, postid in ((admin.token, 1), (admin.token, await api.create_post(author.token))):
        reply = await api.post("/api/forum/delete_post/", {"postid": postid}, token=token)
        assert reply.status == 200
    assert await audited(api) == [("post.delete", "2", {"author_id": author.id})]


async def made(api: Api, by: Person, path: str, body: dict[str, Any]) -> str:
    """The id of a new thing."""
    reply = await api.post(path, body, token=by.token)
    assert reply.status == 201, reply
    return str(reply.body["data"]["id"])
