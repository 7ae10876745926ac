"""Entity tags: who has an answer already is told so, and never when it is another by now."""

from typing import Any

import pytest

from handlers.etags import names, strong_etag, weak_etag
from handlers.kept import KeptHandler
from handlers.routes import ROUTES
from handlers.routing import PUBLIC
from tests.harness import Api
from tests.lms.support import add_course, add_form, add_step
from tests.lms.tables import TABLES, add_table
from tests.shop.people import join_as
from tests.shop.shelves import STAFF
from tests.sociox.plan_examples import PLANS, create

PICTURE = "/api/forum/post_pictures/{postid}/{picture_index}/"
CATALOG = "/api/v1/catalog"
PLAN = "/api/v1/admin/subscription/plans"


def _tagged() -> dict[str, Any]:
    """The routes that have tags; files and pictures never change, and have tests of their own."""
    return {
        route.path: route
        for route in ROUTES
        if route.handler.has_etag
        and route.method == "GET"
        and not issubclass(route.handler, KeptHandler)
        and route.path != PICTURE
    }


async def _begin(api: Api) -> tuple[str, dict[str, tuple[str, str, str, Any]]]:
    """A superadmin, and for each route with tags where it is read and what changes its answer."""
    boss = await join_as(api, "superadmin")
    course = await add_course(api, boss)
    step = await add_step(api, boss, course["id"])
    form = await add_form(api, boss)
    table = await add_table(api, boss, step["id"])
    plan = await create(api, boss.token)
    made = {}
    for kind, body in (
        ("categories", {"name": "Tea", "slug": "tea"}),
        ("brands", {"name": "Leaf", "slug": "leaf"}),
        (
            "products",
            {"sku": "TEA-1", "name": "Tea", "base_price": {"amount": 500, "currency": "USD"}},
        ),
    ):
        reply = await api.post(f"{STAFF}/{kind}", body, token=boss.token)
        assert reply.status == 201, reply
        made[kind] = f"{kind}/{reply.body['data']['id']}"
    at_course, at_step = f"/courses/{course['id']}", f"/steps/{step['id']}"
    at_form, at_table = f"/forms/{form['id']}", f"{TABLES}/{table['id']}"
    at_plan = f"{PLAN}/{plan['id']}"
    name, display = {"name": "Another"}, {"displayName": "Another"}
    return boss.token, {
        "/api/user/": ("/api/user/", "PUT", "/api/user/", {"username": "Another"}),
        "/courses": ("/courses", "PUT", at_course, {"description": "Another"}),
        "/courses/{course_id}": (at_course, "PUT", at_course, name),
        "/steps/{step_id}": (at_step, "PUT", at_step, name),
        "/forms": ("/forms", "PUT", at_form, {"description": "Another"}),
        "/forms/{form_id}": (at_form, "PUT", at_form, name),
        TABLES: (TABLES, "PUT", at_table, {"description": "Another"}),
        f"{TABLES}/{{table_id}}": (at_table, "PUT", at_table, name),
        f"{CATALOG}/products/{{id}}": (
            f"{CATALOG}/{made['products']}",
            "PATCH",
            f"{STAFF}/{made['products']}",
            name,
        ),
        **{
            f"{CATALOG}/{kind}": (f"{CATALOG}/{kind}", "PATCH", f"{STAFF}/{made[kind]}", name)
            for kind in ("categories", "brands")
        },
        PLAN: (PLANS, "PUT", at_plan, {"recommended": False}),
        f"{PLAN}/{{plan_id}}": (at_plan, "PUT", at_plan, display),
        f"{PLAN}/category/{{category}}": (
            f"{PLAN}/category/{plan['category']}",
            "PUT",
            at_plan,
            {"displayName": "Yet another"},
        ),
    }


async def test_an_answer_is_304_to_who_has_it_until_it_changes(api: Api):
    token, reads = await _begin(api)
    assert reads.keys() == _tagged().keys()
    for route_path, (path, method, changed_at, change) in reads.items():
        is_public = _tagged()[route_path].access is PUBLIC
        sent = {} if is_public else {"token": token}
        first = await api.get(path, **sent)
        etag = first.headers["ETag"]
        assert (first.status, etag) == (200, weak_etag(first.content)), path
        for reading in ("GET", "HEAD"):
            same = await api.call(reading, path, headers={"If-None-Match": etag}, **sent)
            assert (same.status, same.content) == (304, b""), path
            assert same.headers["ETag"] == etag
            told = "no-cache" if is_public else "private, no-cache"
            assert same.headers["Cache-Control"] == first.headers["Cache-Control"] == told
            assert same.headers.get("Vary") == first.headers.get("Vary")
        changed = await api.call(method, changed_at, change, token=token)
        assert changed.status == 200, changed
        second = await api.get(path, headers={"If-None-Match": etag}, **sent)
        assert second.status == 200, path
        assert second.headers["ETag"] == weak_etag(second.content) != etag, path


async def test_a_tag_opens_nothing(api: Api):
    token, reads = await _begin(api)
    for route_path, (path, *_) in reads.items():
        if _tagged()[route_path].access is not PUBLIC:
            refused = await api.get(path, headers={"If-None-Match": "*"})
            assert refused.status == 401
            assert "ETag" not in refused.headers
    unknown = await api.get(f"{CATALOG}/products/none", headers={"If-None-Match": "*"})
    assert unknown.status == 404
    form = reads["/forms/{form_id}"][0]
    of_manager = (await api.get(form, token=token)).headers["ETag"]
    learner = await join_as(api, "user", "learner")
    headers = {"If-None-Match": of_manager}
    without_answers = await api.get(form, token=learner.token, headers=headers)
    assert without_answers.status == 200
    assert "is_correct" not in without_answers.content.decode()


@pytest.mark.parametrize(
    ("if_none_match", "is_named"),
    [
        (None, False),
        ("", False),
        ("*", True),
        (" * ", True),
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ('"b",W/"a" , "c"', True),
        ('"b"', False),
        ('"*"', False),
        ("a", False),
        ('"a', False),
        ('"A"', False),
        ('"b", *', False),
    ],
)
def test_tags_are_compared_as_http_asks(if_none_match: str | None, is_named: bool):
    for etag in ('W/"a"', '"a"'):
        assert names(if_none_match, etag) is is_named


def test_each_form_of_a_file_has_a_tag_of_its_own():
    assert strong_etag(b"x") != strong_etag(b"x", variant="-gzip") != strong_etag(b"y")
