"""Log lines: for people on a terminal, or JSON for programs; written by a thread of their own.

Writing to a terminal or a full pipe can take any time, so the event loop only
collects lines. Secrets never get here: lines carry ids, paths without their
query, statuses and times.
"""

import atexit
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple, TextIO

import msgspec

_BUFFERED_LINES = 100_000
_FLUSH_SECONDS = 0.05


class LineWriter:
    """Collects lines and writes them in batches; drops the newest when too many wait."""

    def __init__(self, stream: TextIO):
        self._stream = stream
        self._lines: list[str] = []
        self._dropped = 0
        self._has_lines = threading.Event()
        self._is_closed = False
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self._thread.start()

    def write(self, line: str) -> None:
        """Take one line, without its line break."""
        if len(self._lines) >= _BUFFERED_LINES:
            self._dropped += 1
            return
        self._lines.append(line)
        if not self._has_lines.is_set():
            self._has_lines.set()

    def close(self) -> None:
        """Write what is left and end."""
        self._is_closed = True
        self._has_lines.set()
        self._thread.join(timeout=2)

    def _run(self) -> None:
        while not self._is_closed:
            self._has_lines.wait()
            if not self._is_closed:
                time.sleep(_FLUSH_SECONDS)
            self._has_lines.clear()
            self._flush()
        self._flush()

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        dropped, self._dropped = self._dropped, 0
        if dropped:
            lines.append(f"{dropped} log lines were dropped: the output is too slow")
        if not lines:
            return
        try:
            self._stream.write("\n".join(lines) + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            # Nobody reads the log any more; the server goes on.
            self._lines.clear()


class _Handler(logging.Handler):
    def __init__(self, write: Callable[[str], None], formatter: logging.Formatter):
        super().__init__()
        self._write = write
        self.setFormatter(formatter)

    def emit(self, record: logging.LogRecord) -> None:
        self._write(self.format(record))


class _TextFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%Y-%m-%d %H:%M:%S")


class _JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = "".join(traceback.format_exception(*record.exc_info))
        return msgspec.json.encode(line).decode()


class RequestLine(NamedTuple):
    """What is told of a request that was answered; `account` is the caller's number."""

    status: int
    method: str
    path: str
    seconds: float
    request_id: str
    address: str
    account: int | None

    @property
    def level(self) -> str:
        """How much it matters."""
        return "INFO" if self.status < 400 else "WARNING" if self.status < 500 else "ERROR"


class RequestLog:
    """One line a request, level by status.

    Not through `logging`, whose record takes as long as a query: this is on the
    path of every request.
    """

    def __init__(self, write: Callable[[str], None], *, is_json: bool, level: str):
        self._write = write
        self._written = _json_line if is_json else _text_line
        least = logging.getLevelNamesMapping()[level.upper()]
        self._levels = {
            name
            for name in ("INFO", "WARNING", "ERROR")
            if logging.getLevelNamesMapping()[name] >= least
        }

    def log(self, line: RequestLine) -> None:
        """Tell of a request that was answered."""
        if line.level in self._levels:
            self._write(self._written(line))


def _text_line(line: RequestLine) -> str:
    now = time.strftime("%Y-%m-%d %H:%M:%S")
    return (
        f"{now} {line.level:<7} {line.status} {line.method} {line.path!a} "
        f"{line.seconds * 1000:.1f}ms account={line.account or '-'} from={line.address} "
        f"request={line.request_id}"
    )


def _json_line(line: RequestLine) -> str:
    return msgspec.json.encode(
        {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "level": line.level.lower(),
            "logger": "agora.request",
            "status": line.status,
            "method": line.method,
            "path": line.path,
            "milliseconds": round(line.seconds * 1000, 1),
            "request_id": line.request_id,
            "address": line.address,
            "account": line.account,
        }
    ).decode()


def configure_logging(log_format: str, log_level: str, stream: TextIO = sys.stderr) -> RequestLog:
    """Send every log line to `stream`, as `text` or `json`; answers the log of requests."""
    writer = LineWriter(stream)
    atexit.register(writer.close)
    is_json = log_format == "json"
    formatter = _JsonFormatter() if is_json else _TextFormatter()
    root = logging.getLogger()
    for handler in list(root.handlers):
        root.removeHandler(handler)
    root.addHandler(_Handler(writer.write, formatter))
    root.setLevel(log_level.upper())
    # Tornado tells of each malformed request and closed connection at INFO and above.
    logging.getLogger("tornado.access").propagate = False
    return RequestLog(writer.write, is_json=is_json, level=log_level)
