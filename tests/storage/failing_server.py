"""The product's server on a disk that fails when told to: `python -m tests.storage.failing_server`.

What fails is told over a connection to `--disk-port`, a line of JSON a request: an object with the
fields of `Fault` and an error's name (EIO, ENOSPC, EROFS, EMFILE) arms it, `null` ends it. The
answer says whether the one that was armed before has struck, and how many events it let pass.
"""

import argparse
import json
import socketserver
import sys
import threading
from contextlib import suppress
from typing import Any, Final

import apsw

import server
from repositories.embedded import opening, writer
from repositories.embedded.view import View
from tests.storage.faults import Fault
from tests.storage.vfs import Event, WatchedVFS

#: How SQLite's own VFS reports the system's errors.
ERRORS: Final[dict[str, type[Exception]]] = {
    "EIO": apsw.IOError,
    "ENOSPC": apsw.FullError,
    "EROFS": apsw.ReadOnlyError,
    "EMFILE": apsw.CantOpenError,
}


class _Disk(WatchedVFS):
    """Fails, and remembers nothing: a server writes for long."""

    def happens(self, event: Event) -> None:
        self.before(event)


class _Control(socketserver.StreamRequestHandler):
    """Arms and ends faults."""

    def handle(self) -> None:
        disk: _Disk = self.server.disk  # type: ignore[attr-defined] # set by _serve_control
        for line in self.rfile:
            armed, asked = disk.before, json.loads(line)
            has_struck = isinstance(armed, Fault) and armed.has_struck
            disk.before = _fault(asked) if asked else _nothing
            self.wfile.write(json.dumps({"has_struck": has_struck}).encode() + b"\n")


def _nothing(_: Event) -> None:
    """Let everything happen."""


def _close(self: View) -> None:
    """SQLite keeps quiet about a disk that fails as it is closed; one in Python does not."""
    with suppress(apsw.Error):
        self.connection.close()


def _fault(asked: dict[str, Any]) -> Fault:
    error = ERRORS[asked["error"]]
    return Fault(asked["kinds"], asked["file"], error, asked["n"], lasts=asked["lasts"])


def _serve_control(disk: _Disk, port: int) -> None:
    control = socketserver.ThreadingTCPServer(("127.0.0.1", port), _Control)
    control.daemon_threads = True
    control.disk = disk  # type: ignore[attr-defined] # for the handlers
    threading.Thread(target=control.serve_forever, daemon=True).start()


def main(arguments: list[str]) -> int:
    """Start it; all other options are the server's."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--disk-port", type=int, required=True)
    parser.add_argument("--checkpoint-pages", type=int)
    parser.add_argument("--busy-seconds", type=float)
    parser.add_argument("--fault", type=json.loads, help="one that is armed from the start")
    own, settings = parser.parse_known_args(arguments)
    if own.checkpoint_pages:
        opening._CHECKPOINT_PAGES = own.checkpoint_pages  # type: ignore[misc] # so that some fail
    if own.busy_seconds:
        writer.BUSY_SECONDS = own.busy_seconds  # type: ignore[misc] # so that nobody waits long
    disk = _Disk(apsw.vfs_names()[0], is_default=True)
    if own.fault:
        disk.before = _fault(own.fault)
    View.close = _close  # type: ignore[method-assign] # as a real disk has it
    _serve_control(disk, own.disk_port)
    return server.main(settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
