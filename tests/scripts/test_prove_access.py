"""The matrix of access itself: every route has its row, and a wrong cell is found."""

from dataclasses import replace

import pytest

from handlers.routes import ROUTES
from handlers.routing import Route
from scripts.prove.p10_access import matrix
from scripts.prove.p10_access.callers import CALLERS, KINDS
from scripts.prove.p10_access.expected import EVERYBODY, EXPECTED, SIGNED_IN, rows
from scripts.prove.p10_access.matrix import Matrix, unlisted
from services.access.actor import AdminPermission
from tests.harness import Api

LIKED = "POST /api/forum/like_post/"
TRIED = {LIKED, "DELETE /api/sleep-records/", "POST /api/v1/orders/{order_id}/cancel"}


def test_every_route_has_a_row_and_every_row_a_route():
    assert unlisted(ROUTES) == []


def test_a_new_route_without_a_row_is_told():
    new = replace(ROUTES[0], path="/new")
    assert unlisted([*ROUTES, new]) == ["GET /new has no row"]
    assert unlisted(ROUTES[1:]) == [f"GET {ROUTES[0].path} is not served"]


def test_every_permission_of_an_admin_is_a_kind_of_caller():
    assert {f"admin with {permission}" for permission in AdminPermission} < set(KINDS)


@pytest.mark.parametrize(
    ("let_in", "wrong"),
    [
        (SIGNED_IN, 0),
        (EVERYBODY, 2),  # nobody and a rubbish token, who get 401
        (SIGNED_IN - {"child"}, 1),
    ],
)
async def test_a_cell_that_is_not_as_expected_is_told(api: Api, monkeypatch, let_in, wrong):
    monkeypatch.setattr(matrix, "EXPECTED", {**EXPECTED, LIKED: rows(let_in)})

    async def call(method, path, body, token):
        reply = await api.call(method, path, body, token=token)
        return reply.status, reply.body

    tried: list[Route] = [each for each in ROUTES if f"{each.method} {each.path}" in TRIED]
    cells = await Matrix(api.agora, call).run(tried)
    assert len(cells.wrong) == wrong, cells.wrong
    assert all(sentence.startswith(LIKED) for sentence in cells.wrong)
    assert cells.cells == 5 * len(CALLERS)


async def test_a_refused_request_that_changes_something_is_told(api: Api):
    async def call(method, path, body, token):
        reply = await api.call(method, path, body, token=token)
        if reply.status == 401:
            await api.agora.storage["posts"].insert_one({"postid": 10**6 + hash(token) % 10**6})
        return reply.status, reply.body

    tried = [each for each in ROUTES if f"{each.method} {each.path}" == LIKED]
    cells = await Matrix(api.agora, call).run(tried)
    assert cells.wrong == [f"{LIKED} at /api/forum/like_post/: a refused request changed the store"]
