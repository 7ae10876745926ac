"""Which requests come from this machine, and which only look as if they did."""

from types import SimpleNamespace
from typing import Any

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

from handlers.ops.local import is_local, is_relayed


def _request(*fields: str, peer: str = "127.0.0.1", host: str = "localhost") -> HTTPServerRequest:
    headers = HTTPHeaders({"Host": host})
    for field in fields:
        headers.parse_line(field + "\r\n")
    line = RequestStartLine("GET", "/", "HTTP/1.1")
    request = HTTPServerRequest(headers=headers, start_line=line)
    request.remote_ip = peer
    return request


@pytest.mark.parametrize(
    ("peer", "expected"),
    [
        ("127.0.0.1", True),
        ("127.0.0.2", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.7", False),
        ("::ffff:192.0.2.7", False),
        ("10.0.0.1", False),
        ("::", False),
        ("", False),
    ],
)
def test_the_address_is_this_machines(peer: str, expected: bool):
    assert is_local(_request(peer=peer)) is expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("LOCALHOST:8000", True),
        ("127.0.0.1:8000", True),
        ("[::1]", True),
        ("[::1]:8000", True),
        ("example.com", False),
        ("example.com:8000", False),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
        ("192.168.0.1", False),
        ("[::2]", False),
        ("localhost:8000:8000", False),
    ],
)
def test_no_name_from_elsewhere_was_made_to_lead_here(host: str, expected: bool):
    assert is_local(_request(host=host)) is expected


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://localhost:3000", True),
        ("http://[::1]:3000", True),
        ("https://example.com", False),
        ("https://localhost.example.com", False),
        ("null", False),
        ("http://[", False),
    ],
)
def test_no_page_from_elsewhere_asks(origin: str, expected: bool):
    assert is_local(_request(f"Origin: {origin}")) is expected


@pytest.mark.parametrize(
    "line",
    [
        "X-Forwarded-For: 192.0.2.7",
        "X-Forwarded-For: 127.0.0.1",
        "Forwarded: for=127.0.0.1",
        "X-Real-IP: 127.0.0.1",
        "X-Forwarded-Host: localhost",
        "Via: 1.1 proxy",
    ],
)
def test_what_came_through_a_proxy_came_from_elsewhere(line: str):
    assert not is_local(_request(line))


@pytest.mark.parametrize(
    ("line", "client", "expected"),
    [
        ("Accept: */*", "10.0.0.5", False),
        ("X-Forwarded-For: 192.0.2.7", "10.0.0.5", True),
        ("Via: 1.1 proxy", "10.0.0.5", True),
        # The router took the client from a trusted proxy.
        ("X-Forwarded-For: 192.0.2.7", "192.0.2.7", False),
    ],
)
def test_a_proxy_that_is_not_trusted_lends_its_address(line: str, client: str, expected: bool):
    request = _request(line, peer=client)
    connection: Any = SimpleNamespace(context=SimpleNamespace(remote_ip="10.0.0.5"))
    request.connection = connection
    assert is_relayed(request) is expected
