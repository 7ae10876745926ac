"""Clients that take their time: each has some, and none has more (ARCHITECTURE.md, "Limits")."""

import asyncio
from typing import Any

import pytest

from tests.factories import upload
from tests.harness import Api
from tests.pictures import PNG
from tests.wire import connected, request

HALF_A_HEADER = b"POST /api/login/ HTTP/1.1\r\nHost: loc"
HALF_A_BODY = request("POST", "/api/login/", b"{", Content_Length="2")
HALF_A_CHUNK = request("POST", "/api/login/", Transfer_Encoding="chunked") + b"5\r\n{"
TOO_LARGE = request("POST", "/api/login/", b"x", Content_Length="2000000")


def _expire(deadlines: Any) -> None:
    """Let the time of every connection that waits be over."""
    for connection in deadlines._due:
        deadlines._due[connection] = 0.0


@pytest.mark.parametrize("sent", [b"", HALF_A_HEADER, HALF_A_BODY, HALF_A_CHUNK])
async def test_who_does_not_finish_a_request_is_cut_off(api: Api, sent: bytes):
    async with connected(api) as wire:
        await wire.send(sent)
        await asyncio.sleep(0.05)
        _expire(api.router.receiving)
        api.router.close_overdue()
        assert await wire.is_closed()
    assert await api.router.in_flight.wait_until_none(5)
    assert (await api.get("/health")).status == 200


async def test_who_does_not_finish_a_body_that_is_too_large_is_cut_off(api: Api):
    async with connected(api) as wire:
        await wire.send(TOO_LARGE)
        answer = await wire.answer()
        assert answer is not None
        assert answer.status == 413
        _expire(api.router.receiving)
        _expire(api.router.answering)
        api.router.close_overdue()
        assert await wire.is_closed()
    assert await api.router.in_flight.wait_until_none(5)


async def test_a_connection_that_waits_between_requests_ends_in_time(api: Api):
    async with connected(api) as wire:
        for _ in range(2):
            await wire.send(request("GET", "/health"))
            assert await wire.answer() is not None
        _expire(api.router.receiving)
        api.router.close_overdue()
        assert await wire.is_closed()


async def test_who_does_not_take_an_answer_is_cut_off(api: Api, caplog: pytest.LogCaptureFixture):
    token = await api.sign_in()
    data = PNG + bytes(5_000_000)
    names = [await upload(api, token, data)]
    await api.create_post(token, picture_names=names)
    asked = request("GET", "/api/forum/post_pictures/1/0/", Authorization=f"Bearer {token}")
    async with connected(api) as wire:
        # More than all buffers between us hold.
        await wire.send(asked * 10)
        await asyncio.sleep(0.1)
        assert len(api.router.in_flight) >= 1
        _expire(api.router.answering)
        api.router.close_overdue()
        assert await api.router.in_flight.wait_until_none(5)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_who_works_on_is_not_cut_off(api: Api):
    async with connected(api) as wire:
        await wire.send(request("GET", "/health"))
        assert await wire.answer() is not None
        api.router.close_overdue()
        await wire.send(request("GET", "/health"))
        assert await wire.answer() is not None
