"""`python server.py` as people run it: start, signals, kill -9, and what it says when it can't."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import msgspec
import pytest

from config.clock import choose_clock
from config.settings import SettingError, Settings
from server import main

ROOT = Path(__file__).parents[2]
SECONDS = 20


class Server:
    """A server process on a free port."""

    def __init__(self, *options: str, **environment: str):
        self._options = ["--port=0", "--bcrypt-cost=4", *options]
        self._environment = environment

    def start(self) -> None:
        """Start, and wait until it listens."""
        self.process = subprocess.Popen(
            [sys.executable, "server.py", *self._options],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **self._environment},
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        self.port = int(self.wait_for(r"listening on http://.*:(\d+)"))

    def wait_for(self, pattern: str) -> str:
        """Read the log up to a line; answers what the pattern's group found."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)
            if found := re.search(pattern, line):
                return found.group(found.lastindex or 0)
        raise AssertionError("".join(self.lines))

    def call(self, method: str, path: str, body: Any = None, token: str = "") -> tuple[int, Any]:
        """One request on a connection of its own."""
        connection = HTTPConnection("localhost", self.port, timeout=SECONDS)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        connection.request(method, path, msgspec.json.encode(body) if body else None, headers)
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response.status, msgspec.json.decode(content)

    def sign_in(self) -> str:
        """The access token of the one account, made if need be."""
        credentials = {"phone_number": "13800138000", "password": "secret1"}
        self.call("POST", "/api/register/", credentials)
        return str(self.call("POST", "/api/login/", credentials)[1]["access"])

    def connect(self) -> socket.socket:
        """A connection to send bytes over."""
        return socket.create_connection(("localhost", self.port), timeout=SECONDS)

    def send_signal(self, number: int) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def wait(self) -> int:
        """The exit code, with the rest of the log read."""
        assert self.process.stderr is not None
        self.lines += self.process.stderr
        return self.process.wait(SECONDS)


@contextmanager
def running(*options: str, **environment: str) -> Iterator[Server]:
    """A server that is gone at the end, whatever happens."""
    server = Server(*options, **environment)
    server.start()
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()
        if server.process.stderr is not None:
            server.process.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_answers_and_ends_with_0(tmp_path: Path, number: int):
    with running(f"--data-dir={tmp_path / 'new'}") as server:
        assert server.call("GET", "/health") == (200, {"status": "ok"})
        assert server.call("GET", "/ready") == (200, {"status": "ok"})
        server.send_signal(number)
        assert server.wait() == 0
    assert server.lines[-1].endswith(" stopped\n")


def test_acknowledged_posts_and_sign_ins_are_there_after_kill_9(tmp_path: Path):
    with running(f"--data-dir={tmp_path}") as server:
        token = server.sign_in()
        for number in range(1, 6):
            status, body = server.call(
                "POST", "/api/forum/create_post/", {"content": f"post {number}"}, token
            )
            assert (status, body["postid"]) == (201, number)
        server.send_signal(signal.SIGKILL)
        assert server.wait() == -signal.SIGKILL
    with running(f"--data-dir={tmp_path}") as server:
        status, body = server.call("POST", "/api/forum/posts/", None, token)
        assert status == 200
        assert [post["content"] for post in body["posts"]] == [
            f"post {number}" for number in (5, 4, 3, 2, 1)
        ]


