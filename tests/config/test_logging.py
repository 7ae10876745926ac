"""Log lines: written by a thread of their own, for people or for programs."""

import io
import logging
import threading
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from config.logging import LineWriter, RequestLine, RequestLog, configure_logging

REQUEST: dict[str, Any] = {
    "method": "GET",
    "path": "/api/user/",
    "seconds": 0.00123,
    "request_id": "abc",
    "address": "127.0.0.1",
}


class StuckStream(io.StringIO):
    """An output that nobody reads until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()

    def write(self, text: str) -> int:
        self.let_go.wait(10)
        return super().write(text)


class BrokenStream(io.StringIO):
    """An output whose reader is gone."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, put back as it was."""
    logger, access = logging.getLogger(), logging.getLogger("tornado.access")
    handlers, level, propagate = list(logger.handlers), logger.level, access.propagate
    yield logger
    logger.handlers[:] = handlers
    logger.setLevel(level)
    access.propagate = propagate


def _written(level: str, status: int, *, is_json: bool = False) -> list[str]:
    lines: list[str] = []
    log = RequestLog(lines.append, is_json=is_json, level=level)
    log.log(RequestLine(status=status, account=7, **REQUEST))
    return lines


def test_a_request_is_a_line_for_people():
    (line,) = _written("info", 200)
    assert line[19:] == (" INFO    200 GET '/api/user/' 1.2ms account=7 from=127.0.0.1 request=abc")


def test_a_request_is_a_line_for_programs():
    (line,) = _written("info", 503, is_json=True)
    decoded = msgspec.json.decode(line)
    del decoded["at"]
    assert decoded == {
        "level": "error",
        "logger": "agora.request",
        "status": 503,
        "method": "GET",
        "path": "/api/user/",
        "milliseconds": 1.2,
        "request_id": "abc",
        "address": "127.0.0.1",
        "account": 7,
    }


@pytest.mark.parametrize(
    ("level", "statuses"),
    [
        ("debug", [200, 404, 500]),
        ("info", [200, 404, 500]),
        ("warning", [404, 500]),
        ("error", [500]),
    ],
)
def test_the_level_is_that_of_the_status(level: str, statuses: list[int]):
    assert [s for s in (200, 404, 500) if _written(level, s)] == statuses


def test_json_lines_hold_the_whole_story_of_an_error(root: logging.Logger):
    stream = io.StringIO()
    writer = configure_logging("json", "info", stream)
    story = ValueError("inside")
    logging.getLogger("agora.test").error("it failed: %s", "so", exc_info=story)
    _close(writer)
    line = msgspec.json.decode(stream.getvalue())
    assert (line["level"], line["logger"], line["message"]) == (
        "error",
        "agora.test",
        "it failed: so",
    )
    assert line["exception"].startswith("ValueError: inside")


def test_lines_below_the_level_are_not_written(root: logging.Logger):
    stream = io.StringIO()
    writer = configure_logging("text", "warning", stream)
    logging.getLogger("agora.test").info("quiet")
    logging.getLogger("agora.test").warning("loud")
    _close(writer)
    assert stream.getvalue()[19:] == " WARNING loud\n"


def test_a_slow_output_holds_nobody_and_says_what_was_dropped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("config.logging._BUFFERED_LINES", 3)
    stream = StuckStream()
    writer = LineWriter(stream)
    for number in range(10):
        writer.write(f"line {number}")
    stream.let_go.set()
    writer.close()
    lines = stream.getvalue().splitlines()
    assert lines[:3] == ["line 0", "line 1", "line 2"]
    assert lines[-1].endswith(" log lines were dropped: the output is too slow")


def test_an_output_that_is_gone_stops_nothing():
    writer = LineWriter(BrokenStream())
    writer.write("lost")
    writer.close()
    assert not writer._thread.is_alive()


def _close(log: RequestLog) -> None:
    writer = log._write.__self__  # type: ignore[attr-defined]  # the writer that atexit closes
    writer.close()
