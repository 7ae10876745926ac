"""Child users: made and run by their parent, and by nobody else (SOCIOX; CONTRACT section 5)."""

import asyncio
from typing import Any

import pytest
from bson import ObjectId

from tests.factories import stored
from tests.harness import Api, Reply
from tests.sociox.people import PASSWORD, Person, error, join, join_as
from tests.sociox.subscribing import Subscriber, add_plan

CHILDREN = "/api/users/child-users"
CHILD = {
    "email": "child@example.com",
    "password": "childewqepassword123",
    "name": "Child User",
    "permissions": ["create_posts", "view_analytics"],
}
NOT_FOUND = (400, "not_found", "Child user not found")
FORBIDDEN = (403, "forbidden", "Insufficient permissions")


async def create(api: Api, parent: Person, **changes: Any) -> Reply:
    """Make the document's child, or one like it; None leaves a field out."""
    given = {**CHILD, **changes}
    body = {name: value for name, value in given.items() if value is not None}
    return await api.post(CHILDREN, body, token=parent.token)


async def sign_in(api: Api, email: str = "child@example.com", password: str = "") -> Reply:
    """Sign in as a child."""
    body = {"email": email, "password": password or CHILD["password"]}
    return await api.post("/api/v1/auth/login", body)


async def child_of(api: Api, parent: Person, email: str = "child@example.com") -> Person:
    """A new child that is signed in."""
    child_id = (await create(api, parent, email=email)).body["data"]["id"]
    return Person(child_id, email, (await sign_in(api, email)).body["token"])


async def set_active(api: Api, person: Person, is_active: bool) -> None:
    """Deactivate or reactivate an account, past HTTP."""
    await api.agora.storage["users"].update_one(
        {"_id": ObjectId(person.id)}, {"$set": {"is_active": is_active}}
    )


async def test_a_parent_makes_a_child_who_signs_in(api: Api):
    parent = await join(api, "parent")
    reply = await create(api, parent)
    assert reply.status == 201
    assert reply.body["message"] == "Child user created successfully"
    child = reply.body["data"]
    assert child == {
        "id": child["id"],
        "email": "child@example.com",
        "email_verified": False,
        "phone_number": None,
        "name": "Child User",
        "first_name": "Child",
        "last_name": "User",
        "type": "child",
        "parent_id": parent.id,
        "roles": ["user"],
        "permissions": ["create_posts", "view_analytics"],
        "active": True,
        "created_at": "2025-01-18T10:00:00Z",
        "updated_at": "2025-01-18T10:00:00Z",
    }
    assert (await sign_in(api)).body["data"]["user"] == child


async def test_a_child_is_mailed_a_link_to_verify_its_address(api: Api):
    parent = await join(api, "parent")
    await create(api, parent)
    (mail,) = await stored(api, "outbox")
    assert (mail["to"], mail["kind"]) == ("child@example.com", "verify_email")
    assert (await create(api, parent)).status == 409
    assert len(await stored(api, "outbox")) == 1


UNUSABLE: list[tuple[dict[str, Any], str]] = [
    ({"email": None}, "missing_field"),
    ({"password": ""}, "missing_field"),
    ({"name": None}, "missing_field"),
    ({"name": "  "}, "invalid_name"),
    ({"email": "child@example.com\r\nBcc: all@example.com"}, "invalid_email"),
    ({"email": {"$ne": ""}}, "invalid_field"),
    ({"password": "short"}, "invalid_password"),
    ({"password": "x" * 73}, "invalid_password"),
    ({"permissions": "create_posts"}, "invalid_field"),
    ({"permissions": [1]}, "invalid_field"),
    ({"permissions": [""]}, "invalid_field"),
    ({"permissions": ["a\nb"]}, "invalid_field"),
    ({"permissions": ["x" * 65]}, "invalid_field"),
    ({"permissions": [f"p{number}" for number in range(51)]}, "invalid_field"),
]


