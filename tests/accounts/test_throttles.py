"""How often a password may be guessed (CONTRACT section 3)."""

import asyncio

import pytest

from services.accounts.sign_in import InvalidCredentials
from services.accounts.throttles import network_of
from services.errors import Throttled
from tests.factories import stored
from tests.harness import Api

NAME = "13800138000"
TOO_MANY = {"error": "Too many attempts. Please wait before trying again."}


async def _login(api: Api, password: str = "wrong password", name: str = NAME):
    return await api.post("/api/login/", {"phone_number": name, "password": password})


async def test_after_ten_failures_even_the_right_password_waits(api: Api):
    await api.sign_in(NAME)
    for _ in range(10):
        assert (await _login(api)).status == 400
    api.clock.advance(minutes=5)
    reply = await _login(api, "secret1")
    assert (reply.status, reply.body) == (429, TOO_MANY)
    assert reply.headers["Retry-After"] == "600"


async def test_the_window_passes(api: Api):
    await api.sign_in(NAME)
    for _ in range(11):
        await _login(api)
    api.clock.advance(minutes=15)
    assert (await _login(api, "secret1")).status == 200


async def test_a_success_clears_the_failures(api: Api):
    await api.sign_in(NAME)
    for _ in range(2):
        for _ in range(9):
            assert (await _login(api)).status == 400
        assert (await _login(api, "secret1")).status == 200


async def test_successes_do_not_count(api: Api):
    await api.sign_in(NAME)
    for _ in range(12):
        assert (await _login(api, "secret1")).status == 200


@pytest.mark.parametrize("spelling", ["+13800138000", "138 0013 8000", "138-0013-8000"])
async def test_another_spelling_is_no_way_around(api: Api, spelling: str):
    for _ in range(10):
        await _login(api)
    assert (await _login(api, name=spelling)).status == 429


async def test_an_unknown_account_is_throttled_alike(api: Api):
    statuses = [(await _login(api, name="nobody")).status for _ in range(11)]
    assert statuses == [400] * 10 + [429]


async def test_forwarded_headers_are_no_way_around(api: Api):
    for number in range(10):
        await api.post(
            "/api/login/",
            {"phone_number": NAME, "password": "wrong password"},
            headers={"X-Forwarded-For": f"10.0.0.{number}", "X-Real-Ip": f"10.0.0.{number}"},
        )
    reply = await api.post(
        "/api/login/",
        {"phone_number": NAME, "password": "wrong password"},
        headers={"X-Forwarded-For": "10.0.0.99", "X-Real-Ip": "10.0.0.99"},
    )
    assert reply.status == 429


async def test_the_owner_gets_in_from_another_address(api: Api):
    await api.sign_in(NAME)
    for _ in range(11):
        await _login(api)
    sign_in = api.agora.services.accounts.sign_in
    assert (await sign_in.with_phone(NAME, "secret1", address="192.0.2.7")).tokens.access
    assert (await _login(api, "secret1")).status == 429


async def test_of_thirty_guesses_at_once_ten_are_looked_at(api: Api):
    await api.sign_in(NAME)
    replies = await asyncio.gather(*(_login(api) for _ in range(30)))
    statuses = sorted(reply.status for reply in replies)
    assert statuses == [400] * 10 + [429] * 20


async def test_an_address_has_three_hundred_failures_a_minute(api: Api):
    sign_in = api.agora.services.accounts.sign_in

    async def guess(number: int) -> type[Exception]:
        with pytest.raises((InvalidCredentials, Throttled)) as caught:
            await sign_in.with_phone(f"name{number}", "wrong password", address="192.0.2.7")
        return caught.type

    outcomes = [await guess(number) for number in range(301)]
    assert outcomes == [InvalidCredentials] * 300 + [Throttled]
    api.clock.advance(seconds=60)
    assert await guess(301) is InvalidCredentials


async def test_no_identifier_is_readable_in_the_counters(api: Api):
    await _login(api)
    counters = await stored(api, "throttles")
    assert len(counters) == 2
    assert "13800138000" not in str(counters)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_an_address_counts_as_its_subscriber(address: str, network: str):
    assert network_of(address) == network
