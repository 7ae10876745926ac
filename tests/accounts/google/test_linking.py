"""Which account a Google identity signs in to (CONTRACT section 3, "Google")."""

import asyncio
from typing import Any

import pytest

from repositories.errors import WriteConflict
from tests.factories import stored
from tests.google_provider import Provider, begin, callback, come_back
from tests.harness import Api
from tests.shop.test_auth import EMAIL, JOHN, error, is_in, login, refresh, register

NOT_VERIFIED = error(
    "email_not_verified",
    "An account with this email exists, and Google has not verified that it is yours",
)
OTHER = error(
    "other_google_account", "The account with this email is linked to another Google account"
)


async def _change(api: Api, **changes: Any) -> None:
    result = await api.agora.storage["users"].update_one({"email": EMAIL}, {"$set": changes})
    assert result.matched_count == 1


async def test_a_verified_account_is_linked_and_keeps_its_password(api: Api, provider: Provider):
    registered = (await register(api)).body
    await _change(api, email_verified=True)
    reply = await come_back(api, provider, email="John@Example.com")
    assert reply.status == 200
    assert reply.body["data"]["user"]["id"] == registered["data"]["user"]["id"]
    (user,) = await stored(api, "users")
    assert user["google_sub"] == "1080"
    assert await is_in(api, registered["token"])
    assert (await login(api)).status == 200


async def test_linking_an_unverified_account_drops_its_password_and_sessions(
    api: Api, provider: Provider
):
    """Whoever registered the address first, to wait for its owner, is out."""
    squatter = (await register(api)).body
    reply = await come_back(api, provider)
    assert reply.status == 200
    assert reply.body["data"]["user"]["email_verified"] is True
    assert await is_in(api, reply.body["token"])
    assert not await is_in(api, squatter["token"])
    assert (await refresh(api, squatter["data"]["refresh_token"])).status == 401
    assert (await login(api)).status == 401
    (user,) = await stored(api, "users")
    assert (user["google_sub"], user["password_hash"]) == ("1080", None)
    assert len(await stored(api, "sessions")) == 1


@pytest.mark.parametrize("email_verified", [False, None, "true", 1, "yes"])
@pytest.mark.parametrize("is_own_verified", [True, False])
async def test_an_email_that_google_does_not_vouch_for_links_nothing(
    api: Api, provider: Provider, email_verified: Any, is_own_verified: bool
):
    token = (await register(api)).body["token"]
    await _change(api, email_verified=is_own_verified)
    before = await stored(api, "users")
    reply = await come_back(api, provider, email_verified=email_verified)
    assert (reply.status, reply.body) == (409, NOT_VERIFIED)
    assert await stored(api, "users") == before
    assert await is_in(api, token)


async def test_an_unverified_email_without_an_account_makes_an_unverified_one(
    api: Api, provider: Provider
):
    reply = await come_back(api, provider, email_verified=False)
    assert reply.status == 200
    assert reply.body["data"]["user"]["email_verified"] is False
    (mail,) = await stored(api, "outbox")
    assert (mail["to"], mail["kind"]) == (EMAIL, "verify_email")


async def test_the_owner_of_an_address_wins_over_an_unverified_identity(
    api: Api, provider: Provider
):
    squatter = (await come_back(api, provider, sub="666", email_verified=False)).body
    owner = await come_back(api, provider)
    assert owner.status == 200
    assert not await is_in(api, squatter["token"])
    (user,) = await stored(api, "users")
    assert (user["google_sub"], user["email_verified"]) == ("1080", True)
    again = await come_back(api, provider, sub="666", email_verified=False)
    assert (again.status, again.body) == (409, NOT_VERIFIED)


async def test_an_account_is_linked_to_one_identity(api: Api, provider: Provider):
    await come_back(api, provider)
    reply = await come_back(api, provider, sub="2000")
    assert (reply.status, reply.body) == (409, OTHER)
    (user,) = await stored(api, "users")
    assert user["google_sub"] == "1080"


@pytest.mark.parametrize("is_linked", [True, False])
async def test_an_inactive_account_stays_out_and_unchanged(
    api: Api, provider: Provider, is_linked: bool
):
    if is_linked:
        await come_back(api, provider)
    else:
        await register(api)
    await _change(api, is_active=False)
    before = await stored(api, "users")
    reply = await come_back(api, provider)
    assert (reply.status, reply.body) == (403, error("account_inactive", "Account is inactive"))
    assert await stored(api, "users") == before


async def test_a_deleted_account_frees_the_identity(api: Api, provider: Provider):
    first = (await come_back(api, provider)).body
    deleted = await api.call("DELETE", "/api/user/", token=first["token"])
    assert deleted.status == 200
    second = await come_back(api, provider)
    assert second.status == 200
    assert second.body["data"]["user"]["id"] != first["data"]["user"]["id"]


@pytest.mark.parametrize("has_account", [True, False])
async def test_ten_sign_ins_of_an_identity_at_once_are_one_account(
    api: Api, provider: Provider, has_account: bool
):
    if has_account:
        await register(api)
    states = [await begin(api) for _ in range(10)]
    replies = await asyncio.gather(
        *(api.get(callback(code=provider.grant(), state=state)) for state in states)
    )
    assert [reply.status for reply in replies] == [200] * 10
    (user,) = await stored(api, "users")
    assert {reply.body["data"]["user"]["id"] for reply in replies} == {str(user["_id"])}
    assert len(await stored(api, "sessions")) == 10
    assert [await is_in(api, reply.body["token"]) for reply in replies] == [True] * 10
    if has_account:
        assert (await login(api, JOHN["password"])).status == 401


async def test_a_transaction_that_lost_does_not_cost_the_code(
    api: Api, provider: Provider, monkeypatch: pytest.MonkeyPatch
):
    registration = api.agora.services.accounts.email_registration
    real = registration.open_account
    lost: list[int] = []

    async def lose_once(*given: Any, **named: Any) -> object:
        if not lost:
            lost.append(1)
            raise WriteConflict("met another")
        return await real(*given, **named)

    monkeypatch.setattr(registration, "open_account", lose_once)
    assert (await come_back(api, provider)).status == 200
    assert (len(lost), provider.exchanges) == (1, 1)
