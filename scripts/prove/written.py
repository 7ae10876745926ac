"""A store that many clients write to through a server, with the ledger of what they were told.

For proofs that stop, fill up or copy the store; the load is that of scripts.crash.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path

from scripts.crash.clients import Client, accounts_of, make_clients
from scripts.crash.evidence import write_history
from scripts.crash.ledger import Ledger
from scripts.crash.preparing import prepare, sign_in
from scripts.crash.reading import StoreReader
from scripts.prove.promise import Proof
from scripts.server_process import SERVER, Process, start_server

#: Access tokens serve for 15 minutes.
_TOKEN_SECONDS = 600.0


class Written:
    """Starts servers on one data directory, makes clients, and compares what there is."""

    def __init__(
        self,
        directory: Path,
        clients: int,
        chance: random.Random,
        *settings: str,
        data_dir: Path | None = None,
        command: Sequence[str] = SERVER,
    ):
        self.data_dir = data_dir or directory / "data"
        self.log = directory / "server.log"
        self.ledger = Ledger()
        self.tokens: dict[str, str] = {}
        self._history = directory / "history.jsonl"
        self._in_history = 0
        self._count = clients
        self._chance = chance
        self._settings = ("--bcrypt-cost=4", *settings)
        self._command = command
        self._signed_in_at = 0.0
        self._reader = StoreReader(self.data_dir, chance)

    def start(self) -> Process:
        """A server that answers, with accounts that are signed in. Raises ServerFailed."""
        server = start_server(self.data_dir, self.log, *self._settings, command=self._command)
        try:
            server.wait_until_healthy()
            self.sign_in(server)
        except BaseException:
            server.stop()
            raise
        return server

    def sign_in(self, server: Process) -> None:
        """Make the accounts if there are none, and new tokens when the old ones would expire."""
        accounts = accounts_of(self._count)
        if self.tokens and time.monotonic() - self._signed_in_at < _TOKEN_SECONDS:
            return
        self._signed_in_at = time.monotonic()
        if self.tokens:
            self.tokens = sign_in(server, accounts)
        else:
            self.tokens = prepare(server, self.data_dir, accounts, self.ledger)

    def clients(self) -> list[Client]:
        """Clients that have what the ledger says."""
        return make_clients(self._count, self.ledger, self._chance)

    def compare(self, proof: Proof) -> None:
        """Blame what was lost, is half done or was never written; go on from what there is."""
        write_history(self._history, self.ledger.history[self._in_history :])
        self._in_history = len(self.ledger.history)
        found = asyncio.run(self._reader.read())
        findings = self.ledger.compare(found)
        proof.broken += len(findings.lost) + findings.problems
        proof.examples += findings.examples
        self.ledger.adopt(found)
