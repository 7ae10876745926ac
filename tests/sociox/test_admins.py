"""Admins (SOCIOX "admin management"; CONTRACT sections 1, 3 and 5)."""

import asyncio
from typing import Any

import pytest

from tests.factories import stored
from tests.harness import Api
from tests.sociox.people import ADMIN, KINDS, PASSWORD, error, join, join_as

NEW_ADMIN = {
    "email": "newadsmin@example.com",
    "password": "securePassword123!",
    "name": "New Admin",
    "permissions": ["manage_users", "view_user_details", "manage_content"],
}
FORBIDDEN = (403, "forbidden", "Insufficient permissions")
OWN = (403, "own_account", "This is your own account; ask another superadmin")
NO_ADMIN = (400, "not_found", "Admin not found")


async def audited(api: Api) -> list[tuple[Any, ...]]:
    """Who did what to whom, oldest first."""
    return [
        (str(entry["actor_id"]), entry["action"], entry["target_id"], entry["details"])
        for entry in await stored(api, "audit_entries")
    ]


async def test_the_documents_own_examples(api: Api):
    superadmin = await join_as(api, "superadmin")
    token = superadmin.token

    reply = await api.post(f"{ADMIN}/create-admin", NEW_ADMIN, token=token)
    assert reply.status == 201
    made = reply.body["data"]
    assert reply.body == {
        "message": "Admin created successfully",
        "data": {
            "id": made["id"],
            "email": "newadsmin@example.com",
            "email_verified": False,
            "phone_number": None,
            "name": "New Admin",
            "first_name": "New",
            "last_name": "Admin",
            "type": "parent",
            "parent_id": None,
            "roles": ["admin", "user"],
            "permissions": ["manage_users", "view_user_details", "manage_content"],
            "active": True,
            "created_at": "2025-01-18T10:00:00Z",
            "updated_at": "2025-01-18T10:00:00Z",
        },
    }

    login = {"email": NEW_ADMIN["email"], "password": NEW_ADMIN["password"]}
    reply = await api.post(f"{ADMIN}/login", login)
    assert reply.status == 200
    assert reply.body.keys() == {"data", "message", "token"}
    assert reply.body["message"] == "Login successful"
    assert reply.body["data"]["user"] == made
    assert reply.body["token"] == reply.body["data"]["access_token"]
    signed_in = await api.get("/api/v1/auth/profile", token=reply.body["token"])
    assert signed_in.body["data"]["user"] == made

    reply = await api.get(f"{ADMIN}/get-all-admins", token=token)
    assert reply.status == 200
    assert [each["id"] for each in reply.body["data"]] == [superadmin.id, made["id"]]
    assert reply.body["data"][1] == made

    reply = await api.get(f"{ADMIN}/get-admin-details/{made['id']}", token=token)
    assert (reply.status, reply.body["data"]) == (200, made)

    limited = {"permissions": ["manage_users"]}
    reply = await api.call("PUT", f"{ADMIN}/get-admin-details/{made['id']}", limited, token=token)
    assert (reply.status, reply.body["data"]) == (200, {**made, **limited})

    reply = await api.call("DELETE", f"{ADMIN}/delete-admin/{made['id']}", token=token)
    assert (reply.status, reply.body) == (
        200,
        {"message": "Admin deleted successfully", "data": None},
    )
    assert (await api.post(f"{ADMIN}/login", login)).status == 401
    reply = await api.get(f"{ADMIN}/get-admin-details/{made['id']}", token=token)
    assert error(reply) == NO_ADMIN
    assert await audited(api) == [
        (
            superadmin.id,
            "admin.create",
            made["id"],
            {"permissions": ["manage_users", "view_user_details", "manage_content"]},
        ),
        (superadmin.id, "admin.limit", made["id"], limited),
        (superadmin.id, "admin.delete", made["id"], {}),
    ]


@pytest.mark.parametrize("kind", KINDS)
async def test_only_admins_sign_in_as_admins(api: Api, kind: str):
    person = await join_as(api, kind)
    credentials = {"email": person.email, "password": PASSWORD}
    before = len(await stored(api, "sessions"))
    reply = await api.post(f"{ADMIN}/login", credentials)
    if "admin" in kind:
        assert reply.status == 200
    else:
        assert error(reply) == FORBIDDEN
        assert len(await stored(api, "sessions")) == before
    wrong = await api.post(f"{ADMIN}/login", {**credentials, "password": "another"})
    assert error(wrong) == (401, "invalid_credentials", "Invalid credentials")


