"""Who is told the metrics: the addresses of `--metrics`, and nobody who borrows one."""

from ipaddress import ip_network
from typing import Any

import pytest

from config.settings import SettingError, Settings
from tests import harness
from tests.harness import Api

UNKNOWN = {"error": {"code": "not_found", "message": "Nothing is served at this path"}}


async def _statuses(requests: list[dict[str, str]], **settings: Any) -> list[int]:
    """What requests with these headers are answered, by a server with these settings."""
    api = await harness.start(**settings)
    try:
        return [(await api.get("/metrics", headers=headers)).status for headers in requests]
    finally:
        await api.close()


async def test_by_default_programs_on_this_machine_may_read():
    expected = [
        ({}, 200),
        ({"Host": "localhost:8000"}, 200),
        ({"Host": "rebound.example"}, 404),
        ({"Origin": "https://page.example"}, 404),
        ({"X-Forwarded-For": "127.0.0.1"}, 404),
        ({"Forwarded": "for=127.0.0.1"}, 404),
        ({"Via": "1.1 proxy"}, 404),
    ]
    assert await _statuses([headers for headers, _ in expected]) == [told for _, told in expected]


async def test_behind_a_trusted_proxy_it_is_the_client_who_counts():
    expected = [
        ({"X-Forwarded-For": "10.1.2.3"}, 200),
        ({"X-Forwarded-For": "10.1.2.3:4711"}, 200),
        ({"X-Forwarded-For": "::ffff:10.1.2.3", "Via": "1.1 proxy"}, 200),
        ({"X-Forwarded-For": "192.0.2.7"}, 404),
        ({"X-Forwarded-For": "10.1.2.3, 192.0.2.7"}, 404),
        ({"X-Forwarded-For": "rubbish"}, 404),
        ({}, 404),
    ]
    statuses = await _statuses(
        [headers for headers, _ in expected],
        trusted_proxies=(ip_network("127.0.0.1"),),
        metrics=(ip_network("10.0.0.0/8"),),
    )
    assert statuses == [told for _, told in expected]


async def test_an_untrusted_proxy_lends_nobody_its_address():
    everybody = (ip_network("0.0.0.0/0"), ip_network("::/0"))
    forwarded = {"X-Forwarded-For": "10.1.2.3"}
    assert await _statuses([forwarded, {}], metrics=everybody) == [404, 200]


async def test_to_others_there_is_no_such_path_whatever_the_method(api: Api):
    elsewhere = {"X-Forwarded-For": "192.0.2.7"}
    for method in ("GET", "POST", "OPTIONS", "DELETE"):
        reply = await api.call(method, "/metrics", headers=elsewhere)
        assert (reply.status, reply.body, reply.headers.get("Allow")) == (404, UNKNOWN, None)
    assert (await api.call("HEAD", "/metrics", headers=elsewhere)).status == 404
    assert (await api.post("/metrics", {})).status == 405


async def test_off_measures_nothing_and_the_path_is_unknown():
    api = await harness.start(metrics=Settings.load(["--metrics=off"], {}).metrics)
    try:
        api.agora.start_workers()
        assert api.agora.services.monitoring.metrics is None
        reply = await api.get("/metrics")
        assert (reply.status, reply.body) == (404, UNKNOWN)
    finally:
        await api.close()


@pytest.mark.parametrize(
    ("text", "networks"),
    [
        ("off", []),
        ("", []),
        ("10.0.0.7", ["10.0.0.7/32"]),
        ("10.0.0.0/8, fd00::/8,", ["10.0.0.0/8", "fd00::/8"]),
        ("0.0.0.0/0", ["0.0.0.0/0"]),
    ],
)
def test_the_setting_takes_addresses_and_networks(text: str, networks: list[str]):
    assert [
        str(network) for network in Settings.load([f"--metrics={text}"], {}).metrics
    ] == networks


@pytest.mark.parametrize("text", ["everybody", "10.0.0.1/8", "10.0.0.0/33", "localhost"])
def test_what_is_no_network_stops_the_start(text: str):
    with pytest.raises(SettingError, match=r"^--metrics: it takes addresses and networks"):
        Settings.load([f"--metrics={text}"], {})
