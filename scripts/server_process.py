"""A real server in a process of its own on the loopback: to measure, to kill, to ask."""

import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

ROOT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"
SERVER = (str(ROOT / "server.py"),)
_PORTS = range(20_000, 32_000)
_STOP_SECONDS = 15.0
_POLL_SECONDS = 0.002
_ANSWER_SECONDS = 30.0


class ServerFailed(Exception):
    """The server did not start, or did not do what was asked; the message holds its last words."""


def environment() -> dict[str, str]:
    """This process's variables without the server's settings, so that defaults are defaults."""
    return {name: text for name, text in os.environ.items() if not name.startswith("AGORA_")}


def free_port() -> int:
    """A port of the loopback that nobody listens on.

    Below those that systems give to whoever asks for any: one of these may be given away before
    the server, which takes half a second to start, listens on it. Then another's server answers.
    """
    while True:
        port = secrets.choice(_PORTS)
        with suppress(OSError), socket.create_server((HOST, port)):
            return port


class Process:
    """A Python process that serves HTTP on `port`, its output going to the file `log`.

    `under` is a command to run it under that keeps the process's number, as `strace -D` does.
    """

    def __init__(self, command: Sequence[str], port: int, log: Path, *, under: Sequence[str] = ()):
        self.port = port
        self.base_url = f"http://{HOST}:{port}"
        self._log = log
        self._spawned_at = time.perf_counter()
        with log.open("ab") as output:
            # S603: what is run is this Python with a module of the product.
            self._process = subprocess.Popen(  # noqa: S603
                [*under, sys.executable, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=ROOT,
                env=environment(),
            )

    def __enter__(self) -> "Process":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def wait_until_healthy(self, path: str = "/health", *, within_seconds: float = 60.0) -> float:
        """The seconds from the spawn to the first 200 of `path`. Raises ServerFailed."""
        while time.perf_counter() - self._spawned_at < within_seconds:
            if self._process.poll() is not None:
                raise ServerFailed(
                    f"The server ended with {self._process.returncode}.\n{self.last_words()}"
                )
            try:
                status, _ = self.call("GET", path)
            except OSError:
                time.sleep(_POLL_SECONDS)
                continue
            if status == 200:
                return time.perf_counter() - self._spawned_at
        raise ServerFailed(f"No answer within {within_seconds:.0f} s.\n{self.last_words()}")

    def call(
        self, method: str, path: str, body: Any = None, *, token: str | None = None
    ) -> tuple[int, bytes]:
        """Send one request on a connection of its own; `body` is sent as JSON. Raises OSError."""
        content = None if body is None else msgspec.json.encode(body)
        return self.send(method, path, content, token=token)

    def send(
        self,
        method: str,
        path: str,
        content: bytes | None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Send one request with a body that is JSON already. Raises OSError."""
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if content is not None:
            sent["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection(HOST, self.port, timeout=_ANSWER_SECONDS)
        try:
            connection.request(method, path, content, sent)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException as problem:
            raise ConnectionError(str(problem)) from problem
        finally:
            connection.close()

    def sign_in(self, name: str, password: str) -> str:
        """A new access token of a forum account. Raises ServerFailed."""
        credentials = {"phone_number": name, "password": password}
        status, content = self.call("POST", "/api/login/", credentials)
        if status != 200:
            raise ServerFailed(f"{name} can't sign in: {status} {content.decode()}")
        return str(msgspec.json.decode(content)["access"])

    def sign_in_by_email(self, email: str, password: str) -> str:
        """A new access token of an account with an email. Raises ServerFailed."""
        credentials = {"email": email, "password": password}
        status, content = self.call("POST", "/api/v1/auth/login", credentials)
        if status != 200:
            raise ServerFailed(f"{email} can't sign in: {status} {content.decode()}")
        return str(msgspec.json.decode(content)["token"])

    def memory_mb(self) -> dict[str, float]:
        """Resident memory now (`VmRSS`) and at its highest (`VmHWM`), in 10^6 bytes; Linux only."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        return {name: int(fields[name].split()[0]) * 1.024e-3 for name in ("VmRSS", "VmHWM")}

    def signal(self, number: int) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def kill(self) -> int:
        """Kill it as `kill -9` does, and answer how it ended: -9, or its own exit code."""
        self._process.kill()
        return self._process.wait()

    def wait(self, within_seconds: float) -> int:
        """How it ended: its exit code, or less than 0 for a signal. Raises ServerFailed."""
        try:
            return self._process.wait(within_seconds)
        except subprocess.TimeoutExpired as problem:
            raise ServerFailed(f"It did not end within {within_seconds:g} s.") from problem

    def stop(self) -> None:
        """Ask it to stop, and kill it when it does not."""
        if self._process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def last_words(self) -> str:
        """The end of its log."""
        return self._log.read_text(errors="replace")[-2000:].strip()


def start_server(
    data_dir: Path,
    log: Path,
    *settings: str,
    command: Sequence[str] = SERVER,
    under: Sequence[str] = (),
) -> Process:
    """Start the product's server on `data_dir` and a free port; it may not answer yet."""
    port = free_port()
    own = (f"--data-dir={data_dir}", f"--address={HOST}", f"--port={port}")
    return Process([*command, *own, *settings], port, log, under=under)
