"""The clock that developers can set (`--dev-clock`)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.bootstrap import bootstrap
from config.settings import Settings
from tests import harness
from tests.factories import stored
from tests.harness import Api
from tests.lms.exams import exam_room
from tests.lms.support import refusal
from tests.shop.shopping import add_product, order, put_in_cart
from tests.sociox.subscribing import add_plan, add_subscriber
from tests.wire import eventually

DAY_SECONDS = 24 * 3600
UNKNOWN = (404, {"error": {"code": "not_found", "message": "Nothing is served at this path"}})


@pytest.fixture
def given_settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """A clock that can be set, unless a test says otherwise."""
    return getattr(request, "param", {"dev_clock": True})


async def _advance(api: Api, seconds: int) -> None:
    reply = await api.post("/dev/clock", {"advance_seconds": seconds})
    assert reply.status == 200, reply


async def test_time_moves_forward_to_a_moment_and_back_to_the_machines(api: Api):
    for body, now, offset in (
        (None, "2025-01-18T10:00:00Z", 0),
        ({"advance_seconds": 900}, "2025-01-18T10:15:00Z", 900),
        ({"advance_seconds": 1}, "2025-01-18T10:15:01Z", 901),
        ({"now": "2025-01-18T12:00:00+01:00"}, "2025-01-18T11:00:00Z", 3600),
        ({"now": "2026-01-31T12:00:00Z"}, "2026-01-31T12:00:00Z", 378 * DAY_SECONDS + 7200),
        ({"reset": True}, "2025-01-18T10:00:00Z", 0),
        ({"reset": True}, "2025-01-18T10:00:00Z", 0),
    ):
        expected = (200, {"now": now, "offset_seconds": offset})
        if body is not None:
            reply = await api.post("/dev/clock", body)
            assert (reply.status, reply.body) == expected
        reply = await api.get("/dev/clock")
        assert (reply.status, reply.body) == expected
    await _advance(api, 36525 * DAY_SECONDS)
    assert (await api.post("/dev/clock", {"advance_seconds": 1})).body["error"]["message"] == FAR
    await api.post("/dev/clock", {"reset": True})
    api.clock.advance(seconds=5)
    await _advance(api, 10)
    assert (await api.get("/dev/clock")).body["now"] == "2025-01-18T10:00:15Z"


ONE = 'Send exactly one of "advance_seconds", "now" and "reset": true'
OVER = (
    "It is 2025-01-18T10:00:00Z already and time moves forward only; "
    '{"reset": true} goes back to the machine\'s time'
)
FAR = "Time can be moved to 100 years ahead of the machine's at most"


async def test_what_is_no_move_is_refused_and_moves_nothing(api: Api):
    for body, code, message in (
        ({}, "not_one_move", ONE),
        ({"reset": False}, "not_one_move", ONE),
        ({"advance_seconds": 1, "reset": True}, "not_one_move", ONE),
        ({"advance_seconds": 1, "now": "2026-01-31T12:00:00Z"}, "not_one_move", ONE),
        ({"now": "2025-01-18T09:59:59Z"}, "time_moves_forward", OVER),
        ({"now": "0001-01-01T00:00:00Z"}, "time_moves_forward", OVER),
        ({"now": "9999-12-31T23:59:59Z"}, "too_far_ahead", FAR),
        (
            {"advance_seconds": 36525 * DAY_SECONDS + 1},
            "invalid_field",
            "advance_seconds: Expected int <= 3155760000",
        ),
        ({"advance_seconds": 0}, "invalid_field", "advance_seconds: Expected int >= 1"),
        ({"advance_seconds": -900}, "invalid_field", "advance_seconds: Expected int >= 1"),
        ({"now": "2026-01-31"}, "invalid_field", "now: Invalid RFC3339 encoded datetime"),
    ):
        reply = await api.post("/dev/clock", body)
        assert (reply.status, reply.body["error"]) == (400, {"code": code, "message": message})
    reply = await api.post("/dev/clock", {"now": "2026-01-31T12:00:00"})
    assert reply.body["error"]["message"] == "now: Expected datetime with a timezone component"
    reply = await api.get("/dev/clock")
    assert reply.body == {"now": "2025-01-18T10:00:00Z", "offset_seconds": 0}


async def test_codes_and_tokens_are_seen_to_expire(api: Api):
    access = await api.sign_in()
    sent = await api.post("/api/send_verification_code/", {"phone_number": "13900139000"})
    code = {"token": sent.body["token"], "code": await api.last_code(), "password": "secret1"}
    await _advance(api, 5 * 60)
    reply = await api.post("/api/verify-code/", code)
    assert reply.body == {"error": "Invalid or expired verification code."}
    assert (await api.get("/api/user/", token=access)).status == 200
    await _advance(api, 10 * 60)
    assert (await api.get("/api/user/", token=access)).status == 401


async def test_an_exam_ends(api: Api):
    room = await exam_room(api, duration_minutes=5)
    attempt = await room.started()
    await _advance(api, 331)
    message = "Time expired; answers to this attempt are no longer taken"
    assert refusal(await room.submit(attempt)) == (400, message)


async def test_a_subscription_renews_and_a_cancelled_one_expires(api: Api):
    subscriber = await add_subscriber(api)
    await subscriber.subscribe(await add_plan(api))
    await _advance(api, 31 * DAY_SECONDS)
    current = (await subscriber.current()).body["data"]
    assert (current["status"], current["endDate"]) == ("active", "2025-03-18T10:00:00Z")
    assert len((await subscriber.ledger()).body["data"]) == 2
    await subscriber.cancel()
    await _advance(api, 31 * DAY_SECONDS)
    assert (await subscriber.current()).body["data"]["status"] == "expired"


async def test_an_idempotency_key_is_forgotten_after_a_day(api: Api):
    await add_product(api)
    numbers = []
    for wait_seconds in (1, DAY_SECONDS - 1, 1):
        await _advance(api, wait_seconds)
        token = await api.sign_in()
        await put_in_cart(api, token)
        reply = await order(api, token, "key")
        numbers.append(reply.body["data"]["order_number"])
    first, repeated, later = numbers
    assert first == repeated != later


async def test_what_is_due_by_then_is_done_without_being_asked_for(api: Api):
    # Beyond the machine's time: by that nothing would be due.
    api.clock.now = datetime(2100, 1, 1, tzinfo=UTC)
    api.agora.start_workers()
    room = await exam_room(api, duration_minutes=5)
    await room.started()
    await api.post("/api/send_verification_code/", {"phone_number": "13900139000"})
    assert len(await stored(api, "sms_codes")) == 1
    await _advance(api, DAY_SECONDS)

    async def is_done() -> bool:
        (attempt,) = await stored(api, "exam_attempts")
        return attempt["status"] == "Rejected" and not await stored(api, "sms_codes")

    await eventually(is_done)


@pytest.mark.parametrize("storage", ["memory", "embedded"])
async def test_the_store_deletes_what_has_expired_by_the_same_clock(storage: str, tmp_path: Path):
    settings = Settings(storage=storage, data_dir=tmp_path, jwt_secret=harness.SECRET)
    agora = await bootstrap(settings, clock=lambda: datetime(2100, 1, 1, tzinfo=UTC))
    try:
        states = agora.storage["oauth_states"]
        for year in (2099, 2101):
            await states.insert_one({"_id": year, "expires_at": datetime(year, 1, 1, tzinfo=UTC)})
        await agora.housekeeping.do_all()
        assert await states.distinct("_id") == [2101]
    finally:
        await agora.close()


@pytest.mark.parametrize("given_settings", [{}], indirect=True)
async def test_without_the_setting_there_is_no_such_route(api: Api):
    for reply in (await api.get("/dev/clock"), await api.post("/dev/clock", {"reset": True})):
        assert (reply.status, reply.body) == UNKNOWN


async def test_only_this_machine_moves_the_time(api: Api):
    for elsewhere in ({"Origin": "https://evil.example"}, {"X-Forwarded-For": "192.0.2.7"}):
        for reply in (
            await api.get("/dev/clock", headers=elsewhere),
            await api.post("/dev/clock", {"advance_seconds": 1}, headers=elsewhere),
        ):
            assert (reply.status, reply.body) == UNKNOWN
    assert (await api.get("/dev/clock")).body["offset_seconds"] == 0
