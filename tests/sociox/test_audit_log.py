"""Reading what staff did: `GET /api/v1/admin/audit-log` (issue 4, part 3)."""

from typing import Any
from urllib.parse import quote

import pytest

from tests.harness import Api
from tests.sociox.people import ADMIN, Person, error, join_as

LOG = f"{ADMIN}/audit-log"


async def make_admin(api: Api, by: Person, local_part: str) -> str:
    """The id of an admin that `by` makes."""
    body = {"email": f"{local_part}@example.com", "password": "secret1", "name": "Ada Byron"}
    reply = await api.post(f"{ADMIN}/create-admin", body, token=by.token)
    assert reply.status == 201, reply
    return str(reply.body["data"]["id"])


async def limit(api: Api, by: Person, admin_id: str) -> None:
    """Limit an admin to nothing."""
    path = f"{ADMIN}/update-admin-permissions/{admin_id}"
    assert (await api.call("PUT", path, {"permissions": []}, token=by.token)).status == 200


async def read(api: Api, by: Person, query: str = "") -> list[tuple[str, str]]:
    """What was done to whom, as listed."""
    reply = await api.get(f"{LOG}?{query}", token=by.token)
    assert reply.status == 200, reply
    assert reply.body["meta"]["total_items"] == len(reply.body["data"])
    return [(entry["action"], entry["target"]["id"]) for entry in reply.body["data"]]


async def test_an_entry_tells_who_did_what_on_whom_when_and_from_where(api: Api):
    superadmin = await join_as(api, "superadmin")
    admin_id = await make_admin(api, superadmin, "ada")
    reply = await api.get(LOG, token=superadmin.token)
    entry_id = reply.body["data"][0]["id"]
    assert (reply.status, reply.body) == (
        200,
        {
            "message": "Audit log retrieved successfully",
            "data": [
                {
                    "id": entry_id,
                    "at": "2025-01-18T10:00:00Z",
                    "actor": {
                        "id": superadmin.id,
                        "name": "Superadmin",
                        "email": "superadmin@example.com",
                    },
                    "action": "admin.create",
                    "target": {
                        "kind": "admin",
                        "id": admin_id,
                        "name": "Ada Byron",
                        "email": "ada@example.com",
                    },
                    "address": "127.0.0.1",
                    "details": {"permissions": None},
                }
            ],
            "meta": {
                "page": 1,
                "page_size": 20,
                "total_items": 1,
                "total_pages": 1,
                "has_next": False,
                "has_prev": False,
            },
        },
    )


async def test_who_is_gone_has_an_id_and_no_name(api: Api):
    superadmin, second = await join_as(api, "superadmin"), await join_as(api, "superadmin", "two")
    admin_id = await make_admin(api, second, "ada")
    for gone in (admin_id, second.id):
        path = f"{ADMIN}/delete-admin/{gone}"
        assert (await api.call("DELETE", path, token=superadmin.token)).status == 200
    reply = await api.get(f"{LOG}?action=admin.create", token=superadmin.token)
    (entry,) = reply.body["data"]
    assert entry["actor"] == {"id": second.id, "name": None, "email": None}
    assert entry["target"] == {"kind": "admin", "id": admin_id, "name": None, "email": None}


async def test_the_newest_comes_first_a_page_at_a_time(api: Api):
    superadmin = await join_as(api, "superadmin")
    ids = []
    for number in range(5):
        ids.append(await make_admin(api, superadmin, f"a{number}"))
        api.clock.advance(seconds=number % 2)
    newest_first = [("admin.create", each) for each in reversed(ids)]
    assert await read(api, superadmin) == newest_first
    reply = await api.get(f"{LOG}?page=2&page_size=2", token=superadmin.token)
    assert [entry["target"]["id"] for entry in reply.body["data"]] == [ids[2], ids[1]]
    assert reply.body["meta"] == {
        "page": 2,
        "page_size": 2,
        "total_items": 5,
        "total_pages": 3,
        "has_next": True,
        "has_prev": True,
    }


