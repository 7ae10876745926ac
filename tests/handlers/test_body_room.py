"""Large bodies that come at once: they wait for each other, and for a while only."""

import asyncio
from typing import Any

import pytest

from handlers.body_room import BodyRoom
from tests.harness import Api
from tests.wire import Wire, connected, eventually, request

SIZE = 300_000
BODY = b'{"phone_number": "' + b"1" * (SIZE - 20) + b'"}'


class Request:
    """What the room knows of one."""

    def __init__(self, remote_ip: str):
        self.remote_ip = remote_ip


def _head(**headers: Any) -> bytes:
    return request("POST", "/api/login/", Content_Length=str(len(BODY)), **headers)


async def _status(wire: Wire) -> int:
    answer = await wire.answer()
    assert answer is not None
    return answer.status


def _room(api: Api, *, max_bytes: int, wait_seconds: float = 5) -> BodyRoom:
    room = BodyRoom(max_bytes=max_bytes, wait_seconds=wait_seconds)
    api.router.in_flight.body_room = room
    return room


async def test_a_body_waits_until_there_is_room_for_it(api: Api):
    room = _room(api, max_bytes=SIZE + 1000)
    async with connected(api) as first, connected(api) as second:
        await first.send(_head())
        await eventually(_is_taken(room))
        await second.send(_head() + BODY)
        await asyncio.sleep(0.05)
        assert room.taken_bytes == SIZE
        await first.send(BODY)
        assert await _status(first) == 400
        assert await _status(second) == 400
    assert room.taken_bytes == 0


async def test_a_body_without_room_is_told_to_come_later(api: Api):
    room = _room(api, max_bytes=SIZE + 1000, wait_seconds=0.05)
    async with connected(api) as first, connected(api) as second:
        await first.send(_head())
        await eventually(_is_taken(room))
        await second.send(_head() + BODY)
        answer = await second.answer()
        assert answer is not None
        assert (answer.status, answer.body) == (
            503,
            {"error": "The server is receiving too much at once; try again in a moment"},
        )
        assert answer.headers["retry-after"] == "1"
        await first.send(BODY)
        assert await _status(first) == 400
        # What was sent of the other was dropped, and its connection still serves.
        await second.send(_head() + BODY)
        assert await _status(second) == 400


async def test_who_asks_before_sending_is_told_without_sending(api: Api):
    room = _room(api, max_bytes=SIZE + 1000, wait_seconds=0.05)
    async with connected(api) as first, connected(api) as second:
        await first.send(_head())
        await eventually(_is_taken(room))
        await second.send(_head(Expect="100-continue"))
        assert await _status(second) == 503


@pytest.mark.parametrize("is_waiting", [False, True])
async def test_who_leaves_makes_room(api: Api, is_waiting: bool):
    room = _room(api, max_bytes=SIZE + 1000)
    async with connected(api) as first, connected(api) as second:
        await first.send(_head())
        await eventually(_is_taken(room))
        await second.send(_head())
        await asyncio.sleep(0.05)
        if not is_waiting:
            await first.send(BODY)
            assert await _status(first) == 400

    async def is_empty() -> bool:
        return room.taken_bytes == len(api.router.in_flight) == 0

    await eventually(is_empty)


async def test_a_small_body_needs_no_room(api: Api):
    _room(api, max_bytes=0)
    assert (await api.post("/api/login/", {"phone_number": "1" * 60_000})).status == 400


async def test_chunks_may_become_as_many_as_the_route_takes(api: Api):
    room = _room(api, max_bytes=1 << 20)
    async with connected(api) as wire:
        await wire.send(request("POST", "/api/login/", Transfer_Encoding="chunked"))
        await eventually(_is_taken(room))
        assert room.taken_bytes == 1 << 20
        await wire.send(b"2\r\n{}\r\n0\r\n\r\n")
        assert await _status(wire) == 400


@pytest.mark.parametrize("length", [f"{SIZE}, {SIZE}", f"{SIZE:030}"])
async def test_a_length_that_is_oddly_written_needs_as_much(api: Api, length: str):
    room = _room(api, max_bytes=SIZE + 1000)
    async with connected(api) as wire:
        await wire.send(request("POST", "/api/login/", Content_Length=length))
        await eventually(_is_taken(room))
        assert room.taken_bytes == SIZE
        await wire.send(BODY)
        assert await _status(wire) == 400
    assert room.taken_bytes == 0


async def test_room_that_comes_as_the_wait_ends_is_taken():
    room = BodyRoom(max_bytes=100, wait_seconds=0)
    first: Any = Request("10.0.0.1")
    second: Any = Request("10.0.0.2")
    assert await room.take(first, 100)
    waiting = asyncio.create_task(room.take(second, 100))
    # One turn of the loop for it to begin, one for its time to be over.
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    room.give_back(first)
    assert await waiting is True
    assert room.taken_bytes == 100


async def test_one_address_leaves_half_of_the_room_to_others():
    room = BodyRoom(max_bytes=100, wait_seconds=0.01)
    requests: list[Any] = [Request(ip) for ip in ("10.0.0.1", "10.0.0.1", "10.0.0.1", "10.0.0.2")]
    taken = [await room.take(each, 30) for each in requests]
    assert taken == [True, False, False, True]
    room.give_back(requests[0])
    assert await room.take(requests[1], 80) is False
    room.give_back(requests[3])
    assert await room.take(requests[1], 80) is True


def _is_taken(room: BodyRoom) -> Any:
    async def is_taken() -> bool:
        return room.taken_bytes > 0

    return is_taken
