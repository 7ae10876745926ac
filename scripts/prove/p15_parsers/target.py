"""The server that is tried: seeded, with a superadmin, and with what its paths can name."""

import http.client
import random
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from scripts.bench.plan import run_module
from scripts.server_process import HOST, Process, ServerFailed, start_server

#: The variable that tells schemathesis's hooks where the server is.
PORT = "PROVE_PORT"
_EMAIL, _PASSWORD = "prover@example.com", "a password of a proof"
_SETTINGS = ("--bcrypt-cost=4",)
# Of their own: what is tried from the other addresses soon may not sign in any more, and neither
# may one that signs in all the time.
_ADDRESSES = tuple(f"127.0.1.{last}" for last in range(1, 251))
_PARAMETER = re.compile(r"\{[a-z_]+\}")
_ODD_IDS = ("1", "0", "prod-1", "507f1f77bcf86cd799439011", "-1", "a\x00b", "\ud800", "9" * 30)


def access_token(port: int) -> str:
    """A new token of the superadmin. Raises ServerFailed."""
    content = msgspec.json.encode({"email": _EMAIL, "password": _PASSWORD})
    source = (random.choice(_ADDRESSES), 0)  # noqa: S311 - no secret
    connection = http.client.HTTPConnection(HOST, port, timeout=30, source_address=source)
    try:
        connection.request("POST", "/api/v1/auth/login", content)
        answer = connection.getresponse()
        told = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise ServerFailed(f"The superadmin can't sign in: {answer.status} {told!r}")
    return str(msgspec.json.decode(told)["token"])


class Target:
    """A running server, its document, and a token that is renewed when it is refused."""

    def __init__(self, server: Process, log: Path):
        self.server = server
        self.log = log
        self.token = ""
        self.sign_in()
        self.document: dict[str, Any] = self._get("/openapi.json")
        self.ids: Sequence[str] = (*_ODD_IDS, *self._known_ids())

    def sign_in(self) -> None:
        """Take a new token. Raises ServerFailed."""
        self.token = access_token(self.server.port)

    def path(self, template: str, pick: Any) -> str:
        """A path with something in the place of each parameter, which `pick` chooses."""
        return _PARAMETER.sub(
            lambda _: quote(pick(self.ids).encode(errors="surrogatepass"), safe=""), template
        )

    def _known_ids(self) -> Iterator[str]:
        for path in ("/courses", "/forms", "/requirement-tables"):
            for each in self._get(path)[:2]:
                yield each["id"]
        for path in ("/api/v1/admin/subscription/plans", "/api/v1/admin/promotions"):
            for each in self._get(path)["data"][:2]:
                yield each["id"]

    def _get(self, path: str) -> Any:
        status, content = self.server.call("GET", path, token=self.token)
        if status != 200:
            raise ServerFailed(f"GET {path} was answered {status} {content[:200]!r}")
        return msgspec.json.decode(content)

    def memory_mb(self) -> tuple[float, float]:
        """The server's memory now and at its highest; 0 and 0 when it is gone."""
        try:
            memory = self.server.memory_mb()
        except (OSError, KeyError):  # a process that has ended has no memory to tell
            return 0, 0
        return memory["VmRSS"], memory["VmHWM"]

    def problems(self) -> Iterator[str]:
        """What is wrong with the server now: each sentence breaks the promise."""
        try:
            status, _ = self.server.call("GET", "/health")
        except OSError as problem:
            yield f"process {self.server.pid} does not answer: {problem}"
        else:
            if status != 200:
                yield f"/health answers {status}"
        with self.log.open(errors="replace") as lines:
            # At the start: what a request line quotes is none.
            tracebacks = [line for line in lines if line.startswith("Traceback (most recent")]
        if tracebacks:
            yield f"{len(tracebacks)} tracebacks in the log, the first: {tracebacks[0][:2000]}"


@contextmanager
def running_target(directory: Path) -> Iterator[Target]:
    """A server on a store with the examples of the documents. Raises ServerFailed."""
    data_dir, log = directory / "data", directory / "server.log"
    run_module("scripts.seed", f"--data-dir={data_dir}", *_SETTINGS)
    account = (f"--email={_EMAIL}", f"--password={_PASSWORD}", "--superadmin")
    run_module("scripts.create_admin", *account, f"--data-dir={data_dir}", *_SETTINGS)
    with start_server(data_dir, log, *_SETTINGS) as server:
        server.wait_until_healthy()
        yield Target(server, log)