async def test_what_a_child_can_not_be_is_refused(api: Api):
    parent = await join(api, "parent")
    for changes, refusal in UNUSABLE:
        assert error(await create(api, parent, **changes))[:2] == (400, refusal), changes
    assert len(await stored(api, "users")) == 1
    assert await stored(api, "outbox") == []


async def test_permissions_are_kept_once_each_and_may_be_left_out(api: Api):
    parent = await join(api, "parent")
    twice = await create(api, parent, permissions=["b", " a ", "b"])
    assert twice.body["data"]["permissions"] == ["b", "a"]
    without = await create(api, parent, email="other@example.com", permissions=None)
    assert without.body["data"]["permissions"] == []


async def test_an_address_that_is_taken_is_told(api: Api):
    parent = await join(api, "parent")
    reply = await create(api, parent, email=parent.email)
    assert error(reply) == (409, "email_taken", "Email already exists")
    replies = await asyncio.gather(*(create(api, parent) for _ in range(5)))
    assert sorted(reply.status for reply in replies) == [201, 409, 409, 409, 409]


async def test_a_childs_permissions_open_no_route_of_this_server(api: Api):
    parent = await join(api, "parent")
    await create(api, parent, permissions=["manage_users", "manage_content", "manage_roles"])
    token = (await sign_in(api)).body["token"]
    for path in ("/api/v1/admin/get-all-admins", "/api/v1/admin/roles"):
        assert (await api.get(path, token=token)).status == 403
    # An admin who is somebody's child keeps an admin's limits, whatever the parent says.
    (child,) = await stored(api, "users", {"email": "child@example.com"})
    await api.agora.storage["users"].update_one(
        {"_id": child["_id"]},
        {"$set": {"roles": ["user", "admin"], "permissions": ["view_user_details"]}},
    )
    assert (await api.get("/api/v1/admin/roles", token=token)).status == 403
    profile = await api.get("/api/v1/auth/profile", token=token)
    assert profile.body["data"]["user"]["permissions"] == ["view_user_details"]


async def test_a_parent_sees_its_own_children_a_page_at_a_time(api: Api):
    parent, other = await join(api, "parent"), await join(api, "other")
    for number in range(3):
        await create(api, parent, email=f"child{number}@example.com")
    await create(api, other, email="others@example.com")
    reply = await api.get(CHILDREN, token=parent.token)
    assert (reply.status, reply.body["message"]) == (200, "Child users retrieved successfully")
    emails = [child["email"] for child in reply.body["data"]]
    assert emails == ["child0@example.com", "child1@example.com", "child2@example.com"]
    reply = await api.get("/api/v1/users/child-users?page=2&page_size=2", token=parent.token)
    assert [child["email"] for child in reply.body["data"]] == ["child2@example.com"]
    assert reply.body["meta"] == {
        "page": 2,
        "page_size": 2,
        "total_items": 3,
        "total_pages": 2,
        "has_next": False,
        "has_prev": True,
    }
    assert error(await api.get(f"{CHILDREN}?page=0", token=parent.token))[:2] == (
        400,
        "invalid_page",
    )


async def test_a_parent_changes_a_childs_name_and_permissions(api: Api):
    parent = await join(api, "parent")
    child = (await create(api, parent)).body["data"]
    api.clock.advance(minutes=1)
    path, at = f"{CHILDREN}/{child['id']}", "2025-01-18T10:01:00Z"
    reply = await api.call("PATCH", path, {"permissions": ["post"]}, token=parent.token)
    changed = {**child, "permissions": ["post"], "updated_at": at}
    assert (reply.status, reply.body["data"]) == (200, changed)
    reply = await api.call("PATCH", path, {"name": "Ann Lee", "email": "x"}, token=parent.token)
    named = {**changed, "name": "Ann Lee", "first_name": "Ann", "last_name": "Lee"}
    assert (reply.status, reply.body["data"]) == (200, named)
    assert reply.body["message"] == "Child user updated successfully"
    assert (await sign_in(api)).body["data"]["user"] == named


