"""Slow and broken connections: none holds the server, none leaves anything half done."""

import asyncio

import pytest

from tests import harness
from tests.factories import stored, upload
from tests.harness import Api
from tests.pictures import PNG
from tests.wire import connected, eventually, request

POST = b'{"content": "text"}'


async def _until_nothing_is_in_flight(api: Api) -> None:
    assert await api.router.in_flight.wait_until_none(5)


async def test_half_a_header_and_gone(api: Api):
    async with connected(api) as wire:
        await wire.send("POST /api/forum/create_post/ HTTP/1.1\r\nHost: loc")
    assert (await api.get("/health")).status == 200
    await _until_nothing_is_in_flight(api)


async def test_half_a_body_and_gone_publishes_nothing(api: Api):
    token = await api.sign_in()
    whole = request("POST", "/api/forum/create_post/", POST, Authorization=f"Bearer {token}")
    async with connected(api) as wire:
        await wire.send(whole[:-5])
    await _until_nothing_is_in_flight(api)
    assert await stored(api, "posts") == []


async def test_a_whole_request_and_gone_is_done(api: Api):
    token = await api.sign_in()
    whole = request("POST", "/api/forum/create_post/", POST, Authorization=f"Bearer {token}")
    async with connected(api) as wire:
        await wire.send(whole)
    await eventually(lambda: stored(api, "posts"))
    await _until_nothing_is_in_flight(api)


async def test_requests_in_one_piece_are_answered_in_order(api: Api):
    token = await api.sign_in()
    whole = request("POST", "/api/forum/create_post/", POST, Authorization=f"Bearer {token}")
    async with connected(api) as wire:
        await wire.send(whole + request("GET", "/health") + whole)
        answers = [await wire.answer() for _ in range(3)]
    assert [answer.body for answer in answers if answer] == [
        {"postid": 1, "created_at": "2025-01-18T10:00:00Z"},
        {"status": "ok"},
        {"postid": 2, "created_at": "2025-01-18T10:00:00Z"},
    ]


@pytest.mark.parametrize("host", ["", "Host: localhost\r\n"])
async def test_http_1_0_is_answered_as_load_balancers_ask(api: Api, host: str):
    async with connected(api) as wire:
        await wire.send(f"GET /health HTTP/1.0\r\n{host}\r\n")
        answer = await wire.answer()
        assert answer is not None
        assert (answer.status, answer.body) == (200, {"status": "ok"})
        assert answer.headers["x-request-id"]
        assert await wire.is_closed()


async def test_a_request_byte_by_byte_is_a_request(api: Api):
    async with connected(api) as wire:
        for byte in request("POST", "/api/login/", b"{}"):
            await wire.send(bytes([byte]))
        answer = await wire.answer()
    assert answer is not None
    assert answer.body == {"error": "Phone number and password are required"}


@pytest.mark.parametrize(
    "broken",
    [
        "rubbish\r\n\r\n",
        "GET\r\n\r\n",
        "GET /health HTTP/9.9\r\nHost: x\r\n\r\n",
        "GET /health HTTP/1.1\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost : x\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: x\0\r\n\r\n",
        "POST /api/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /api/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2x\r\n\r\n{}",
        "POST /api/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2, 3\r\n\r\n{}",
        "POST /api/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
        "Transfer-Encoding: chunked\r\n\r\n{}",
        "POST /api/login/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "POST /api/login/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "POST /api/login/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}}}",
        "GET /health HTTP/1.1\r\nHost: x\r\nX: " + "x" * 20_000 + "\r\n\r\n",
        "GET /" + "x" * 20_000 + " HTTP/1.1\r\nHost: x\r\n\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_refused_and_the_connection_ended(
    api: Api, broken: str, caplog: pytest.LogCaptureFixture
):
    async with connected(api) as wire:
        await wire.send(broken)
        answer = await wire.answer()
        assert answer is None or answer.status == 400
        assert await wire.is_closed()
    assert (await api.get("/health")).status == 200
    await _until_nothing_is_in_flight(api)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_too_many_query_fields_are_refused(api: Api, caplog: pytest.LogCaptureFixture):
    reply = await api.get("/health?" + "&".join(f"a{number}=1" for number in range(1500)))
    assert reply.status == 400
    await _until_nothing_is_in_flight(api)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_who_leaves_while_a_picture_is_sent_is_no_failure_of_ours(
    api: Api, caplog: pytest.LogCaptureFixture
):
    token = await api.sign_in()
    data = PNG + bytes(4 * 1024 * 1024)
    await api.create_post(token, picture_names=[await upload(api, token, data)])
    asked = request("GET", "/api/forum/post_pictures/1/0/", Authorization=f"Bearer {token}")
    for _ in range(3):
        async with connected(api) as wire:
            await wire.send(asked)
            answer = await wire.answer(has_body=False)
            assert answer is not None
            assert answer.status == 200
    await _until_nothing_is_in_flight(api)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_a_picture_that_goes_while_it_is_sent_ends_the_connection(api: Api):
    token = await api.sign_in()
    data = PNG + bytes(4 * 1024 * 1024)
    await api.create_post(token, picture_names=[await upload(api, token, data)])
    (file,) = await stored(api, "pictures.files")
    await api.agora.storage["pictures.chunks"].delete_one({"files_id": file["_id"], "n": 3})
    async with connected(api) as wire:
        await wire.send(
            request("GET", "/api/forum/post_pictures/1/0/", Authorization=f"Bearer {token}")
        )
        with pytest.raises(asyncio.IncompleteReadError):
            await wire.answer()
    await _until_nothing_is_in_flight(api)


async def test_more_connections_than_allowed_are_closed_and_then_let_in(io_loop):
    api = await harness.start(max_connections_per_address=3)
    try:
        async with connected(api) as one, connected(api) as two, connected(api) as three:
            for wire in (one, two, three):
                await wire.send(request("GET", "/health"))
                answer = await wire.answer()
                assert answer is not None
                assert answer.status == 200
            async with connected(api) as fourth:
                assert await fourth.is_closed()

        async def is_let_in() -> bool:
            return (await api.get("/health")).status == 200

        await eventually(is_let_in)
    finally:
        await api.close()
