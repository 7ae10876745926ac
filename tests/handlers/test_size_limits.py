"""Bodies that are too large, and the order of the checks (CONTRACT section 2)."""

import gc

import pytest
from tornado.web import _HandlerDelegate

from handlers.routes import ROUTES
from handlers.routing import MIB
from tests.harness import Api
from tests.wire import connected, request

SMALL = {"error": "The body must be at most 1048576 bytes"}
LARGE = {"error": "The body must be at most 8388608 bytes"}
UNKNOWN = {"error": {"code": "body_too_large", "message": SMALL["error"]}}
FORM = "application/x-www-form-urlencoded"


def test_only_where_a_picture_can_be_a_body_has_8_mib():
    large = {(route.method, route.path) for route in ROUTES if route.max_body_bytes > MIB}
    assert large == {("PUT", "/api/user/"), ("POST", "/api/forum/create_picture/")}
    assert {route.max_body_bytes for route in ROUTES} == {MIB, 8 * MIB}


@pytest.mark.parametrize(
    ("method", "path", "limit", "body"),
    [
        ("POST", "/api/login/", MIB, SMALL),
        ("POST", "/api/forum/create_post", MIB, SMALL),
        ("DELETE", "/api/sleep-records/", MIB, SMALL),
        ("POST", "/api/forum/create_picture/", 8 * MIB, LARGE),
        ("PUT", "/api/user/", 8 * MIB, LARGE),
        ("GET", "/api/user/", MIB, SMALL),
        ("POST", "/api/unknown/", MIB, UNKNOWN),
        ("PATCH", "/api/forum/create_picture/", MIB, SMALL),
    ],
)
async def test_413_comes_from_the_length_before_any_body_is_sent(
    api: Api, method: str, path: str, limit: int, body: dict
):
    async with connected(api) as wire:
        await wire.send(request(method, path, Content_Length=str(limit + 1)))
        answer = await wire.answer()
        assert answer is not None
        assert (answer.status, answer.body) == (413, body)
        assert answer.headers["x-request-id"]


@pytest.mark.parametrize(("path", "limit"), [("login", MIB), ("forum/create_picture", 8 * MIB)])
async def test_a_body_of_exactly_the_limit_is_read(api: Api, path: str, limit: int):
    token = await api.sign_in()
    content = b"{" + b" " * (limit - 2) + b"}"
    reply = await api.post(f"/api/{path}/", content, token=token)
    assert reply.status == 400
    reply = await api.post(f"/api/{path}/", content + b" ", token=token)
    assert reply.status == 413


@pytest.mark.parametrize(
    "length",
    ["9" * 30, str(2**63), str(100 * MIB), f"{2 * MIB:030}", f"{2 * MIB}, {2 * MIB}"],
)
async def test_any_length_gets_the_same_answer(api: Api, length: str):
    async with connected(api) as wire:
        await wire.send(request("POST", "/api/login/", Content_Length=length))
        answer = await wire.answer()
        assert answer is not None
        assert (answer.status, answer.body) == (413, SMALL)


async def test_who_is_busy_sending_can_still_read_the_answer(api: Api):
    async with connected(api) as wire:
        await wire.send(request("POST", "/api/login/", Content_Length=str(4 * MIB)))
        for _ in range(64):
            await wire.send(b"x" * (64 * 1024))
        answer = await wire.answer()
        assert answer is not None
        assert (answer.status, answer.body) == (413, SMALL)
        await wire.send(request("GET", "/health"))
        answer = await wire.answer()
        assert answer is None or answer.body == {"status": "ok"}


async def test_who_sends_without_end_is_cut_off(api: Api):
    async with connected(api) as wire:
        await wire.send(request("POST", "/api/login/", Content_Length=str(1000 * MIB)))
        answer = await wire.answer()
        assert answer is not None
        assert answer.status == 413

        async def send_all() -> None:
            for _ in range(30 * 16):
                await wire.send(b"x" * (64 * 1024))

        with pytest.raises(ConnectionError):
            await send_all()


async def test_who_asks_before_sending_is_refused_before_sending(api: Api):
    async with connected(api) as wire:
        length = str(2 * MIB)
        await wire.send(
            request("POST", "/api/login/", Content_Length=length, Expect="100-continue")
        )
        answer = await wire.answer()
        assert answer is not None
        assert (answer.status, answer.body) == (413, SMALL)
        assert await wire.is_closed()


async def test_who_asks_before_sending_little_may_send(api: Api):
    content = b'{"phone_number": "nobody", "password": "secret1"}'
    async with connected(api) as wire:
        length = str(len(content))
        await wire.send(
            request("POST", "/api/login/", Content_Length=length, Expect="100-continue")
        )
        invitation = await wire.answer()
        assert invitation is not None
        assert invitation.status == 100
        await wire.send(content)
        answer = await wire.answer()
        assert answer is not None
        assert (answer.status, answer.body) == (400, {"error": "Invalid username or password"})