async def test_signing_in_as_an_admin_is_throttled_with_signing_in(api: Api):
    admin = await join_as(api, "admin")
    for number in range(10):
        path = "/api/v1/auth/login" if number % 2 else f"{ADMIN}/login"
        reply = await api.post(path, {"email": admin.email, "password": "a guess"})
        assert reply.status == 401
    reply = await api.post(f"{ADMIN}/login", {"email": admin.email, "password": PASSWORD})
    assert reply.status == 429
    assert reply.headers["Retry-After"] == "900"


async def test_a_deactivated_admin_is_told_so_by_the_right_password_only(api: Api):
    admin = await join(api, "admin", roles=["user", "admin"], is_active=False)
    reply = await api.post(f"{ADMIN}/login", {"email": admin.email, "password": PASSWORD})
    assert error(reply) == (403, "account_inactive", "Account is inactive")
    reply = await api.post(f"{ADMIN}/login", {"email": admin.email, "password": "another"})
    assert reply.status == 401


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({}, None),
        ({"permissions": None}, None),
        ({"permissions": []}, []),
        ({"permissions": ["manage_roles", "manage_users", "manage_roles"]},
         ["manage_roles", "manage_users"]),
    ],
)  # fmt: skip
async def test_an_admin_has_full_access_or_the_limits_given(
    api: Api, given: dict[str, Any], kept: list[str] | None
):
    superadmin = await join_as(api, "superadmin")
    body = {key: value for key, value in NEW_ADMIN.items() if key != "permissions"} | given
    made = await api.post(f"{ADMIN}/create-admin", body, token=superadmin.token)
    assert (made.status, made.body["data"]["permissions"]) == (201, kept)
    login = {"email": body["email"], "password": body["password"]}
    token = (await api.post(f"{ADMIN}/login", login)).body["token"]
    reply = await api.get(f"{ADMIN}/get-all-admins", token=token)
    assert reply.status == (200 if kept is None else 403)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (
            {"permissions": ["manage_users", "manage_plans"]},
            (
                400,
                "unknown_permission",
                "permissions: 'manage_plans' is not one of manage_users, view_user_details, "
                "manage_subscriptions, manage_content, manage_roles",
            ),
        ),
        (
            {"permissions": "manage_users"},
            (400, "invalid_field", "permissions: Expected array | null, got str"),
        ),
        (
            {"permissions": [7]},
            (400, "invalid_field", "permissions[0]: Expected str, got int"),
        ),
        ({"name": None}, (400, "missing_field", "name, or first_name with last_name, is required")),
        ({"email": ""}, (400, "missing_field", "email is required")),
        ({"password": None}, (400, "missing_field", "password is required")),
        (
            {"password": "short"},
            (
                400,
                "invalid_password",
                "The password must be 6 to 72 bytes of UTF-8, without NUL.",
            ),
        ),
        ({"email": "Superadmin@Example.com "}, (409, "email_taken", "Email already exists")),
    ],
)
async def test_what_is_no_new_admin_is_refused(
    api: Api, change: dict[str, Any], refusal: tuple[int, str, str]
):
    superadmin = await join_as(api, "superadmin")
    before = await stored(api, "users")
    reply = await api.post(f"{ADMIN}/create-admin", NEW_ADMIN | change, token=superadmin.token)
    assert error(reply) == refusal
    assert await stored(api, "users") == before
    assert await audited(api) == []


async def test_an_address_without_a_mailbox_is_refused(api: Api):
    superadmin = await join_as(api, "superadmin")
    body = NEW_ADMIN | {"email": "a\r\nBcc: b@example.com"}
    reply = await api.post(f"{ADMIN}/create-admin", body, token=superadmin.token)
    assert (reply.status, reply.body["error"]["code"]) == (400, "invalid_email")


