"""Pages of other origins that may call the API (`--cors-origins`)."""

from collections.abc import Iterator
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from tests import harness
from tests.harness import Api, Reply
from tests.shop.shopping import add_product

APP = "https://app.example.com"
EXPOSED = (
    "Allow, Content-Disposition, ETag, RateLimit, RateLimit-Policy, Retry-After, "
    "WWW-Authenticate, X-Request-ID"
)
PREFLIGHT = {"Access-Control-Request-Method": "PUT"}
PRODUCT = "/api/v1/catalog/products/prod-1"


@pytest.fixture
def given_settings() -> dict[str, object]:
    """Two origins are let in."""
    return {"cors_origins": (APP, "http://localhost:3000")}


def _from(origin: str, **more: str) -> dict[str, str]:
    return {"Origin": origin, **more}


def _cors_of(reply: Reply) -> dict[str, str]:
    return {
        name: value
        for name, value in reply.headers.get_all()
        if name.startswith("Access-Control-") or (name, value) == ("Vary", "Origin")
    }


ALLOWED = {
    "Vary": "Origin",
    "Access-Control-Allow-Origin": APP,
    "Access-Control-Expose-Headers": EXPOSED,
}


async def test_every_answer_lets_an_allowed_origin_read_it(api: Api):
    await add_product(api)
    token = await api.sign_in()
    etag = (await api.get("/openapi.json")).headers["Etag"]
    many = b" " * (1024 * 1024 + 1)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for method, path, body, more, status in (
        ("GET", "/health", None, {}, 200),
        ("HEAD", PRODUCT, None, {}, 200),
        ("GET", "/openapi.json", None, {"If-None-Match": etag}, 304),
        ("POST", "/api/forum/posts/", b"{}", {"Authorization": f"Bearer {token}"}, 200),
        ("POST", "/api/forum/posts/", b"{}", {}, 401),
        ("GET", "/unknown", None, {}, 404),
        ("GET", "/api/v1/catalog/products/none", None, {}, 404),
        ("DELETE", "/api/login/", None, {}, 405),
        ("POST", "/api/login/", b"{", {}, 400),
        ("POST", "/api/login/", many, {}, 413),
        ("POST", "/api/login/", b"a=b", form, 415),
        ("OPTIONS", "/api/login/", None, {}, 204),
    ):
        reply = await api.call(method, path, body, headers=_from(APP, **more))
        assert (reply.status, _cors_of(reply)) == (status, ALLOWED), (method, path)


async def test_a_failure_lets_it_read_that_too(api: Api, monkeypatch: pytest.MonkeyPatch):
    async def fail(*_: object) -> None:
        raise RuntimeError("nobody foresaw it")

    monkeypatch.setattr(api.agora.services.shop.catalog, "product", fail)
    reply = await api.get(PRODUCT, headers=_from(APP))
    assert (reply.status, _cors_of(reply)) == (500, ALLOWED)


async def test_a_preflight_says_what_may_be_sent(api: Api):
    for path, methods in (
        ("/api/user/", "DELETE, GET, HEAD, PUT, OPTIONS"),
        ("/api/v1/orders", "GET, HEAD, POST, OPTIONS"),
    ):
        reply = await api.call("OPTIONS", path, headers=_from(APP, **PREFLIGHT))
        assert (reply.status, reply.content, reply.headers["Allow"]) == (204, b"", methods)
        assert _cors_of(reply) == {
            **ALLOWED,
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": (
                "Authorization, Content-Type, Idempotency-Key, If-None-Match, X-Request-ID"
            ),
            "Access-Control-Max-Age": "7200",
        }


async def test_another_origin_gets_its_answer_and_no_leave_to_read_it(api: Api):
    for origin in ("https://evil.example", "http://app.example.com", APP + ".evil", "null", ""):
        reply = await api.get("/health", headers=_from(origin))
        assert (reply.status, _cors_of(reply)) == (200, {"Vary": "Origin"})
        reply = await api.call("OPTIONS", "/api/user/", headers=_from(origin, **PREFLIGHT))
        assert (reply.status, _cors_of(reply)) == (204, {"Vary": "Origin"})
    assert _cors_of(await api.get("/health")) == {"Vary": "Origin"}


@pytest.fixture
def start(io_loop: IOLoop) -> Iterator[object]:
    """Starts an application with other settings."""
    running: list[Api] = []

    async def run(**settings: Any) -> Api:
        running.append(await harness.start(**settings))
        return running[-1]

    yield run
    for api in running:
        io_loop.run_sync(api.close)


async def test_a_star_lets_all_origins_in_with_one_answer_for_all(start):
    api = await start(cors_origins=("*",))
    expected = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": EXPOSED}
    for headers in (_from("https://anybody.example"), _from("null"), {}):
        assert _cors_of(await api.get("/health", headers=headers)) == expected
    reply = await api.call("OPTIONS", "/api/user/", headers=_from("null", **PREFLIGHT))
    assert reply.headers["Access-Control-Allow-Methods"] == "DELETE, GET, HEAD, PUT, OPTIONS"


async def test_a_star_shows_no_page_what_is_for_this_machine_alone(start):
    api = await start(cors_origins=("*",))
    assert (await api.get("/dev/outbox")).status == 200
    assert (await api.get("/dev/outbox", headers=_from("https://evil.example"))).status == 404


async def test_without_the_setting_there_is_no_such_header(start):
    api = await start()
    for headers in ({}, _from(APP), _from(APP, **PREFLIGHT)):
        for method in ("GET", "OPTIONS"):
            reply = await api.call(method, "/health", headers=headers)
            assert reply.status in (200, 204)
            assert _cors_of(reply) == {}