async def test_filters_leave_what_all_of_them_mean(api: Api):
    api.clock.advance(hours=13, minutes=55)
    first, second = await join_as(api, "superadmin"), await join_as(api, "superadmin", "second")
    ada = await make_admin(api, first, "ada")
    api.clock.advance(minutes=10)  # which is past midnight
    bob = await make_admin(api, second, "bob")
    api.clock.advance(seconds=10)
    await limit(api, second, ada)
    made_ada, made_bob = ("admin.create", ada), ("admin.create", bob)
    limited_ada = ("admin.limit", ada)

    assert await read(api, first) == [limited_ada, made_bob, made_ada]
    assert await read(api, first, f"actor={second.id}") == [limited_ada, made_bob]
    assert await read(api, first, "action=admin.create") == [made_bob, made_ada]
    assert await read(api, first, f"target={ada}") == [limited_ada, made_ada]
    assert await read(api, first, f"target={ada}&actor={first.id}") == [made_ada]
    assert await read(api, first, f"target={bob}&action=admin.limit") == []
    assert await read(api, first, "target=nothing") == []
    assert await read(api, first, "from=2025-01-19") == [limited_ada, made_bob]
    assert await read(api, first, "to=2025-01-18") == [made_ada]
    assert await read(api, first, "from=2025-01-18&to=2025-01-18") == [made_ada]
    assert await read(api, first, "from=2025-01-19T00:05:01Z") == [limited_ada]
    assert await read(api, first, "to=2025-01-19T00:05:00Z") == [made_bob, made_ada]
    assert await read(api, first, "from=2025-01-19T00:05:11Z") == []
    assert await read(api, first, f"actor={second.id}&from=2025-01-19&action=admin.create") == [
        made_bob
    ]


MOMENT = "must be a day as YYYY-MM-DD, or YYYY-MM-DDThh:mm:ssZ"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("actor", "me", "actor must be an account's id"),
        ("actor", "", "actor must be an account's id"),
        ("target", "", "target must be the id of what was acted on"),
        ("from", "yesterday", f"from {MOMENT}"),
        ("from", "2025-02-30", f"from {MOMENT}"),
        ("from", "2025-1-8", f"from {MOMENT}"),
        ("to", "２０２５-01-18", f"to {MOMENT}"),
        ("to", "9999-12-31", f"to {MOMENT}"),
        ("to", "2025-01-18T25:00:00Z", f"to {MOMENT}"),
        ("to", "2025-01-18T10:00:00+01:00", f"to {MOMENT}"),
        ("to", "", f"to {MOMENT}"),
    ],
)
async def test_a_filter_that_means_nothing_is_refused(
    api: Api, name: str, value: str, message: str
):
    superadmin = await join_as(api, "superadmin")
    reply = await api.get(f"{LOG}?{name}={quote(value)}", token=superadmin.token)
    assert error(reply) == (400, "invalid_filter", message)


async def test_an_unknown_action_is_refused_with_the_known_ones(api: Api):
    superadmin = await join_as(api, "superadmin")
    reply = await api.get(f"{LOG}?action=admin.explode", token=superadmin.token)
    status, code, message = error(reply)
    assert (status, code) == (400, "invalid_filter")
    assert message.startswith("action must be one of ")
    assert "admin.create" in message


@pytest.mark.parametrize("query", ["page=0", "page_size=0", "page=one"])
async def test_a_page_that_is_none_is_refused(api: Api, query: str):
    superadmin = await join_as(api, "superadmin")
    reply = await api.get(f"{LOG}?{query}", token=superadmin.token)
    assert (reply.status, reply.body["error"]["code"]) == (400, "invalid_page")


async def test_an_admin_without_limits_reads_it_too(api: Api):
    admin = await join_as(api, "admin")
    refused: Any = await api.get(LOG, token=(await join_as(api, "admin with manage_users")).token)
    assert error(refused) == (403, "forbidden", "Insufficient permissions")
    assert await read(api, admin) == []
