"""gzip: for whom, for what, and that nothing else about an answer changes."""

import asyncio
import gzip
import threading
from typing import Any

import pytest
from tornado.httpclient import AsyncHTTPClient
from tornado.ioloop import IOLoop

import handlers.base
from handlers.compression import THREAD_BYTES, accepts_gzip, compress
from tests import harness
from tests.factories import upload
from tests.harness import Api
from tests.lms.support import add_course
from tests.pictures import PNG
from tests.shop.people import join_as
from tests.wire import Answer, connected, request

FEED = "/api/forum/posts/"
PAGES = ["/", "/docs", "/docs/swagger-ui-bundle.js", "/openapi.json"]


async def _answer(api: Api, method: str, path: str, **headers: str) -> Answer:
    """An answer as it is on the wire."""
    async with connected(api) as wire:
        await wire.send(request(method, path, b"", **headers))
        found = await wire.answer(has_body=method != "HEAD")
    assert found is not None
    return found


async def _both(api: Api, method: str, path: str, **headers: str) -> tuple[Answer, Answer]:
    """An answer as it is, and in gzip."""
    plain = await _answer(api, method, path, **headers)
    zipped = await _answer(api, method, path, Accept_Encoding="gzip", **headers)
    assert "content-encoding" not in plain.headers
    return plain, zipped


