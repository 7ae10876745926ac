"""Load by wrk: one thread, 32 connections, a request that a short Lua script makes."""

import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

from scripts.server_process import Process

CONNECTIONS = 32
HOW_TO_INSTALL = (
    "wrk, the load generator, is missing: `apt-get install wrk` (Debian, Ubuntu) or "
    "`brew install wrk`. Without it: `--only store,sociox,lms,start,crash,power`."
)
_MARK = "figures:"
_DONE = f"""
done = function(summary, latency, requests)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("{_MARK} %d %d %d %d %d\\n", summary.requests, summary.duration,
    errors.status, broken, latency:percentile(99)))
end
"""


class LoadFailed(Exception):
    """Requests were refused or broke off, so their rate says nothing."""


@dataclass(frozen=True)
class Rate:
    """What wrk measured."""

    per_second: float
    p99_ms: float


@dataclass(frozen=True)
class Load:
    """One kind of request to one process.

    `%d` in the path or the body becomes a random number from `lowest` to `highest`,
    another for each request.
    """

    name: str
    process: Process
    path: str
    body: str | None = None
    token: str | None = None
    lowest: int = 1
    highest: int = 1

    @property
    def method(self) -> str:
        """GET without a body, POST with one."""
        return "GET" if self.body is None else "POST"

    def script(self, seed: int) -> str:
        """The Lua script for wrk."""
        if self.body is None and self.token is None and "%d" not in self.path:
            return _DONE
        headers = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        if self.body is not None:
            headers["Content-Type"] = "application/json"
        pairs = ", ".join(f'["{name}"] = "{value}"' for name, value in headers.items())
        body = "nil" if self.body is None else _with_number(self.body)
        return f"""
math.randomseed({seed})
local headers = {{{pairs}}}
request = function()
  local number = math.random({self.lowest}, {self.highest})
  return wrk.format("{self.method}", {_with_number(self.path)}, headers, {body})
end
{_DONE}"""

    def answer_bytes(self, samples: int) -> int:
        """The mean size of the answer to such a request. Raises LoadFailed."""
        chance = random.Random(1)
        sizes = []
        for _ in range(samples):
            number = str(chance.randint(self.lowest, self.highest))
            body = None if self.body is None else self.body.replace("%d", number).encode()
            path = self.path.replace("%d", number)
            status, content = self.process.send(self.method, path, body, token=self.token)
            if status >= 300:
                raise LoadFailed(f"{self.name} was answered {status} {content[:200]!r}")
            sizes.append(len(content))
        return round(sum(sizes) / len(sizes))


def _with_number(text: str) -> str:
    """A Lua expression for a text with the request's number in the places of `%d`."""
    return f"[[{text}]]".replace("%d", "]] .. number .. [[")


def run_load(wrk: str, load: Load, *, seconds: int, seed: int, directory: Path) -> Rate:
    """Send requests for so long, each connection the next when the last is answered.

    Raises LoadFailed when a single one was not answered with success.
    """
    script = directory / "load.lua"
    script.write_text(load.script(seed))
    # wrk sends this path only where the script makes no request of its own.
    url = load.process.base_url + load.path.replace("%d", "0")
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "-s", str(script), url]
    run = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    if run.returncode:
        raise LoadFailed(f"{load.name}: wrk ended with {run.returncode}: {run.stderr.strip()}")
    return read_figures(load.name, run.stdout)


def read_figures(name: str, output: str) -> Rate:
    """What the script's last function printed. Raises LoadFailed."""
    lines = [line for line in output.splitlines() if line.startswith(_MARK)]
    if not lines:
        raise LoadFailed(f"{name}: wrk printed no figures: {output.strip()[-200:]}")
    requests, microseconds, refused, broken, p99 = map(int, lines[-1].split()[1:])
    if refused or broken or not requests:
        raise LoadFailed(
            f"{name}: of {requests} requests {refused} were not answered with success; "
            f"{broken} connections broke off"
        )
    return Rate(requests / microseconds * 1e6, p99 / 1e3)