def test_a_stop_finishes_what_is_in_flight_and_takes_nothing_new(tmp_path: Path):
    with running(f"--data-dir={tmp_path}") as server:
        token = server.sign_in()
        content = b'{"content": "to the end"}'
        slow, other = server.connect(), server.connect()
        other.sendall(b"GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert other.recv(4096).startswith(b"HTTP/1.1 200 ")
        slow.sendall(
            b"POST /api/forum/create_post/ HTTP/1.1\r\nHost: localhost\r\n"
            b"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s"
            % (token.encode(), len(content), content[:5])
        )
        assert server.call("GET", "/health")[0] == 200
        server.send_signal(signal.SIGTERM)
        server.wait_for("stopping")
        with pytest.raises(ConnectionError):
            server.connect()
        other.sendall(b"GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert other.recv(4096).startswith(b"HTTP/1.1 503 ")
        assert other.recv(4096) == b""
        slow.sendall(content[5:])
        assert slow.recv(4096).startswith(b"HTTP/1.1 201 ")
        assert slow.recv(4096) == b""
        slow.close()
        other.close()
        assert server.wait() == 0
    with running(f"--data-dir={tmp_path}") as server:
        _, body = server.call("POST", "/api/forum/posts/", None, server.sign_in())
        assert [post["content"] for post in body["posts"]] == ["to the end"]


def test_a_second_signal_stops_at_once(tmp_path: Path):
    with running(f"--data-dir={tmp_path}") as server, server.connect() as slow:
        slow.sendall(b"POST /api/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
        assert server.call("GET", "/health")[0] == 200
        server.send_signal(signal.SIGTERM)
        server.wait_for("stopping")
        server.send_signal(signal.SIGTERM)
        assert server.wait() == -signal.SIGTERM
    assert server.lines[-1] == "stopped at once by a second signal\n"


def test_an_idle_connection_holds_no_stop(tmp_path: Path):
    with running(f"--data-dir={tmp_path}") as server, server.connect() as idle:
        idle.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert idle.recv(4096).startswith(b"HTTP/1.1 200 ")
        began = time.monotonic()
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0
        # Not a matter of speed: the alternative is the ten seconds that a stop may take.
        assert time.monotonic() - began < 9


def test_several_ports_are_one_server(tmp_path: Path):
    with running("--port=0,0", "--storage=memory") as server:
        first = server.port
        second = int(server.wait_for(r"listening on http://.*:(\d+)"))
        assert first != second
        token = server.sign_in()
        server.port = second
        assert server.call("GET", "/api/user/", None, token)[0] == 200


def test_json_lines_are_json(tmp_path: Path):
    with running("--storage=memory", AGORA_LOG_FORMAT="json") as server:
        server.call("GET", "/api/user/")
        server.send_signal(signal.SIGTERM)
        assert server.wait() == 0
    lines = [msgspec.json.decode(line) for line in server.lines]
    (line,) = [line for line in lines if line["logger"] == "agora.request"]
    assert (line["status"], line["path"], line["level"]) == (401, "/api/user/", "warning")


def _refused(*options: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "server.py", *options],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    (said,) = [line for line in done.stderr.splitlines() if line.startswith("Agora can't start")]
    return done.returncode, said


def test_what_stops_the_start_is_one_line_and_2():
    code, said = _refused("--storage=mongodb://127.0.0.1:1/agora")
    assert code == 2
    assert said.startswith("Agora can't start. --jwt-secret is required with MongoDB: ")


def test_a_setting_that_is_none_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):
    assert main(["--prot=1"]) == 2
    assert capsys.readouterr().err == (
        "Agora can't start. Unknown option --prot. Did you mean --port?\n"
    )
    monkeypatch.setenv("AGORA_PORT", "x")
    assert main([]) == 2
    said = capsys.readouterr().err
    assert said.startswith("Agora can't start. AGORA_PORT: it takes port numbers from 0 to 65535")


def test_time_is_moved_by_who_asked_for_it_and_the_log_says_so():
    with running("--dev-clock", "--storage=memory") as server:
        warning = "--dev-clock: this server's time can be moved by POST /dev/clock\n"
        (said,) = [line for line in server.lines if line.endswith(warning)]
        assert "WARNING" in said
        token = server.sign_in()
        assert server.call("GET", "/api/user/", token=token)[0] == 200
        _, clock = server.call("POST", "/dev/clock", {"advance_seconds": 900})
        assert clock["offset_seconds"] == 900
        assert server.call("GET", "/api/user/", token=token)[0] == 401


def test_time_is_not_moved_where_it_is_not_the_servers_own():
    with pytest.raises(SettingError) as problem:
        choose_clock(Settings(dev_clock=True, address="0.0.0.0"))
    assert str(problem.value) == (
        "--dev-clock lets whoever reaches the server move its time, and --address=0.0.0.0 can be "
        "reached from elsewhere; listen on localhost, or leave --dev-clock out."
    )
    secret = "a secret that is only used by tests, and long enough"
    mongodb = ("--storage=mongodb://localhost/agora", f"--jwt-secret={secret}")
    assert _refused("--dev-clock", *mongodb) == (
        2,
        "Agora can't start. --dev-clock is for --storage=embedded or memory: other processes on "
        "this MongoDB, and MongoDB itself, have clocks that it can't move.",
    )


def test_a_taken_port_stops_the_start(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = _refused(f"--port={port}", "--address=127.0.0.1", f"--data-dir={tmp_path}")
    assert code == 2
    expected = f"can't listen on port {port} of 127.0.0.1 (Address already in use)"
    assert said == f"Agora can't start: {expected}; see --port and --address."


def test_a_damaged_secret_stops_the_start(tmp_path: Path):
    (tmp_path / "jwt-secret").write_text("cut")
    code, said = _refused("--port=0", f"--data-dir={tmp_path}")
    assert (code, "jwt-secret is damaged. Delete it: " in said) == (2, True)


def test_help_lists_the_settings(capsys: pytest.CaptureFixture):
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Usage: python server.py [--name=value ...]")
    assert "  --public-url " in said