@pytest.mark.parametrize(
    ("accept_encoding", "takes"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("gzip, deflate, br, zstd", True),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        (" deflate , gzip ; q=0.5 ", True),
        ("*", True),
        ("gzip;q=1.0, identity; q=0.5, *;q=0", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000, *", False),
        ("*;q=0", False),
        ("identity", False),
        ("br", False),
        ("identity, gzip;q=0.5", False),
        ("gzip;q=", False),
        ("gzip;q=nan", False),
        ("gzip;level=9", False),
        ("gzipped", False),
        (",;,=,", False),
    ],
)
def test_who_takes_gzip_is_read_with_its_weights(accept_encoding: str | None, takes: bool):
    assert accepts_gzip(accept_encoding) is takes


async def test_a_long_answer_is_compressed_for_who_takes_it(api: Api):
    token = await api.sign_in()
    await api.create_post(token, "A long post. " * 200)
    plain, zipped = await _both(api, "POST", FEED, Authorization=f"Bearer {token}")
    assert gzip.decompress(zipped.content) == plain.content
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.headers["content-length"] == str(len(zipped.content))
    assert len(zipped.content) < len(plain.content) / 4
    assert plain.headers["vary"] == zipped.headers["vary"] == "Accept-Encoding"
    assert plain.headers["content-type"] == zipped.headers["content-type"] == "application/json"


async def test_short_answers_and_errors_stay_as_they_are(api: Api):
    for path, status in (("/health", 200), ("/unknown", 404), ("/api/user/", 401)):
        answer = await _answer(api, "GET", path, Accept_Encoding="gzip")
        assert answer.status == status
        assert answer.body
        assert not {"content-encoding", "vary"} & answer.headers.keys()
    answer = await _answer(api, "OPTIONS", "/", Accept_Encoding="gzip")
    assert (answer.status, answer.content) == (204, b"")
    assert "content-encoding" not in answer.headers


async def test_a_very_long_answer_is_compressed_away_from_the_loop(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    done_in: list[tuple[bool, bool]] = []

    def noted(content: bytes) -> bytes:
        is_long = len(content) > THREAD_BYTES
        done_in.append((is_long, threading.current_thread() is threading.main_thread()))
        return compress(content)

    monkeypatch.setattr(handlers.base, "compress", noted)
    token = await api.sign_in()
    bearer = f"Bearer {token}"
    await api.create_post(token, "A long post. " * 700)
    short, zipped = await _both(api, "POST", FEED, Authorization=bearer)
    assert gzip.decompress(zipped.content) == short.content
    for _ in range(9):
        await api.create_post(token, "A long post. " * 700)
    long, zipped = await _both(api, "POST", FEED, Authorization=bearer)
    assert gzip.decompress(zipped.content) == long.content
    assert zipped.headers["content-length"] == str(len(zipped.content))
    assert done_in == [(False, True), (True, False)]


async def test_who_leaves_while_a_thread_compresses_leaves_nothing_behind(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    begun, may_end = threading.Event(), threading.Event()

    def slow(content: bytes) -> bytes:
        begun.set()
        may_end.wait(10)
        return compress(content)

    monkeypatch.setattr(handlers.base, "compress", slow)
    token = await api.sign_in()
    for _ in range(4):
        await api.create_post(token, "A long post. " * 700)
    async with connected(api) as wire:
        bearer = f"Bearer {token}"
        await wire.send(request("POST", FEED, Authorization=bearer, Accept_Encoding="gzip"))
        await asyncio.to_thread(begun.wait, 10)
        # The loop serves others meanwhile.
        assert (await api.get("/health")).status == 200
        assert len(api.router.in_flight) == 1
    may_end.set()
    assert await api.router.in_flight.wait_until_none(5)
    assert (await api.get("/health")).status == 200
    assert caplog.records == []


async def test_an_answer_varies_by_all_that_it_varies_by(io_loop: IOLoop):
    api = await harness.start(cors_origins=("https://app.example.com",))
    try:
        headers = {"Origin": "https://app.example.com"}
        reply = await api.get("/docs", headers=headers)
        again = await api.get("/docs", headers={**headers, "If-None-Match": reply.headers["ETag"]})
        assert (reply.status, again.status) == (200, 304)
        for each in (reply, again):
            assert each.headers.get_list("Vary") == ["Origin", "Accept-Encoding"]
            assert each.headers["Access-Control-Allow-Origin"] == "https://app.example.com"
    finally:
        await api.close()


async def test_a_picture_is_not_compressed_again(api: Api):
    token = await api.sign_in()
    name = await upload(api, token, PNG + bytes(50_000))
    number = await api.create_post(token, picture_names=[name])
    for method in ("GET", "POST"):
        plain, zipped = await _both(
            api, method, f"/api/forum/post_pictures/{number}/0/", Authorization=f"Bearer {token}"
        )
        assert plain.status == 200
        assert zipped.content == plain.content
        assert not {"content-encoding", "vary"} & zipped.headers.keys()


async def test_a_stream_is_compressed_piece_by_piece(api: Api):
    boss = await join_as(api, "manager")
    path = f"/courses/{(await add_course(api, boss))['id']}"
    await api.post(f"{path}/enroll", token=boss.token)
    headers = {"Authorization": f"Bearer {boss.token}"}
    plain, zipped = [
        await AsyncHTTPClient().fetch(
            f"{api.base_url}{path}/results.csv",
            headers={**headers, "Accept-Encoding": accepted},
            decompress_response=False,
        )
        for accepted in ("identity", "gzip")
    ]
    assert plain.body.count(b"\r\n") == 2
    assert gzip.decompress(zipped.body) == plain.body
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["Vary"] == zipped.headers["Vary"] == "Accept-Encoding"


async def test_a_stream_to_http_1_0_ends_with_its_connection(api: Api):
    boss = await join_as(api, "manager")
    path = f"/courses/{(await add_course(api, boss))['id']}"
    await api.post(f"{path}/enroll", token=boss.token)
    bearer = f"Bearer {boss.token}"
    asked = request("GET", f"{path}/results.csv", Connection="keep-alive", Authorization=bearer)
    async with connected(api) as wire:
        await wire.send(asked.replace(b"HTTP/1.1", b"HTTP/1.0"))
        answer = await wire.answer()
        assert answer is not None
        assert answer.status == 200
        assert not {"content-length", "transfer-encoding"} & answer.headers.keys()
        assert (await wire.rest()).count(b"\r\n") == 2


@pytest.mark.parametrize("path", PAGES)
async def test_a_file_comes_either_way_each_with_its_tag(api: Api, path: str):
    plain, zipped = await _both(api, "GET", path)
    assert gzip.decompress(zipped.content) == plain.content
    assert zipped.headers["content-encoding"] == "gzip"
    for told, accepted in ((plain, "identity"), (zipped, "gzip")):
        assert told.headers["vary"] == "Accept-Encoding"
        assert told.headers["cache-control"] == "no-cache"
        assert told.headers["content-length"] == str(len(told.content))
        # HEAD says the same without the body, and both are 304 to who has these bytes.
        head = await _answer(api, "HEAD", path, Accept_Encoding=accepted)
        assert _lasting(head.headers) == _lasting(told.headers)
        for method in ("GET", "HEAD"):
            named = {"Accept_Encoding": accepted, "If_None_Match": told.headers["etag"]}
            again = await _answer(api, method, path, **named)
            assert (again.status, again.content) == (304, b"")
            for name in ("etag", "vary", "cache-control"):
                assert again.headers[name] == told.headers[name]
            assert not {"content-encoding", "content-type"} & again.headers.keys()
    assert plain.headers["etag"] != zipped.headers["etag"]
    other = await _answer(api, "GET", path, If_None_Match=zipped.headers["etag"])
    assert (other.status, other.content) == (200, plain.content)


def _lasting(headers: dict[str, Any]) -> dict[str, Any]:
    return {name: headers[name] for name in headers if name not in ("date", "x-request-id")}
