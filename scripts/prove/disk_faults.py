"""What a server under faults of its disk answers, and whether it serves when they are over."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from scripts.crash.clients import NOBODY, Client, account_of
from scripts.crash.connection import Connection, NoAnswer
from scripts.crash.operations import post_key
from scripts.prove.promise import Proof
from scripts.prove.written import Written
from scripts.server_process import Process

#: What a disk that fails may be answered with; then nobody knows whether it was written.
UNAVAILABLE = (503, 507)
#: More than a write may wait for another process.
_ANSWER_SECONDS = 45.0


@dataclass
class Answers:
    """What came of the writes under faults."""

    acknowledged: int = 0
    refused: Counter[int] = field(default_factory=Counter)
    reads: int = 0

    def __str__(self) -> str:
        refused = ", ".join(f"{count:,} times {status}" for status, count in self.refused.items())
        return f"{self.acknowledged:,} acknowledged, refused {refused or 'never'}"


class UnderFaults:
    """Lets clients write to a server with a fault, and looks at every answer."""

    def __init__(
        self, written: Written, server: Process, proof: Proof, answers: Answers | None = None
    ):
        self.written = written
        self.server = server
        self._proof = proof
        self.answers = answers or Answers()

    async def write(self, until: Callable[[Client], bool]) -> None:
        """All clients write until each was refused, or `until` says so of it; all must be answered.

        Reading must go on meanwhile.
        """
        clients = self.written.clients()
        await asyncio.gather(*(self._run(client, until) for client in clients))
        for operation, _ in [each for client in clients for each in client.sent]:
            if operation.status is None:
                self._proof.blame(f"{operation} was not answered")
            elif operation.status in UNAVAILABLE:
                self.answers.refused[operation.status] += 1
            else:
                self.answers.acknowledged += 1
        await self._read()

    async def _run(self, client: Client, until: Callable[[Client], bool]) -> None:
        port, tokens = self.server.port, self.written.tokens
        await client.run(
            port,
            tokens,
            is_over=lambda: until(client),
            unsure=UNAVAILABLE,
            answer_seconds=_ANSWER_SECONDS,
        )

    async def _read(self) -> None:
        status, content = await self._ask("/api/forum/posts/", {})
        self.answers.reads += 1
        self._proof.check(
            status == 200, f"while nothing could be written a read was answered {status} {content}"
        )

    async def is_refused(self) -> bool:
        """Whether a write is answered with a status that acknowledges nothing."""
        status, _ = await self._post()
        if status in UNAVAILABLE:
            self.answers.refused[status] += 1
        return status in UNAVAILABLE

    async def serves_again(self, after: object) -> None:
        """The first write must be done, without a restart."""
        status, content = await self._post()
        self._proof.check(status == 201, f"after {after} a write was answered {status} {content}")

    async def _post(self) -> tuple[int, Any]:
        """Post, as nobody's client, with what is known of it in the ledger."""
        ledger = self.written.ledger
        key = post_key(f"post of nobody {len(ledger.history)}")
        operation = ledger.begin("create_post", NOBODY, {key: ()}, time.monotonic())
        status, answer = await self._ask("/api/forum/create_post/", {"content": key[1]})
        operation.status = status or None
        if status == 201:
            ledger.numbers[key] = answer["postid"]
            ledger.acknowledge(operation, status, time.monotonic())
        return status, answer

    async def _ask(self, path: str, body: object) -> tuple[int, Any]:
        """The status, 0 when there is no answer, and what was answered."""
        token = self.written.tokens[account_of(0)]
        try:
            connection = await Connection.open(
                self.server.port, token, answer_seconds=_ANSWER_SECONDS
            )
        except NoAnswer as problem:
            return 0, str(problem)
        try:
            return await connection.call("POST", path, body)
        except NoAnswer as problem:
            return 0, str(problem)
        finally:
            await connection.close()
