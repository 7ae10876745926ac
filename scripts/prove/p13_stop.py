"""P13: a stop is graceful: what is in flight is answered, and what was answered is kept."""

import asyncio
import random
import signal
import time
from dataclasses import dataclass, field

from scripts.crash.clients import account_of
from scripts.crash.ledger import Operation
from scripts.prove.promise import Promise, Proof, Run
from scripts.prove.slow_request import SlowRequest
from scripts.prove.written import Written
from scripts.server_process import HOST, Process, ServerFailed

_CLIENTS = 16
#: How many write in a round: with few, a signal may come when nothing is in flight but one
#: request whose bytes are not read yet.
_WRITING = (1, 1, 2, _CLIENTS)
_AFTER_SECONDS = (0.05, 0.6)
#: When the rest of a slow request is sent, after the signal.
_REST_SECONDS = (0.0, 0.5)
_STOP_SECONDS = 10.0
#: For what comes after the last answer: committing, letting go of files, ending.
_CLOSING_SECONDS = 1.0
#: Requests that come together with the signal: on connections that are open, and on new ones.
_TOGETHER = 8
_POLL_SECONDS = 0.005
_STOPPING = b"stopping: requests in flight are finished"


@dataclass
class _Stops:
    """What the rounds came to."""

    graceful: list[float] = field(default_factory=list)
    at_once: list[float] = field(default_factory=list)
    in_flight: int = 0
    dropped: int = 0


def _prove(run: Run) -> Proof:
    proof, stops, chance = Proof(), _Stops(), run.chance()
    written = Written(run.directory, _CLIENTS, chance)
    rounds = run.pick(quick=10, full=125)
    for number in range(rounds):
        with written.start() as server:
            trial = _Round(written, server, chance, proof, stops)
            kinds = (trial.stop, trial.stop, trial.stop, trial.stop_surprised, trial.stop_at_once)
            asyncio.run(kinds[number % len(kinds)]())
        written.compare(proof)
        if not proof.has_held:
            break
    proof.figure = (
        f"{len(stops.graceful)} stops under 1 to {_CLIENTS} clients: {stops.in_flight:,} requests "
        f"in flight, {stops.dropped} dropped, longest {max(stops.graceful, default=0):.2f} s; "
        f"{len(stops.at_once)} stops at once by a second signal, longest "
        f"{max(stops.at_once, default=0) * 1000:.0f} ms; {written.ledger.acknowledged:,} "
        "acknowledged, all looked for"
    )
    if run.is_full and proof.has_held:
        proof.figure += f"; with a request that never ends {_never_ending(written, proof):.1f} s"
    return proof


