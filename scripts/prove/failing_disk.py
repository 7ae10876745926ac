"""A server whose disk fails when told to (tests/storage/failing_server.py), and how to tell it."""

import json
import socket
import time
from dataclasses import asdict, dataclass

from scripts.server_process import HOST, ServerFailed

FAILING_SERVER = ("-m", "tests.storage.failing_server")
_CONNECT_SECONDS = 20.0
_ANSWER_SECONDS = 20.0


@dataclass(frozen=True)
class Fault:
    """The n-th of some kinds of events on files whose path ends so, or all from the n-th on."""

    kinds: str
    file: str
    error: str
    n: int = 1
    lasts: bool = False

    def as_json(self) -> str:
        """As the server takes it."""
        return json.dumps(asdict(self))

    def __str__(self) -> str:
        where = self.file.lstrip("-.") or "any file"
        return f"{self.kinds} {self.n}{' and on' if self.lasts else ''} of {where}: {self.error}"


class DiskControl:
    """Arms a fault of the server's disk, and ends it."""

    def __init__(self, port: int):
        self._socket = _connect(port)
        self._lines = self._socket.makefile("rw")

    def arm(self, fault: Fault) -> None:
        """From now on the disk has this fault."""
        self._tell(fault.as_json())

    def end(self) -> bool:
        """The disk is well; answers whether the fault has struck."""
        return self._tell("null")

    def _tell(self, line: str) -> bool:
        self._lines.write(line + "\n")
        self._lines.flush()
        answer = self._lines.readline()
        if not answer:
            raise ServerFailed("The server with the failing disk is gone.")
        return bool(json.loads(answer)["has_struck"])

    def close(self) -> None:
        """Let go."""
        self._lines.close()
        self._socket.close()


def _connect(port: int) -> socket.socket:
    until = time.monotonic() + _CONNECT_SECONDS
    while True:
        try:
            return socket.create_connection((HOST, port), timeout=_ANSWER_SECONDS)
        except OSError as problem:
            if time.monotonic() > until:
                raise ServerFailed(f"Nobody tells the disk what to do: {problem}") from problem
            time.sleep(0.01)
