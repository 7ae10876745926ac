"""Every route of SOCIOX for every kind of caller (CONTRACT sections 1 and 5).

Who is let in stands in the table of `scripts/prove/p10_access/expected.py`; the kinds are those
of `people.py`. What is told is looked at here in full.
"""

import pytest

from handlers.sociox.account import DeleteAccountHandler
from handlers.sociox.routes import ROUTES
from scripts.prove.p10_access.callers import NONE
from scripts.prove.p10_access.expected import EXPECTED
from tests.factories import stored
from tests.handlers.support import filled
from tests.harness import Api
from tests.sociox.people import KINDS, join_as

COLLECTIONS = ("users", "audit_entries", "outbox", "plans", "subscriptions")


@pytest.mark.parametrize("kind", [None, *KINDS])
async def test_who_may_call_what(api: Api, kind: str | None):
    """Ids that nobody has and bodies without a field: what is allowed goes no further."""
    token = None if kind is None else (await join_as(api, kind)).token
    before = [await stored(api, name) for name in COLLECTIONS]
    wrong = []
    for route in ROUTES:
        for path in route.paths:
            body = None if route.method == "GET" else b"{}"
            reply = await api.call(route.method, filled(path), body, token=token)
            if (kind or NONE) in EXPECTED[f"{route.method} {route.path}"][0].let_in:
                is_right = reply.status not in (401, 403, 404, 405, 500) or _is_no_plan(reply.body)
            else:
                is_right = (reply.status, reply.body) == _REFUSED[kind is None]
            if not is_right:
                wrong.append((route.method, path, reply.status, reply.body))
            if route.handler is DeleteAccountHandler and kind is not None:  # it sends a mail
                before[COLLECTIONS.index("outbox")] = await stored(api, "outbox")
    assert wrong == []
    assert [await stored(api, name) for name in COLLECTIONS] == before


def _is_no_plan(body: object) -> bool:
    """Deleting a plan that there is not is the one 404 of SOCIOX."""
    return body == {"error": {"code": "not_found", "message": "Plan not found"}}


_REFUSED = {
    True: (
        401,
        {"error": {"code": "authentication_required", "message": "Authentication required"}},
    ),
    False: (403, {"error": {"code": "forbidden", "message": "Insufficient permissions"}}),
}
