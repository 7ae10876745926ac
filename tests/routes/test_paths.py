"""What every route shares: its spellings, its methods, its family's envelope (CONTRACT 1 and 2)."""

import pytest

from handlers.routes import ROUTES
from handlers.routing import PUBLIC, Route, RouteTable
from tests.handlers.support import PAGES, envelope, filled, message_of
from tests.harness import Api, Reply

PATHS = sorted({route.path for route in ROUTES})
READ = {route.path for route in ROUTES if route.method == "GET" and route.has_head}
UNKNOWN = {"error": {"code": "not_found", "message": "Nothing is served at this path"}}


def _methods(path: str) -> set[str]:
    own = {route.method for route in ROUTES if route.path == path}
    return {*own, "OPTIONS"} | ({"HEAD"} if path in READ else set())


async def _call(api: Api, method: str, path: str) -> Reply:
    return await api.call(method, path, None if method in ("GET", "HEAD") else b"")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_a_trailing_slash_is_optional_and_never_redirects(api: Api, route: Route):
    bare = filled(route.path).rstrip("/")
    with_slash = await _call(api, route.method, bare + "/")
    without = await _call(api, route.method, bare)
    assert with_slash.status not in (301, 302, 303, 307, 308, 405)
    assert with_slash.body != UNKNOWN
    assert (without.status, without.body) == (with_slash.status, with_slash.body)


@pytest.mark.parametrize("path", PATHS)
async def test_another_method_is_405_in_the_familys_envelope(api: Api, path: str):
    allowed = _methods(path)
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"} - allowed:
        reply = await _call(api, method, filled(path))
        assert reply.status == 405
        assert set(reply.headers["Allow"].split(", ")) == allowed
        message = f"Method not allowed; this path takes {reply.headers['Allow']}"
        if path in PAGES:
            assert message in reply.content.decode()
        else:
            assert reply.body == envelope(path, "method_not_allowed", message)


@pytest.mark.parametrize("path", PATHS)
async def test_options_says_what_a_path_takes(api: Api, path: str):
    reply = await _call(api, "OPTIONS", filled(path))
    assert (reply.status, reply.content) == (204, b"")
    assert set(reply.headers["Allow"].split(", ")) == _methods(path)


@pytest.mark.parametrize("path", sorted({r.path for r in ROUTES if r.method == "GET"} - READ))
async def test_head_is_refused_where_get_does_something(api: Api, path: str):
    reply = await api.call("HEAD", filled(path))
    assert (reply.status, reply.content) == (405, b"")
    assert set(reply.headers["Allow"].split(", ")) == _methods(path)


@pytest.mark.parametrize("path", sorted(READ))
async def test_head_answers_as_get_without_the_body(api: Api, path: str):
    token = await api.sign_in()
    get = await api.get(filled(path), token=token)
    head = await api.call("HEAD", filled(path), token=token)
    assert (head.status, head.content) == (get.status, b"")
    assert head.headers.get("Content-Type") == get.headers.get("Content-Type")
    # The metrics tell of the request before, and so are longer.
    if path != "/metrics":
        assert head.headers.get("Content-Length") == get.headers.get("Content-Length")


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/unknown/",
        "/api/forum",
        "/api/login//",
        "//api/login/",
        "/api/v1/forum/posts/",
        "/API/LOGIN/",
        "/api/forum/post_pictures/1/",
        "/api/forum/post_pictures/1/0/2/",
        "/api/forum/post_pictures//0/",
        "/api/forum/post_pictures/%FF/0/",
        "/health/../api/login",
        "/" + "a/" * 3000,
    ],
)
async def test_an_unknown_path_is_404_in_the_envelope_of_the_unknown(api: Api, path: str):
    for method in ("GET", "POST", "PUT", "DELETE", "BREW"):
        reply = await _call(api, method, path)
        assert (reply.status, reply.body) == (404, UNKNOWN)


async def test_options_of_an_unknown_path_is_404(api: Api):
    reply = await _call(api, "OPTIONS", "/api/unknown")
    assert (reply.status, reply.body) == (404, UNKNOWN)


@pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if route.access is not PUBLIC],
    ids=lambda route: f"{route.method} {route.path}",
)
@pytest.mark.parametrize("token", [None, "rubbish"])
async def test_a_route_that_needs_a_token_is_401_without_a_good_one(
    api: Api, route: Route, token: str | None
):
    body = None if route.method == "GET" else b"{"
    reply = await api.call(route.method, filled(route.path), body, token=token)
    assert reply.status == 401
    assert reply.headers["WWW-Authenticate"] == "Bearer"
    assert message_of(route.path, reply)


def test_the_routes_without_a_token_are_those_of_the_documents():
    public = {(route.method, route.path) for route in ROUTES if route.access is PUBLIC}
    assert public == {
        ("GET", "/health"),
        ("GET", "/ready"),
        # By address, and by being on this machine, in place of a token.
        ("GET", "/metrics"),
        ("GET", "/dev/outbox"),
        ("GET", "/dev/clock"),
        ("POST", "/dev/clock"),
        ("GET", "/"),
        ("GET", "/home.css"),
        ("GET", "/openapi.json"),
        ("GET", "/docs"),
        ("GET", "/docs/{name}"),
        ("GET", "/console"),
        ("GET", "/console/{name}"),
        ("POST", "/api/register/"),
        ("POST", "/api/login/"),
        ("POST", "/api/token/refresh/"),
        ("POST", "/api/send_verification_code/"),
        ("POST", "/api/verify-code/"),
        ("POST", "/api/logout/"),
        ("POST", "/api/v1/auth/register"),
        ("POST", "/api/v1/auth/login"),
        ("POST", "/api/v1/auth/refresh"),
        ("POST", "/api/v1/admin/login"),
        ("GET", "/api/v1/auth/google"),
        ("GET", "/api/v1/auth/google/callback"),
        ("POST", "/api/v1/auth/forgot-password"),
        ("POST", "/api/v1/auth/reset-password"),
        ("POST", "/api/v1/admin/users/reset-password"),
        ("POST", "/api/v1/users/confirm-delete"),
        *((method, page) for method in ("GET", "POST") for page in PAGES),
        ("GET", "/api/v1/catalog/products"),
        ("GET", "/api/v1/catalog/products/{id}"),
        ("GET", "/api/v1/catalog/products/category/{id}"),
        ("GET", "/api/v1/catalog/categories"),
        ("GET", "/api/v1/catalog/brands"),
        ("GET", "/api/v1/admin/subscription/plans/{plan_id}"),
        ("GET", "/api/v1/admin/subscription/plans/category/{category}"),
    }


def test_a_route_is_in_the_table_once():
    with pytest.raises(ValueError, match="GET /health is in the table twice"):
        RouteTable((*ROUTES, ROUTES[0]))


def test_a_fixed_segment_is_preferred_and_a_parameter_is_decoded():
    handler = ROUTES[0].handler
    table = RouteTable(
        [
            Route("GET", "/things/{thing}/", handler, PUBLIC),
            Route("GET", "/things/{thing}/parts/{part}", handler, PUBLIC),
            Route("GET", "/things/all/parts", handler, PUBLIC),
        ]
    )
    found = table.find("/things/a%2Fb%20%E5%90%8D/parts/2/")
    assert found is not None
    assert found.parameters == {"thing": "a/b 名", "part": "2"}
    found = table.find("/things/all")
    assert found is not None
    assert found.parameters == {"thing": "all"}
    found = table.find("/things/all/parts")
    assert found is not None
    assert found.parameters == {}
    assert table.find("/things/all/parts/") is not None
    assert table.find("/things") is None
