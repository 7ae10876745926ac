"""Whom a request is from, with and without proxies that are trusted (`--trusted-proxies`)."""

from contextlib import AsyncExitStack
from ipaddress import ip_network

import msgspec
import pytest
from tornado.httputil import HTTPHeaders

from config.logging import RequestLog
from handlers.client_address import ClientAddresses
from server import log_with
from tests.harness import Api
from tests.wire import connected, request

PROXIES = ClientAddresses([ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48")])


@pytest.fixture
def given_settings() -> dict[str, object]:
    """A proxy on this machine is trusted; it has more connections than an address may have."""
    return {"trusted_proxies": (ip_network("127.0.0.0/8"),), "max_connections_per_address": 2}


def _headers(*forwarded: str) -> HTTPHeaders:
    headers = HTTPHeaders()
    for line in forwarded:
        headers.add("X-Forwarded-For", line)
    return headers


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.9, 192.0.2.7", "192.0.2.7"),
        ("192.0.2.7, 10.0.0.2, 10.0.0.3", "192.0.2.7"),
        ("192.0.2.7,10.0.0.2", "192.0.2.7"),
        # Everybody in it is trusted: it began with the first.
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("2001:0DB8::0007", "2001:db8::7"),
        ("2001:db8::7, 2001:db8:1::1", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("192.0.2.7:4711", "192.0.2.7"),
        ("192.0.2.7, 10.0.0.2:443", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("192.0.2.7, ::ffff:10.0.0.2", "192.0.2.7"),
        # Rubbish ends it at the last good one.
        ("192.0.2.7, unknown, 10.0.0.2", "10.0.0.2"),
        ("192.0.2.7, , 10.0.0.2", "10.0.0.2"),
        ("192.0.2.7 10.0.0.3, 10.0.0.2", "10.0.0.2"),
        ("unknown", "10.0.0.1"),
        ("", "10.0.0.1"),
        ("192.0.2.7:x", "10.0.0.1"),
        ("192.0.2.7:", "10.0.0.1"),
        ("[192.0.2.7", "10.0.0.1"),
        ("[2001:db8::7]4711", "10.0.0.1"),
        ("fe80::1%<b>", "10.0.0.1"),
        ("192.0.2.256", "10.0.0.1"),
    ],
)
def test_the_client_is_the_rightmost_address_that_is_no_proxys(forwarded: str, client: str):
    assert PROXIES.find("10.0.0.1", _headers(forwarded)) == client


def test_all_lines_of_the_header_are_one_list():
    assert PROXIES.find("10.0.0.1", _headers("192.0.2.9", "192.0.2.7", "10.0.0.2")) == "192.0.2.7"


def test_a_proxy_without_the_header_is_the_client():
    assert PROXIES.find("10.0.0.1", HTTPHeaders()) == "10.0.0.1"


@pytest.mark.parametrize("peer", ["2001:db8:1::9", "::ffff:10.0.0.9", "10.255.255.255"])
def test_a_peer_is_trusted_in_every_spelling(peer: str):
    assert PROXIES.find(peer, _headers("192.0.2.7")) == "192.0.2.7"


@pytest.mark.parametrize("peer", ["192.0.2.1", "2001:db8:2::9", "fe80::1%eth0", "", "0.0.0.0"])
def test_nobody_else_says_who_they_are(peer: str):
    assert PROXIES.find(peer, _headers("192.0.2.7")) == peer


def test_a_list_that_is_longer_than_any_way_is_read_to_a_bound():
    made_up = "192.0.2.7, " + ", ".join(["10.0.0.2"] * 1000)
    assert PROXIES.find("10.0.0.1", _headers(made_up)) == "10.0.0.2"


async def _login(api: Api, forwarded: str, password: str) -> int:
    body = {"phone_number": "13800138000", "password": password}
    reply = await api.post("/api/login/", body, headers={"X-Forwarded-For": forwarded})
    return reply.status


async def test_throttles_and_the_log_see_the_client_behind_the_proxy(api: Api):
    lines: list[str] = []
    log = RequestLog(lines.append, is_json=True, level="info")
    await api.sign_in()
    api.router._log_request = log_with(log.log)
    for number in range(10):
        assert await _login(api, f"198.51.100.{number}, 192.0.2.7", "wrong password") == 400
    assert await _login(api, "198.51.100.99, 192.0.2.7", "secret1") == 429
    assert await _login(api, "192.0.2.8", "secret1") == 200
    addresses = [msgspec.json.decode(line)["address"] for line in lines]
    assert addresses == ["192.0.2.7"] * 11 + ["192.0.2.8"]


async def test_a_proxy_has_the_connections_of_all_its_clients(api: Api):
    async with AsyncExitStack() as stack:
        wires = [await stack.enter_async_context(connected(api)) for _ in range(4)]
        for wire in wires:
            await wire.send(request("GET", "/health"))
            answer = await wire.answer()
            assert answer is not None
            assert answer.status == 200
