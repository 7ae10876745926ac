"""Health, readiness and the outbox page (CONTRACT section 8)."""

from typing import Any

import pytest

from repositories.errors import StorageUnavailable
from tests import harness
from tests.harness import Api
from tests.wire import connected, request

UNKNOWN = {"error": {"code": "not_found", "message": "Nothing is served at this path"}}


def _unavailable(message: str) -> dict[str, Any]:
    return {"error": {"code": "unavailable", "message": message}}


async def test_health_says_ok(api: Api):
    reply = await api.get("/health")
    assert (reply.status, reply.body) == (200, {"status": "ok"})


async def test_ready_says_ok_while_the_storage_answers(api: Api, monkeypatch: pytest.MonkeyPatch):
    assert (await api.get("/ready")).body == {"status": "ok"}

    async def fail() -> None:
        raise StorageUnavailable("the disk is gone: /var/lib/agora")

    monkeypatch.setattr(api.agora.services.health, "_ping", fail)
    reply = await api.get("/ready")
    assert (reply.status, reply.body) == (503, _unavailable("The storage does not answer"))
    assert reply.headers["Retry-After"] == "1"
    assert (await api.get("/health")).status == 200


async def test_ready_is_503_while_stopping(api: Api):
    api.agora.services.health.begin_stop()
    reply = await api.get("/ready")
    assert (reply.status, reply.body) == (503, _unavailable("The server is stopping"))


async def test_the_outbox_page_shows_what_would_have_gone_out(api: Api):
    reply = await api.get("/dev/outbox")
    assert reply.status == 200
    assert b"Nothing has been sent yet." in reply.content
    await api.post("/api/send_verification_code/", {"phone_number": "13800138000"})
    reply = await api.get("/dev/outbox")
    page = reply.content.decode()
    code = await api.last_code()
    assert f"Your Agora code is {code}. It is good for 5 minutes." in page
    assert "To +13800138000" in page
    assert "sms · verification_code · held · 2025-01-18 10:00:00 UTC" in page
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert reply.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]


async def test_what_is_in_a_message_is_text_on_the_page(api: Api):
    nasty = "<script>alert('x')</script> & \"quotes\" {braces}"
    await api.agora.services.outbox.enqueue_mail(
        "notice", to="a@example.com", subject=nasty, text=nasty, html=nasty
    )
    page = (await api.get("/dev/outbox")).content.decode()
    assert "<script" not in page
    assert page.count("&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &amp;") == 2
    assert "{braces}" in page


async def test_only_this_machine_sees_the_page(api: Api):
    async with connected(api) as wire:
        for given, status in (
            ("Host: localhost:8000", 200),
            ("Host: example.com", 404),
            ("Host: localhost\r\nOrigin: https://example.com", 404),
            ("Host: localhost\r\nX-Forwarded-For: 127.0.0.1", 404),
        ):
            plain = request("GET", "/dev/outbox").replace(b"Host: localhost", given.encode())
            await wire.send(plain)
            answer = await wire.answer()
            assert answer is not None
            assert answer.status == status, given
            assert status == 200 or answer.body == UNKNOWN


async def test_bound_elsewhere_there_is_no_such_page(io_loop):
    api = await harness.start(address="0.0.0.0")
    try:
        reply = await api.get("/dev/outbox")
        assert (reply.status, reply.body) == (404, UNKNOWN)
    finally:
        await api.close()