@pytest.mark.parametrize("body", [{}, {"name": None}, {"email": "x@example.com"}])
async def test_a_change_of_nothing_is_refused(api: Api, body: dict[str, Any]):
    parent = await join(api, "parent")
    child = (await create(api, parent)).body["data"]
    reply = await api.call("PATCH", f"{CHILDREN}/{child['id']}", body, token=parent.token)
    assert error(reply) == (400, "missing_field", "Give at least one of name, permissions")


async def test_a_removed_child_is_gone_with_what_was_its(api: Api):
    parent = await join(api, "parent")
    child = await child_of(api, parent)
    await api.create_post(child.token)
    reply = await api.call("DELETE", f"{CHILDREN}/{child.id}", token=parent.token)
    gone = {"message": "Child user deleted successfully", "data": None}
    assert (reply.status, reply.body) == (200, gone)
    assert (await api.get("/api/v1/auth/profile", token=child.token)).status == 401
    assert await stored(api, "posts") == []
    assert len(await stored(api, "users")) == 1
    again = await api.call("DELETE", f"{CHILDREN}/{child.id}", token=parent.token)
    assert error(again) == NOT_FOUND
    assert (await create(api, parent)).status == 201


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
async def test_what_is_not_ones_own_child_does_not_exist(api: Api, method: str):
    parent, other = await join(api, "parent"), await join(api, "other")
    child = (await create(api, parent)).body["data"]
    before = await stored(api, "users")
    for who, target in (
        (other, child["id"]),
        (parent, parent.id),
        (parent, other.id),
        (parent, str(ObjectId())),
        (parent, "1"),
        (parent, "%24ne"),
    ):
        body = {"name": "Mine Now"}
        reply = await api.call(method, f"{CHILDREN}/{target}", body, token=who.token)
        assert error(reply) == NOT_FOUND, target
    assert await stored(api, "users") == before


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", CHILDREN),
        ("GET", CHILDREN),
        ("PATCH", f"{CHILDREN}/1"),
        ("DELETE", f"{CHILDREN}/1"),
    ],
)
async def test_a_child_is_no_parent(api: Api, method: str, path: str):
    child = await join_as(api, "child")
    body = None if method == "GET" else {**CHILD, "email": "grandchild@example.com"}
    assert error(await api.call(method, path, body, token=child.token)) == FORBIDDEN
    assert len(await stored(api, "users")) == 2


@pytest.mark.parametrize("kind", ["user", "manager", "admin", "superadmin"])
async def test_every_account_that_is_no_child_may_have_children(api: Api, kind: str):
    assert (await create(api, await join_as(api, kind))).status == 201


async def test_a_phone_account_may_have_children(api: Api):
    token = await api.sign_in()
    reply = await api.post(CHILDREN, CHILD, token=token)
    assert reply.status == 201


async def test_a_deactivated_parents_children_are_shut_out_until_it_is_back(api: Api):
    parent, other = await join(api, "parent"), await join(api, "other")
    child = await child_of(api, parent)
    stays = await child_of(api, other, "stays@example.com")
    signed_in = (await sign_in(api)).body["data"]
    await set_active(api, parent, False)

    assert (await api.get("/api/v1/auth/profile", token=child.token)).status == 401
    inactive = (403, "account_inactive", "Account is inactive")
    assert error(await sign_in(api)) == inactive
    assert error(await sign_in(api, password="another1"))[0] == 401
    refresh = {"refresh_token": signed_in["refresh_token"]}
    assert (await api.post("/api/v1/auth/refresh", refresh)).status == 401
    assert (await api.get("/api/v1/auth/profile", token=stays.token)).status == 200

    await set_active(api, parent, True)
    assert (await api.get("/api/v1/auth/profile", token=child.token)).status == 200
    assert (await sign_in(api)).status == 200


async def test_a_child_that_is_deactivated_alone_leaves_its_parent_in(api: Api):
    parent = await join(api, "parent")
    child = await child_of(api, parent)
    await set_active(api, child, False)
    assert (await api.get("/api/v1/auth/profile", token=child.token)).status == 401
    assert (await api.get(CHILDREN, token=parent.token)).body["data"][0]["active"] is False