async def test_a_chunked_body_beyond_the_limit_is_413(api: Api):
    async with connected(api) as wire:
        await wire.send(request("POST", "/api/login/", Transfer_Encoding="chunked"))
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        for _ in range(17):
            await wire.send(chunk)
        answer = await wire.answer()
        assert answer is not None
        assert (answer.status, answer.body) == (413, SMALL)
        for _ in range(17):
            await wire.send(chunk)
        await wire.send(b"0\r\n\r\n")


async def test_of_a_chunked_body_beyond_the_limit_nothing_is_kept(api: Api):
    async with connected(api) as wire:
        await wire.send(request("POST", "/api/login/", Transfer_Encoding="chunked"))
        for _ in range(17):
            await wire.send(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
        answer = await wire.answer()
        assert answer is not None
        assert answer.status == 413
        # The client has not ended its body yet.
        # By type: to ask a proxy of something that is gone what it is raises.
        receiving = [each for each in gc.get_objects() if type(each) is _HandlerDelegate]
        assert sum(len(each.chunks) for each in receiving) == 0


async def test_a_chunked_body_within_the_limit_is_read(api: Api):
    async with connected(api) as wire:
        for _ in range(2):
            await wire.send(request("POST", "/api/login/", Transfer_Encoding="chunked"))
            for piece in (b'{"phone_number": "no', b'body", "password": "secret1"}'):
                await wire.send(b"%x\r\n%s\r\n" % (len(piece), piece))
            await wire.send(b"0\r\n\r\n")
            answer = await wire.answer()
            assert answer is not None
            assert answer.body == {"error": "Invalid username or password"}


@pytest.mark.parametrize(
    "kind", [FORM, f"{FORM}; charset=utf-8", "multipart/form-data; boundary=x", "MULTIPART/MIXED"]
)
@pytest.mark.parametrize("content", [b"", b"a=1&" * 500, b"--x\r\n\r\n--x--", b'{"a": 1}'])
async def test_forms_are_415(api: Api, kind: str, content: bytes):
    reply = await api.post("/api/login/", content, headers={"Content-Type": kind})
    said = kind.lower().partition(";")[0]
    assert (reply.status, reply.body) == (
        415,
        {"error": f"Send the body as plain JSON, not as {said}"},
    )


@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x"])
async def test_what_is_in_a_form_is_not_looked_at(
    api: Api, kind: str, monkeypatch: pytest.MonkeyPatch
):
    taken_apart: list[bytes] = []

    def noted(_kind: str, body: bytes, *_more: object) -> None:
        taken_apart.append(body)

    monkeypatch.setattr("tornado.httputil.parse_body_arguments", noted)
    reply = await api.post("/api/login/", b"a=" + b"%41" * 100_000, headers={"Content-Type": kind})
    assert (reply.status, taken_apart) == (415, [b""])


async def test_a_compressed_body_is_415(api: Api):
    reply = await api.post("/api/login/", b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    assert (reply.status, reply.body) == (
        415,
        {"error": "Send the body as plain JSON, not as gzip content"},
    )


@pytest.mark.parametrize(
    ("method", "path", "token", "kind", "length", "status"),
    [
        # 413 and 415 before 404 and 405
        ("POST", "/api/unknown/", None, FORM, 2 * MIB, 413),
        ("POST", "/api/unknown/", None, FORM, 2, 415),
        ("POST", "/api/unknown/", None, "", 2, 404),
        ("PATCH", "/api/login/", None, FORM, 2 * MIB, 413),
        ("PATCH", "/api/login/", None, FORM, 2, 415),
        ("BREW", "/api/login/", None, FORM, 2, 415),
        ("PATCH", "/api/login/", None, "", 2, 405),
        # those before 401
        ("POST", "/api/forum/posts/", None, FORM, 2 * MIB, 413),
        ("POST", "/api/forum/posts/", None, FORM, 2, 415),
        ("PATCH", "/api/forum/posts/", None, "", 2, 405),
        # 401 before what is wrong with the body
        ("POST", "/api/forum/delete_post/", None, "", 2, 401),
        ("POST", "/api/forum/delete_post/", "rubbish", "", 2, 401),
        ("POST", "/api/sleep-records/", None, "", 2, 401),
        # the body before what it names
        ("POST", "/api/forum/delete_post/", "good", "", 2, 400),
    ],
)
async def test_the_order_of_the_checks(
    api: Api, method: str, path: str, token: str | None, kind: str, length: int, status: int
):
    if token == "good":
        token = await api.sign_in()
    headers = {"Content-Type": kind} if kind else {}
    reply = await api.call(method, path, b"[" * length, token=token, headers=headers)
    assert reply.status == status
