"""What every answer carries, and what none may tell (CONTRACT section 2)."""

import io
import logging
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from config.logging import RequestLog
from repositories.errors import StorageUnavailable, WriteConflict
from server import log_with
from tests.factories import as_base64, stored
from tests.harness import Api
from tests.pictures import PNG
from tests.shop.shopping import add_product
from tests.wire import connected, request

FAILED = {"error": "Internal server error"}


@pytest.fixture
def lines(api: Api) -> Iterator[list[str]]:
    """Every line that is logged, of requests and of what went wrong."""
    written: list[str] = []
    for_requests = RequestLog(written.append, is_json=True, level="info")
    api.router._application.settings["log_function"] = log_with(for_requests.log)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)
    written.append(stream.getvalue())


@pytest.mark.parametrize("given", ["x", "a-B_c.9", "f" * 128])
async def test_an_incoming_request_id_is_kept(api: Api, given: str):
    for path in ("/health", "/api/login/", "/unknown"):
        reply = await api.get(path, headers={"X-Request-ID": given})
        assert reply.headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "f" * 129, "a b", "a,b", "é", "a/b", "<script>", "a\tb"])
async def test_another_request_id_is_replaced(api: Api, given: str):
    reply = await api.get("/health", headers={"X-Request-ID": given})
    assert re.fullmatch("[0-9a-f]{16}", reply.headers["X-Request-ID"])


async def test_request_ids_are_made_and_differ(api: Api):
    made = {(await api.get(path)).headers["X-Request-ID"] for path in ("/health",) * 5}
    assert len(made) == 5


@pytest.mark.parametrize("path", ["/health", "/unknown", "/api/login/", "/dev/outbox"])
async def test_no_answer_names_the_server(api: Api, path: str):
    reply = await api.get(path)
    assert "Server" not in reply.headers
    assert "ornado" not in str(list(reply.headers.get_all()))


async def test_a_500_tells_nothing_and_its_story_is_in_the_log(
    api: Api, lines: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    async def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the secret inside")

    token = await api.sign_in()
    monkeypatch.setattr(api.agora.services.forum.posts, "feed", fail)
    reply = await api.post(
        "/api/forum/posts/", token=token, headers={"X-Request-ID": "the-failed-one"}
    )
    assert (reply.status, reply.body) == (500, FAILED)
    assert "secret" not in str(list(reply.headers.get_all()))
    (record,) = [record for record in caplog.records if record.name == "agora.http"]
    assert record.getMessage() == "request the-failed-one failed"
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "the secret inside"
    line = msgspec.json.decode(lines[-1])
    assert (line["level"], line["status"], line["request_id"]) == ("error", 500, "the-failed-one")


async def test_storage_that_can_not_answer_is_503(api: Api, monkeypatch: pytest.MonkeyPatch):
    async def fail(*_: object, **__: object) -> None:
        raise StorageUnavailable("disk full at /var/lib")

    token = await api.sign_in()
    monkeypatch.setattr(api.agora.services.forum.posts, "feed", fail)
    reply = await api.post("/api/forum/posts/", token=token)
    expected = {"error": "The storage can't answer now; try again in a moment"}
    assert (reply.status, reply.body) == (503, expected)
    assert reply.headers["Retry-After"] == "1"


async def test_a_transaction_that_lost_is_run_again(api: Api, monkeypatch: pytest.MonkeyPatch):
    token = await api.sign_in()
    real = api.agora.services.forum.posts.create
    lost: list[int] = []

    async def lose_twice(*given: Any, **named: Any) -> object:
        if len(lost) < 2:
            lost.append(1)
            raise WriteConflict("met another")
        return await real(*given, **named)

    monkeypatch.setattr(api.agora.services.forum.posts, "create", lose_twice)
    assert await api.create_post(token) == 1
    assert len(lost) == 2


async def test_a_stored_number_past_32_bits_is_answered(api: Api):
    price = {"amount": 2**31, "currency": "IDR"}
    await add_product(api, base_price=price)
    reply = await api.get("/api/v1/catalog/products/prod-1")
    assert (reply.status, reply.body["data"]["base_price"]) == (200, price)


async def test_a_line_a_request_with_ids_and_no_secrets(api: Api, lines: list[str]):
    name, password = "13800138000", "a very secret password"
    await api.post("/api/register/", {"username": name, "password": password})
    reply = await api.post("/api/login/", {"phone_number": name, "password": password})
    access, refresh = reply.body["access"], reply.body["refresh"]
    await api.post("/api/login/", {"phone_number": name, "password": password + "!"})
    await api.post("/api/token/refresh/", {"refresh": refresh})
    await api.get(f"/api/user/?token={access}", token=access)
    await api.call("PUT", "/api/user/", {"avatar": as_base64(PNG)}, token=access)
    await api.post("/api/forum/posts/", {"Authorization": f"Bearer {access}"})
    await api.post("/api/forum/posts/", {"Authorization": f"Bearer {access}x"})
    await api.post("/api/send_verification_code/", {"phone_number": "13900139000"})
    code = await api.last_code()
    await api.post("/api/logout/", {"refresh": refresh})

    decoded = [msgspec.json.decode(line) for line in lines]
    assert [(line["method"], line["path"], line["status"]) for line in decoded] == [
        ("POST", "/api/register/", 201),
        ("POST", "/api/login/", 200),
        ("POST", "/api/login/", 400),
        ("POST", "/api/token/refresh/", 200),
        ("GET", "/api/user/", 200),
        ("PUT", "/api/user/", 200),
        ("POST", "/api/forum/posts/", 200),
        ("POST", "/api/forum/posts/", 401),
        ("POST", "/api/send_verification_code/", 200),
        ("POST", "/api/logout/", 200),
    ]
    assert [line["account"] for line in decoded] == [None] * 4 + [1] * 3 + [None] * 3
    assert {line["level"] for line in decoded if line["status"] >= 400} == {"warning"}
    everything = "\n".join(lines)
    for secret in (password, access, refresh, code, name, "13900139000", as_base64(PNG)[:40]):
        assert secret not in everything


async def test_nothing_that_is_stored_is_readable_as_a_secret(api: Api):
    password = "a very secret password"
    token = await api.sign_in("13800138000", password)
    sent = await api.post("/api/send_verification_code/", {"phone_number": "13900139000"})
    for collection in ("users", "sessions", "sms_codes", "throttles", "outbox"):
        kept = str(await stored(api, collection))
        for secret in (password, token, sent.body["token"]):
            assert secret not in kept


async def test_a_path_is_written_in_plain_characters(api: Api):
    written: list[str] = []
    text = RequestLog(written.append, is_json=False, level="info")
    api.router._application.settings["log_function"] = log_with(text.log)
    async with connected(api) as wire:
        # A terminal takes \x9b for the begin of a command; \x1b and line breaks are no HTTP.
        await wire.send(request("GET", "/x%0A\x9b31m"))
        answer = await wire.answer()
    assert answer is not None
    (line,) = written
    assert line.isascii()
    assert line.isprintable()
