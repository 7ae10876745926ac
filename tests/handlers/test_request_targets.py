"""Requests for a whole URL, as clients send them to proxies (RFC 9112, section 3.2.2)."""

import pytest

from tests.harness import Api
from tests.wire import connected


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("http://localhost/health", 200),
        ("HTTP://somewhere.example:81/health/?a=1", 200),
        ("http://localhost", 200),
        ("http://localhost/unknown", 404),
        ("http://user@localhost/health", 404),
        ("http:///health", 404),
        ("http://[::1/health", 404),
        # Of what is for this machine only the URL's host decides, not the header.
        ("http://localhost/dev/outbox", 200),
        ("http://somewhere.example/dev/outbox", 404),
    ],
)
async def test_a_whole_url_is_served_like_its_path(api: Api, target: str, status: int):
    async with connected(api) as wire:
        await wire.send(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        answer = await wire.answer()
        assert answer is not None
        assert answer.status == status
