"""The rounds: write, kill, start again, look at everything."""

import asyncio
import math
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from scripts.crash.clients import accounts_of, make_clients, write_until
from scripts.crash.evidence import check, write_history
from scripts.crash.ledger import Ledger
from scripts.crash.preparing import prepare, sign_in
from scripts.crash.reading import StoreReader
from scripts.crash.repeating import Sent, repeat_orders
from scripts.crash.showing import Shown
from scripts.server_process import Process, ServerFailed, start_server

_KILLED_AFTER_SECONDS = (0.1, 1.5)


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
            accounts = accounts_of(self._clients)
            self._tokens = prepare(server, self._data_dir, accounts, self._ledger)
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
                self._tokens = sign_in(server, accounts_of(self._clients))
        except BaseException:
            server.stop()
            raise
        return server, seconds

    def _round(self, server: Process) -> Process:
        first = len(self._ledger.history)
        newest = max(int(n) for key, n in self._ledger.numbers.items() if key[0] == "post")
        sent = self._write(server)
        write_history(self._history, self._ledger.history[first:])
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
        self._blame(check(self._data_dir))

    def _blame(self, problems: list[str]) -> None:
        self.result.problems += len(problems)
        self.result.examples += problems[:10]
