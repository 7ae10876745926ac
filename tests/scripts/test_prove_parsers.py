"""What is sent to break parsers, and that a server that breaks is found out."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from scripts.prove.history import History
from scripts.prove.p15_parsers import sending
from scripts.prove.p15_parsers.fuzzed_bodies import fuzzed
from scripts.prove.p15_parsers.raw_requests import raw_request
from scripts.prove.p15_parsers.sending import Sent, send_bodies, send_raw
from scripts.prove.p15_parsers.valid_bodies import Operation, operations_with_bodies
from scripts.server_process import free_port

DOCUMENT: dict[str, Any] = {
    "paths": {
        "/notes/{id}": {
            "put": {
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/N"}}}
                }
            },
            "get": {},
        },
        "/alias/{id}": {"$ref": "#/paths/~1notes~1{id}"},
    },
    "components": {
        "schemas": {
            "N": {
                "type": "object",
                "properties": {
                    "text": {"type": ["string", "null"]},
                    "tags": {"type": "array", "items": {"enum": ["a", "b"]}},
                    "size": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
                },
            }
        }
    },
}
BODY = {"text": "text", "tags": ["a"], "size": 1}


def test_a_valid_body_is_made_of_the_schema():
    assert list(operations_with_bodies(DOCUMENT)) == [Operation("PUT", "/notes/{id}", BODY)]


def test_what_is_sent_comes_of_the_seed():
    def drawn() -> list[bytes]:
        chance = random.Random(7)
        return [fuzzed(BODY, chance) for _ in range(200)] + [
            raw_request(chance) for _ in range(200)
        ]

    assert drawn() == drawn()
    assert len(set(drawn())) > 250


def test_some_bodies_are_taken_and_most_are_not():
    chance, taken = random.Random(7), 0
    for _ in range(300):
        try:
            taken += msgspec.json.decode(fuzzed(BODY, chance)) == BODY
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    assert 10 < taken < 100


async def _sent_to(
    answer: Callable[[bytes], bytes | None],
    send: Callable[..., Awaitable[Sent]],
    tmp_path: Any,
    **document: Any,
) -> Sent:
    """What comes of sending to a server that answers so; None is never answered."""

    serving: set[Any] = set()
    is_over = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task())
        with suppress(OSError):
            while content := await reader.read(65536):
                said = answer(content)
                if said is None:
                    await is_over.wait()
                    break
                writer.write(said)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    target = SimpleNamespace(
        server=SimpleNamespace(port=port), token="t", path=lambda path, pick: path, **document
    )
    history = History(tmp_path / "history.jsonl")
    try:
        return await send(target, 40, 20, random.Random(3), history)
    finally:
        history.close()
        is_over.set()
        server.close()
        await asyncio.gather(*serving)


GOOD = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
BAD = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize("send", [send_bodies, send_raw])
async def test_a_server_that_refuses_is_not_blamed(send: Any, tmp_path):
    sent = await _sent_to(lambda _: GOOD, send, tmp_path, document=DOCUMENT)
    assert (sent.errors, sent.hangs) == ([], [])
    assert sent.requests >= 40
    assert sent.statuses[400] > 30


@pytest.mark.parametrize("send", [send_bodies, send_raw])
async def test_a_server_error_is_told_with_what_led_to_it(send: Any, tmp_path):
    sent = await _sent_to(
        lambda content: BAD if b"postid" in content or b"$" in content else GOOD,
        send,
        tmp_path,
        document=DOCUMENT,
    )
    assert sent.statuses[500] == len(sent.errors) > 0
    assert all(error.startswith("500 to ") for error in sent.errors)


@pytest.mark.parametrize("send", [send_bodies, send_raw])
async def test_a_server_that_is_gone_is_told(send: Any, tmp_path):
    target = SimpleNamespace(
        server=SimpleNamespace(port=free_port()), token="t", path=lambda path, pick: path
    )
    target.document = DOCUMENT
    history = History(tmp_path / "history.jsonl")
    sent = await send(target, 3, 20, random.Random(3), history)
    history.close()
    assert sent.statuses[0] == len(sent.errors) >= 3
    assert sent.errors[0].startswith(("no answer (", "no connection ("))


@pytest.mark.parametrize("send", [send_bodies, send_raw])
async def test_what_is_never_answered_hangs(send: Any, tmp_path, monkeypatch):
    monkeypatch.setattr(sending, "HANG_SECONDS", 0.05)
    sent = await _sent_to(
        lambda content: None if b"Content-Length" in content else GOOD,
        send,
        tmp_path,
        document=DOCUMENT,
    )
    assert sent.hangs
