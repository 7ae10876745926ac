"""Every route of LMS for every kind of caller (CONTRACT sections 1 and 6).

Who is let in stands in the table of `scripts/prove/p10_access/expected.py`; the ranks are those
of `tests/shop/people.py`. What is told is looked at here in full.
"""

from typing import Any

import pytest

from handlers.lms.routes import ROUTES
from handlers.routing import Route
from scripts.prove.p10_access.callers import LIMITED
from scripts.prove.p10_access.expected import EXPECTED
from services.access.actor import AdminPermission
from tests.factories import change_user, stored
from tests.harness import Api
from tests.lms.support import UNKNOWN_ID, manager, participant, refusal
from tests.shop.people import RANKS, join_as

KINDS = {
    "users_admin": LIMITED[AdminPermission.MANAGE_USERS],
    "roles_admin": LIMITED[AdminPermission.MANAGE_ROLES],
}
COLLECTIONS = ("users", "courses", "steps", "materials", "forms", "enrollments", "outbox")
# What a participant asks or does for one, and what the request has to have.
FOR_A_PARTICIPANT: dict[str, Any] = {
    "POST /courses/enroll-default": None,
    "POST /courses/{course_id}/enroll": None,
    "GET /steps/{step_id}": None,
    "POST /steps/{step_id}/exam/start": None,
    "POST /steps/{step_id}/materials-complete": None,
    "POST /materials/{material_id}/complete": None,
    "GET /requirement-tables/{table_id}/my-submission": None,
    "POST /requirement-tables/submissions/{submission_id}/rows": {
        "serial_number": 1,
        "completed": True,
    },
    "POST /requirement-tables/submissions/{submission_id}/submit": None,
    "GET /participants/me/courses": None,
    "GET /participants/me/progress/{course_id}": None,
    "GET /participants/me/step/{step_id}/progress": None,
}


def row_of(route: Route) -> str:
    """The row of a route."""
    return f"{route.method} {route.path}"


def with_ids(path: str) -> str:
    """A path with an id that nothing has in the place of each parameter."""
    return "/".join(UNKNOWN_ID if part.startswith("{") else part for part in path.split("/"))


@pytest.mark.parametrize("rank", [None, *RANKS])
async def test_who_may_call_what(api: Api, rank: str | None):
    """Ids that nothing has and bodies without a field: what is allowed goes no further."""
    token = None if rank is None else (await join_as(api, rank)).token
    before = [await stored(api, name) for name in COLLECTIONS]
    wrong = []
    for route in ROUTES:
        body = None if route.method == "GET" else b"{}"
        reply = await api.call(route.method, with_ids(route.path), body, token=token)
        if rank is None:
            is_right = reply.status == 401
        elif KINDS.get(rank, rank) in EXPECTED[row_of(route)][0].let_in:
            is_right = reply.status in (200, 400, 404) or _is_of_another(route, reply.status)
        elif _is_of_another(route, reply.status):
            is_right = True
        else:
            is_right = (reply.status, reply.body) == (403, {"detail": "Manager access required"})
        if not is_right:
            wrong.append((row_of(route), reply.status, reply.body))
    assert wrong == []
    assert [await stored(api, name) for name in COLLECTIONS] == before


def _is_of_another(route: Route, status: int) -> bool:
    """The submissions of somebody else are for managers."""
    return status == 403 and route.path == "/form-submissions/participant/{participant_id}"


def test_every_route_that_reads_a_participant_is_tried_for_another():
    reading = {
        row_of(route)
        for route in ROUTES
        if route.query is not None and "participant_id" in route.query.__struct_fields__
    }
    assert reading == set(FOR_A_PARTICIPANT)


@pytest.mark.parametrize("row", FOR_A_PARTICIPANT)
async def test_only_managers_ask_and_act_for_another(api: Api, row: str):
    by, learner, other = await manager(api), await participant(api), await participant(api, "b")
    method, _, path = row.partition(" ")
    body = FOR_A_PARTICIPANT[row]
    sent = None if method == "GET" else body or b""
    asked = f"{with_ids(path)}?participant_id="
    reply = await api.call(method, asked + other.id, sent, token=learner.token)
    assert refusal(reply) == (403, "participant_id must be your own; only managers act for others")
    for who in (other, by):
        reply = await api.call(method, asked + other.id, sent, token=who.token)
        assert reply.status in (200, 400, 404)
    reply = await api.call(method, asked + UNKNOWN_ID, sent, token=by.token)
    assert refusal(reply) == (400, "participant_id names no account")
    assert await stored(api, "enrollments") == []


async def test_whom_the_query_names_is_checked_before_the_body(api: Api):
    token = await api.sign_in()
    unknown = "0" * 24
    for path in (
        f"/requirement-tables/submissions/{unknown}/rows?participant_id={unknown}",
        f"/courses/enroll-default?participant_id={unknown}",
    ):
        assert (await api.post(path, b"{", token=token)).status == 403
    await change_user(api, "+13800138000", roles=["user", "manager"])
    for action in ("grade", "approve", "reject", "request-retake"):
        path = f"/form-submissions/{unknown}/{action}?manager_id={unknown}"
        assert (await api.post(path, b"{", token=token)).status == 403
