"""The rounds: write, kill, start again, look at everything."""

import asyncio
import json
import math
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from repositories.storage import open_storage
from scripts.crash.clients import (
    COMMON_POSTS,
    account_of,
    accounts_of,
    common_post,
    make_clients,
    write_until,
)
from scripts.crash.goods import offer_goods
from scripts.crash.ledger import Ledger
from scripts.crash.operations import post_key
from scripts.crash.reading import StoreReader
from scripts.crash.repeating import Sent, repeat_orders
from scripts.crash.showing import Shown
from scripts.server_process import ROOT, Process, ServerFailed, environment, start_server

_KILLED_AFTER_SECONDS = (0.1, 1.5)
_PASSWORD = "a password of the crash rounds"  # noqa: S105 - of accounts that live for minutes
_NOBODY = -1


@dataclass
class CrashResult:
    """What came of the rounds; all is well when nothing was lost and there are no problems."""

    seed: int
    rounds: int = 0
    acknowledged: int = 0
    refused: int = 0
    unknown: int = 0
    read_over_http: int = 0
    lost: int = 0
    problems: int = 0
    restart_ms: list[float] = field(default_factory=list)
    #: The first few losses and problems, in words.
    examples: list[str] = field(default_factory=list)

    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return self.lost == self.problems == 0

    def restart_p95_ms(self) -> float:
        """Ninety-five of a hundred restarts answered within this time."""
        ordered = sorted(self.restart_ms)
        return ordered[int(len(ordered) * 0.95)] if ordered else math.nan

    def __str__(self) -> str:
        return (
            f"{self.rounds} cycles (seed {self.seed}), {self.acknowledged} acknowledged, "
            f"{self.lost} lost, {self.problems} problems; {self.refused} refused, "
            f"{self.unknown} unanswered, "
            f"{self.read_over_http} read back over HTTP; "
            f"restart p95 {self.restart_p95_ms():.0f} ms"
        )


class CrashRounds:
    """Kills the server of one data directory again and again.

    The history and the server's log stay in `directory`, outside of what the server writes.
    """

    def __init__(self, directory: Path, *, clients: int, seed: int):
        self._data_dir = directory / "data"
        self._log = directory / "server.log"
        self._history = directory / "history.jsonl"
        self._clients = clients
        self._chance = random.Random(seed)  # noqa: S311 - a repeatable load, no secret
        self._ledger = Ledger()
        self._reader = StoreReader(self._data_dir, self._chance)
        self._tokens: dict[str, str] = {}
        self.result = CrashResult(seed)

    def run(self, rounds: int, after_each: Callable[[], object]) -> CrashResult:
        """Run so many rounds, or fewer when something is wrong.

        Raises ServerFailed when there is nothing to kill to begin with.
        """
        server, _ = self._start()
        try:
            self._prepare(server)
            for _ in range(rounds):
                server = self._round(server)
                after_each()
                if not self.result.is_clean():
                    break
        finally:
            server.stop()
        return self.result

    def _start(self) -> tuple[Process, float]:
        server = start_server(self._data_dir, self._log, "--bcrypt-cost=4")
        try:
            seconds = server.wait_until_healthy()
            if self._tokens:
                self._sign_in(server)
        except BaseException:
            server.stop()
            raise
        return server, seconds

    def _sign_in(self, server: Process) -> None:
        for account in accounts_of(self._clients):
            self._tokens[account] = server.sign_in(account, _PASSWORD)

    def _prepare(self, server: Process) -> None:
        """Make the accounts, what they buy, and the posts that all of them like."""
        asyncio.run(self._offer())
        for account in accounts_of(self._clients):
            credentials = {"phone_number": account, "password": _PASSWORD}
            status, content = server.call("POST", "/api/register/", credentials)
            if status != 201:
                raise ServerFailed(f"Registering was answered {status} {content!r}")
        self._sign_in(server)
        for number in range(COMMON_POSTS):
            key = post_key(common_post(number))
            operation = self._ledger.begin("create_post", _NOBODY, {key: ()}, time.monotonic())
            status, content = server.call(
                "POST",
                "/api/forum/create_post/",
                {"content": key[1]},
                token=self._tokens[account_of(0)],
            )
            self._ledger.acknowledge(operation, status, time.monotonic())
            self._ledger.numbers[key] = msgspec.json.decode(content)["postid"]

    async def _offer(self) -> None:
        storage = await open_storage("embedded", self._data_dir)
        try:
            await offer_goods(storage)
        finally:
            await storage.close()

    def _round(self, server: Process) -> Process:
        first = len(self._ledger.history)
        newest = max(int(n) for key, n in self._ledger.numbers.items() if key[0] == "post")
        sent = self._write(server)
        self._write_history(first)
        self.result.rounds += 1
        try:
            server, seconds = self._start()
        except ServerFailed as problem:
            self._blame([f"it did not start again: {problem}"])
            return server
        self.result.restart_ms.append(seconds * 1000)
        try:
            self._blame(repeat_orders(server, self._tokens, sent, self._ledger, self._chance))
            self._look(server, newest)
        except ServerFailed as problem:
            self._blame([str(problem)])
        except BaseException:
            server.stop()
            raise
        return server

    def _write(self, server: Process) -> list[Sent]:
        """Let the clients write, and kill the server meanwhile; what they sent."""
        clients = make_clients(self._clients, self._ledger, self._chance)
        after = self._chance.uniform(*_KILLED_AFTER_SECONDS)
        ended = asyncio.run(
            write_until(server.kill, clients, server.port, dict(self._tokens), after)
        )
        if ended != -signal.SIGKILL:
            self._blame([f"the server ended by itself, with {ended}"])
        sent = [each for client in clients for each in client.sent]
        self.result.unknown += sum(operation.status is None for operation, _ in sent)
        self._count()
        return sent

    def _count(self) -> None:
        self.result.acknowledged = self._ledger.acknowledged
        self.result.refused = self._ledger.refused

    def _look(self, server: Process, newest: int) -> None:
        """Compare the ledger with the store, the store with the server, and check the file."""
        self._count()
        found = asyncio.run(self._reader.read())
        findings = self._ledger.compare(found)
        self.result.lost += len(findings.lost)
        self.result.problems += findings.problems
        self.result.examples += findings.examples
        self._ledger.adopt(found)
        shown = Shown(server, self._tokens, found)
        self._blame(shown.check(since_postid=newest + 1))
        self.result.read_over_http += shown.read
        self._blame(_check(self._data_dir))

    def _blame(self, problems: list[str]) -> None:
        self.result.problems += len(problems)
        self.result.examples += problems[:10]

    def _write_history(self, first: int) -> None:
        with self._history.open("a") as file:
            for operation in self._ledger.history[first:]:
                line = {
                    "operation": operation.number,
                    "name": operation.name,
                    "client": operation.client,
                    "changes": [list(key) for key in operation.changes],
                    "sent_at": operation.sent_at,
                    "answered_at": operation.answered_at,
                    "status": operation.status or "unknown",
                }
                file.write(json.dumps(line) + "\n")


def _check(data_dir: Path) -> list[str]:
    """What `python -m scripts.check` says, which looks at the file, every index and every chunk."""
    command = [sys.executable, "-m", "scripts.check", f"--data-dir={data_dir}"]
    # S603: a script of the product, on a directory of ours.
    run = subprocess.run(  # noqa: S603
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    return [] if run.returncode == 0 else (run.stdout + run.stderr).splitlines()