async def test_of_two_admins_with_one_address_one_is_made(api: Api):
    superadmin = await join_as(api, "superadmin")
    replies = await asyncio.gather(
        *(api.post(f"{ADMIN}/create-admin", NEW_ADMIN, token=superadmin.token) for _ in range(6))
    )
    assert sorted(reply.status for reply in replies) == [201, 409, 409, 409, 409, 409]
    assert len(await stored(api, "users")) == 2
    assert len(await audited(api)) == 1


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("route", ["get-admin-details", "update-admin-permissions"])
@pytest.mark.parametrize("prefix", ["/api/v1", "/api"])
async def test_limits_count_at_the_next_request(api: Api, prefix: str, route: str, method: str):
    superadmin, admin = await join_as(api, "superadmin"), await join_as(api, "admin")
    assert (await api.get(f"{ADMIN}/get-all-admins", token=admin.token)).status == 200
    path = f"{prefix}/admin/{route}/{admin.id}"
    reply = await api.call(method, path, {"permissions": []}, token=superadmin.token)
    assert (reply.status, reply.body["data"]["permissions"]) == (200, [])
    reply = await api.get(f"{ADMIN}/get-all-admins", token=admin.token)
    assert error(reply) == FORBIDDEN


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, (400, "missing_field", "permissions is required")),
        ({"permissions": None}, (400, "missing_field", "permissions is required")),
        ({"permissions": {}}, (400, "invalid_field", "permissions: Expected array, got object")),
    ],
)
async def test_limits_have_to_be_said(api: Api, body: Any, refusal: tuple[int, str, str]):
    superadmin, admin = await join_as(api, "superadmin"), await join_as(api, "admin")
    path = f"{ADMIN}/update-admin-permissions/{admin.id}"
    reply = await api.call("PUT", path, body, token=superadmin.token)
    assert error(reply) == refusal


async def test_a_superadmin_is_not_limited(api: Api):
    first, second = await join_as(api, "superadmin"), await join_as(api, "superadmin", "second")
    body: dict[str, Any] = {"permissions": []}
    path = f"{ADMIN}/update-admin-permissions"
    reply = await api.call("PUT", f"{path}/{second.id}", body, token=first.token)
    assert error(reply) == (
        400,
        "superadmin_has_no_limits",
        "A superadmin has no limits; take the role superadmin away first",
    )
    reply = await api.call("PUT", f"{path}/{first.id}", body, token=first.token)
    assert error(reply) == OWN


@pytest.mark.parametrize("who", ["an ordinary user", "nobody", "no id", "a query"])
async def test_who_is_no_admin_is_not_found(api: Api, who: str):
    superadmin, user = await join_as(api, "superadmin"), await join_as(api, "user")
    admin_id = {
        "an ordinary user": user.id,
        "nobody": "6763d06487f004a49970fd5a",
        "no id": "1",
        "a query": "%7B%22$ne%22:null%7D",
    }[who]
    before = await stored(api, "users")
    calls: list[tuple[str, str, Any]] = [
        ("GET", "get-admin-details", None),
        ("PUT", "get-admin-details", {"permissions": []}),
        ("PATCH", "update-admin-permissions", {"permissions": []}),
        ("DELETE", "delete-admin", None),
    ]
    for method, path, body in calls:
        reply = await api.call(method, f"{ADMIN}/{path}/{admin_id}", body, token=superadmin.token)
        assert error(reply) == NO_ADMIN
    assert await stored(api, "users") == before
    assert await audited(api) == []


async def test_nobody_deletes_their_own_account_there(api: Api):
    superadmin = await join_as(api, "superadmin")
    await join_as(api, "superadmin", "second")
    path = f"{ADMIN}/delete-admin/{superadmin.id}"
    assert error(await api.call("DELETE", path, token=superadmin.token)) == OWN
    assert len(await stored(api, "users")) == 2


async def test_of_superadmins_who_delete_each_other_at_once_one_stays(api: Api):
    people = [await join_as(api, "superadmin", f"s{number}") for number in range(4)]
    replies = await asyncio.gather(
        *(
            api.call("DELETE", f"{ADMIN}/delete-admin/{other.id}", token=person.token)
            for person in people
            for other in people
            if other is not person
        )
    )
    assert {reply.status for reply in replies} <= {200, 400, 401, 403}
    left = await stored(api, "users")
    assert len(left) >= 1
    assert len([reply for reply in replies if reply.status == 200]) == 4 - len(left)
    assert len(await audited(api)) == 4 - len(left)


async def test_a_superadmin_who_was_demoted_meanwhile_deletes_nobody(api: Api):
    first, second = await join_as(api, "superadmin"), await join_as(api, "superadmin", "second")
    admin = await join_as(api, "admin")
    gone, deleted = await asyncio.gather(
        api.call("DELETE", f"{ADMIN}/delete-admin/{second.id}", token=first.token),
        api.call("DELETE", f"{ADMIN}/delete-admin/{admin.id}", token=second.token),
    )
    assert gone.status == 200
    assert deleted.status in (200, 401, 403)
    assert len(await stored(api, "users")) == (1 if deleted.status == 200 else 2)