async def test_a_parent_who_leaves_while_children_are_made_leaves_none_behind(api: Api):
    parent = await join(api, "parent")
    calls = [create(api, parent, email=f"child{number}@example.com") for number in range(8)]
    leaving = api.call("DELETE", "/api/user/", token=parent.token)
    replies = await asyncio.gather(*calls[:4], leaving, *calls[4:])
    assert replies[4].status == 200
    assert {reply.status for reply in replies} <= {200, 201, 401}
    assert await stored(api, "users") == []


async def test_a_parents_password_is_not_its_childs(api: Api):
    parent = await join(api, "parent")
    await create(api, parent)
    assert (await sign_in(api, password=PASSWORD)).status == 401


async def _join_with_plan(api: Api, **features: Any) -> tuple[Person, Subscriber]:
    parent = await join(api, "parent")
    subscriber = Subscriber(api, parent)
    reply = await subscriber.subscribe(await add_plan(api, features=features))
    assert reply.status < 300, reply
    return parent, subscriber


def _full(limit: int) -> tuple[int, str, str]:
    said = f"The plan's limit of {limit} child users is reached; remove one or take a larger plan"
    return 403, "plan_limit_reached", said


async def test_the_plans_team_members_are_a_childs_places(api: Api):
    parent, _ = await _join_with_plan(api, teamMembers=2)
    for number in range(2):
        child = await create(api, parent, email=f"child{number}@example.com")
        assert child.status == 201
    before = [await stored(api, name) for name in ("users", "outbox")]
    assert error(await create(api, parent)) == _full(2)
    assert [await stored(api, name) for name in ("users", "outbox")] == before
    # A deactivated child keeps its place; a removed one leaves it.
    path = f"{CHILDREN}/{child.body['data']['id']}"
    await set_active(api, Person(child.body["data"]["id"], "", ""), False)
    assert error(await create(api, parent)) == _full(2)
    assert (await api.call("DELETE", path, token=parent.token)).status == 200
    assert (await create(api, parent)).status == 201


async def test_of_many_children_for_the_last_place_one_gets_it(api: Api):
    parent, _ = await _join_with_plan(api, teamMembers=3)
    emails = [f"child{number}@example.com" for number in range(8)]
    replies = await asyncio.gather(*(create(api, parent, email=email) for email in emails))
    assert sorted(reply.status for reply in replies) == [201] * 3 + [403] * 5
    assert len(await stored(api, "users", {"type": "child"})) == 3


@pytest.mark.parametrize(("features", "status"), [({}, 201), ({"teamMembers": 0}, 403)])
async def test_a_plan_limits_by_what_it_says_and_until_it_ends(
    api: Api, features: dict[str, int], status: int
):
    parent, subscriber = await _join_with_plan(api, **features)
    assert (await create(api, parent)).status == status
    assert (await subscriber.cancel()).status == 200
    assert (await create(api, parent, email="second@example.com")).status == status
    api.clock.advance(days=32)
    late = Person(parent.id, parent.email, await subscriber.token())
    assert (await create(api, late, email="late@example.com")).status == 201


async def test_a_smaller_plan_removes_nobody(api: Api):
    parent, subscriber = await _join_with_plan(api, teamMembers=2)
    for number in range(2):
        await create(api, parent, email=f"child{number}@example.com")
    smaller = await add_plan(api, "basic", features={"teamMembers": 1})
    assert (await subscriber.update(smaller)).status == 200
    assert len((await api.get(CHILDREN, token=parent.token)).body["data"]) == 2
    assert error(await create(api, parent)) == _full(1)


async def test_without_a_plan_there_is_no_cap(api: Api):
    parent = await join(api, "parent")
    storage, parent_id = api.agora.storage, ObjectId(parent.id)
    for number in range(600):
        child = {"_id": ObjectId(), "parent_id": parent_id, "number": 1000 + number}
        await storage["users"].insert_one(child)
    assert (await create(api, parent)).status == 201