class _Round:
    """One server that is stopped while clients write."""

    def __init__(
        self, written: Written, server: Process, chance: random.Random, proof: Proof, stops: _Stops
    ):
        self._written = written
        self._server = server
        self._chance = chance
        self._proof = proof
        self._stops = stops
        self._token = written.tokens[account_of(0)]
        self._first = len(written.ledger.history)
        self._log_bytes = written.log.stat().st_size

    async def stop(self) -> None:
        """One signal; in half of the rounds a request is slow, and holds the stop."""
        slow = await self._begin_slow() if self._chance.random() < 0.5 else None
        writing = self._write()
        await asyncio.sleep(self._chance.uniform(*_AFTER_SECONDS))
        signalled_at = self._signal()
        if slow is not None:
            await self._refuses_new(signalled_at)
            await asyncio.sleep(self._chance.uniform(*_REST_SECONDS))
            request, operation = slow
            await request.end(operation, self._written.ledger)
            await request.close()
        await self._end_gracefully(signalled_at, writing)

    async def stop_surprised(self) -> None:
        """One signal that the server sees no later than requests that were sent before it."""
        early = [await SlowRequest.open(self._server.port) for _ in range(_TOGETHER)]
        await asyncio.sleep(self._chance.uniform(*_AFTER_SECONDS))
        self._server.signal(signal.SIGSTOP)
        late = [await SlowRequest.open(self._server.port) for _ in range(_TOGETHER)]
        writing = [asyncio.create_task(self._post(request)) for request in (*early, *late)]
        await asyncio.sleep(_POLL_SECONDS)
        signalled_at = self._signal()
        self._server.signal(signal.SIGCONT)
        await self._end_gracefully(signalled_at, writing)

    async def _end_gracefully(self, signalled_at: float, writing: list[asyncio.Task[None]]) -> None:
        ended = await asyncio.to_thread(self._server.wait, _STOP_SECONDS + 5)
        seconds = time.monotonic() - signalled_at
        self._stops.graceful.append(seconds)
        await asyncio.gather(*writing)
        _judge(self._proof, "a stop", ended, seconds)
        self._blame_dropped(signalled_at)

    async def stop_at_once(self) -> None:
        """Two signals, while a request is in flight that does not end."""
        request, _ = await self._begin_slow()
        writing = self._write()
        await asyncio.sleep(self._chance.uniform(*_AFTER_SECONDS))
        signalled_at = self._signal()
        await self._refuses_new(signalled_at)
        again_at = self._signal()
        ended = await asyncio.to_thread(self._server.wait, _STOP_SECONDS + 5)
        self._stops.at_once.append(time.monotonic() - again_at)
        await asyncio.gather(*writing)
        await request.close()
        self._proof.check(ended == -signal.SIGTERM, f"a second signal ended it with {ended}")

    def _write(self) -> list[asyncio.Task[None]]:
        count = self._chance.choice(_WRITING)
        return [
            asyncio.create_task(client.run(self._server.port, self._written.tokens))
            for client in self._written.clients()[:count]
        ]

    async def _post(self, request: SlowRequest) -> None:
        operation = await request.begin(self._token, self._written.ledger)
        await request.end(operation, self._written.ledger)
        await request.close()

    async def _begin_slow(self) -> tuple[SlowRequest, Operation]:
        request = await SlowRequest.open(self._server.port)
        return request, await request.begin(self._token, self._written.ledger)

    def _signal(self) -> float:
        at = time.monotonic()
        self._server.signal(signal.SIGTERM)
        return at

    async def _refuses_new(self, signalled_at: float) -> None:
        """Wait until it says that it stops; then it must take no connection."""
        while not self._has_said_so():
            if time.monotonic() - signalled_at > _STOP_SECONDS:
                raise ServerFailed("It was told to stop, and does not say that it does.")
            await asyncio.sleep(_POLL_SECONDS)
        await asyncio.sleep(_POLL_SECONDS)
        try:
            _, writer = await asyncio.open_connection(HOST, self._server.port)
        except OSError:
            return
        writer.close()
        self._proof.blame("a connection was taken after the stop had begun")

    def _has_said_so(self) -> bool:
        with self._written.log.open("rb") as log:
            log.seek(self._log_bytes)
            return _STOPPING in log.read()

    def _blame_dropped(self, signalled_at: float) -> None:
        """What was sent before the signal must be answered."""
        for operation in self._written.ledger.history[self._first :]:
            answered_at = operation.answered_at
            is_in_flight = operation.sent_at < signalled_at and (
                answered_at is None or answered_at > signalled_at
            )
            self._stops.in_flight += is_in_flight
            if is_in_flight and operation.status is None:
                self._stops.dropped += 1
                self._proof.blame(
                    f"{operation} was sent {(signalled_at - operation.sent_at) * 1000:.1f} ms "
                    "before the signal, and not answered"
                )


def _judge(proof: Proof, stop: str, ended: int, seconds: float) -> None:
    """A stop must end with 0, and in time."""
    proof.check(ended == 0, f"{stop} ended with {ended}")
    in_time = seconds <= _STOP_SECONDS + _CLOSING_SECONDS
    proof.check(in_time, f"{stop} took {seconds:.1f} s; what is in flight has {_STOP_SECONDS:.0f}")


def _never_ending(written: Written, proof: Proof) -> float:
    """The seconds that a stop takes while a request never ends."""

    async def stop(server: Process) -> float:
        request = await SlowRequest.open(server.port)
        await request.begin(written.tokens[account_of(0)], written.ledger)
        began = time.monotonic()
        server.signal(signal.SIGTERM)
        ended = await asyncio.to_thread(server.wait, _STOP_SECONDS + 5)
        seconds = time.monotonic() - began
        await request.close()
        _judge(proof, "a stop with a request that never ends", ended, seconds)
        return seconds

    with written.start() as server:
        seconds = asyncio.run(stop(server))
    written.compare(proof)
    return seconds


P13 = Promise("P13", "A stop answers what is in flight, and keeps what was answered.", _prove)
