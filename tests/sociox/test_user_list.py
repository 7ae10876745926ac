"""The list of users: pages, search and filters (SOCIOX "Get List of users"; issue 4, part 4)."""

from typing import Any
from urllib.parse import quote

import pytest

from repositories.seeding import SeedRepository
from scripts.seeding import users_scale
from tests.factories import stored
from tests.harness import Api
from tests.sociox.people import ADMIN, Person, error, join, join_as

USERS = f"{ADMIN}/users"


async def emails(api: Api, by: Person, **query: str) -> list[str | None]:
    """The addresses of the users that are listed, before the @."""
    text = "&".join(f"{name}={quote(value)}" for name, value in query.items())
    reply = await api.get(f"{USERS}?{text}", token=by.token)
    assert reply.status == 200, reply
    assert reply.body["meta"]["total_items"] == len(reply.body["data"])
    return [user["email"] and user["email"].partition("@")[0] for user in reply.body["data"]]


async def test_users_are_listed_newest_first_a_page_at_a_time(api: Api):
    admin = await join_as(api, "admin with manage_users")
    people = [await join(api, f"p{number}") for number in range(4)]
    reply = await api.get(f"{USERS}?page=2&page_size=2", token=admin.token)
    assert reply.status == 200
    assert reply.body["message"] == "Users retrieved successfully"
    assert [user["id"] for user in reply.body["data"]] == [people[1].id, people[0].id]
    shown = await api.get("/api/v1/auth/profile", token=people[1].token)
    assert reply.body["data"][0] == shown.body["data"]["user"]
    assert reply.body["meta"] == {
        "page": 2,
        "page_size": 2,
        "total_items": 5,
        "total_pages": 3,
        "has_next": True,
        "has_prev": True,
    }
    past = await api.get(f"{USERS}?page=9", token=admin.token)
    assert (past.status, past.body["data"], past.body["meta"]["total_items"]) == (200, [], 5)


async def test_a_get_with_the_documents_body_is_the_same_list(api: Api):
    admin = await join_as(api, "admin")
    body = {"email": "your.email@example.com", "password": "your_secure_password"}
    reply = await api.call("GET", "/api/admin/users", body, token=admin.token)
    assert [user["id"] for user in reply.body["data"]] == [admin.id]


async def test_search_is_by_the_beginning_of_address_number_and_name(api: Api):
    admin = await join_as(api, "admin")
    await join(api, "ann", first_name="Ann", last_name="Zoe")
    await join(api, "annabel")
    await join(api, "zed")
    await api.sign_in("13800138000")
    assert await emails(api, admin, search="ann") == ["annabel", "ann"]
    assert await emails(api, admin, search="ANN@Ex") == ["ann"]
    assert await emails(api, admin, search="z") == ["zed"]
    assert await emails(api, admin, search="138") == [None]
    assert await emails(api, admin, search="+138 0013") == [None]
    assert await emails(api, admin, search="nobody") == []
    assert await emails(api, admin, search=".*") == []
    assert await emails(api, admin, search=" ") == [None, "zed", "annabel", "ann", "admin"]


async def test_a_name_that_changes_is_found_as_it_is_then(api: Api):
    admin, parent = await join_as(api, "admin"), await join_as(api, "user")
    body = {"email": "kid@example.com", "password": "secret1", "name": "Old Name"}
    child = await api.post("/api/users/child-users", body, token=parent.token)
    path = f"/api/users/child-users/{child.body['data']['id']}"
    assert await emails(api, admin, search="old") == ["kid"]
    renamed = await api.call("PATCH", path, {"name": "New Name"}, token=parent.token)
    assert renamed.status == 200
    assert await emails(api, admin, search="old") == []
    assert await emails(api, admin, search="new") == ["kid"]
    assert (await api.call("DELETE", path, token=parent.token)).status == 200
    assert await emails(api, admin, search="new") == []


async def test_filters_leave_what_all_of_them_mean(api: Api):
    admin = await join_as(api, "admin")
    parent = await join(api, "parent")
    body = {"email": "kid@example.com", "password": "secret1", "name": "A Kid"}
    assert (await api.post("/api/users/child-users", body, token=parent.token)).status == 201
    gone = await join(api, "gone", roles=["user", "manager"])
    assert (await api.post(f"{USERS}/{gone.id}/deactivate", token=admin.token)).status == 200

    everybody = ["gone", "kid", "parent", "admin"]
    assert await emails(api, admin) == everybody
    assert await emails(api, admin, role="user") == everybody
    assert await emails(api, admin, type="child") == ["kid"]
    assert await emails(api, admin, type="parent") == ["gone", "parent", "admin"]
    assert await emails(api, admin, active="false") == ["gone"]
    assert await emails(api, admin, active="true") == ["kid", "parent", "admin"]
    assert await emails(api, admin, role="manager") == ["gone"]
    assert await emails(api, admin, role="superadmin") == []
    assert await emails(api, admin, role="manager", active="true") == []
    assert await emails(api, admin, search="k", type="child", active="true") == ["kid"]
    assert await emails(api, admin, search="p", type="child") == []

    assert (await api.post(f"{USERS}/{gone.id}/reactivate", token=admin.token)).status == 200
    assert await emails(api, admin, active="false") == []
    assert (await api.call("DELETE", f"{USERS}/{parent.id}", token=admin.token)).status == 200
    assert await emails(api, admin) == ["gone", "admin"]
    assert await emails(api, admin, type="child") == []


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("type=admin", ("invalid_filter", "type must be one of parent, child")),
        ("type=", ("invalid_filter", "type must be one of parent, child")),
        ("active=1", ("invalid_filter", "active must be one of true, false")),
        (
            "role=boss",
            (
                "invalid_filter",
                "role must be one of superadmin, admin, manager, customer_experience, user",
            ),
        ),
        ("page=0", ("invalid_page", "page must be a positive integer")),
        ("page_size=-1", ("invalid_page", "page_size must be a positive integer")),
    ],
)
async def test_a_query_that_means_nothing_is_refused(
    api: Api, query: str, refusal: tuple[str, str]
):
    admin = await join_as(api, "admin")
    reply: Any = await api.get(f"{USERS}?{query}", token=admin.token)
    assert error(reply) == (400, *refusal)


async def test_seeded_users_are_listed_and_found_among_many(api: Api):
    admin = await join_as(api, "admin")
    added = await users_scale.seed(SeedRepository(api.agora.storage), 300)
    assert added == await users_scale.seed(SeedRepository(api.agora.storage), 300) + 300
    found = {}
    for search in ("", "a", "ada.", "ada.ash.", "juniper", "nobody"):
        reply = await api.get(f"{USERS}?search={search}&page_size=100", token=admin.token)
        found[search] = reply.body["meta"]["total_items"]
        assert len(reply.body["data"]) == min(found[search], 100)
    seeded = await stored(api, "users", {"first_name": {"$ne": "Admin"}})
    named = [(user["email"], user["last_name"]) for user in seeded]
    assert found == {
        "": 301,
        "a": sum(email[0] == "a" or last == "Ash" for email, last in named) + 1,
        "ada.": sum(email.startswith("ada.") for email, _ in named),
        "ada.ash.": sum(email.startswith("ada.ash.") for email, _ in named),
        "juniper": sum(last == "Juniper" for _, last in named),
        "nobody": 0,
    }
