"""What every page tells its browser: no page has a rule of its own."""

import re
from typing import Any

import pytest

from handlers.page_headers import inline_style
from handlers.pages import PageHandler
from handlers.routes import ROUTES
from tests.harness import Api, Reply

PAGES = sorted(
    {
        route.path
        for route in ROUTES
        if route.method == "GET"
        and (route.media_types == ("text/html",) or issubclass(route.handler, PageHandler))
    }
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


async def _page(api: Api, path: str) -> Reply:
    reply = await api.get(path)
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8", path
    assert {name: reply.headers.get(name) for name in HEADERS} == HEADERS, path
    return reply


async def test_every_page_has_the_same_headers_and_a_policy_that_allows_little(api: Api):
    assert {"/", "/docs", "/dev/outbox", "/reset-password", "/verify-email"} <= set(PAGES)
    for path in PAGES:
        reply = await _page(api, path)
        policy = dict(
            directive.split(" ", 1)
            for directive in reply.headers["Content-Security-Policy"].split("; ")
        )
        assert policy["default-src"] == "'none'", path
        assert policy["base-uri"] == policy["frame-ancestors"] == "'none'", path
        assert policy["form-action"] == "'self'", path
        assert "unsafe" not in str(policy), path
        assert "*" not in str(policy), path
        assert "://" not in str(policy), path
        for style in re.findall("<style>(.*?)</style>", reply.content.decode(), re.DOTALL):
            assert f"style-src {policy['style-src']}" == inline_style(style), path
        assert reply.headers["Cache-Control"] in ("no-store", "no-cache"), path
        assert "Strict-Transport-Security" not in reply.headers, path


@pytest.mark.parametrize("given_settings", [{"public_url": "https://agora.example.com"}])
async def test_browsers_stay_with_https_where_that_is_the_public_address(
    api: Api, given_settings: dict[str, Any]
):
    for path in PAGES:
        reply = await _page(api, path)
        assert reply.headers["Strict-Transport-Security"] == "max-age=31536000", path


async def test_scripts_and_styles_of_a_page_are_taken_for_nothing_else(api: Api):
    for path in ("/home.css", "/docs/page.js", "/docs/page.css"):
        reply = await api.get(path)
        assert (reply.status, reply.headers["X-Content-Type-Options"]) == (200, "nosniff")
