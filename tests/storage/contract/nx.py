"""NX-27017, an independent server that speaks MongoDB's wire protocol, as a process."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

_START_SECONDS = 20


@contextlib.contextmanager
def running_server(directory: Path) -> Iterator[int]:
    """The port of a server on the loopback; it keeps its databases in memory."""
    port = _free_port()
    arguments = ["--data-dir", "memory", "--host", "127.0.0.1", "--port", str(port)]
    files = ["--log-file", str(directory / "nx.log"), "--pid-file", str(directory / "nx.pid")]
    process = subprocess.Popen(
        [sys.executable, "-m", "nx_27017.nx_27017", *arguments, *files],
        cwd=directory,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=10)


def _free_port() -> int:
    with socket.socket() as candidate:
        candidate.bind(("127.0.0.1", 0))
        return int(candidate.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise RuntimeError("nx-27017 did not start")
