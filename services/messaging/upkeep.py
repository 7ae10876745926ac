"""Trying again what was given up: every dead letter that is not out of date."""

from repositories.messaging.outbox import OutboxRepository
from services.checking import Progress
from services.clock import Clock
from services.messaging.outbox import CHANNELS
from services.upkeep import Outcome


class DeadLetterUpkeep:
    """Puts dead letters back in their lines; the server's worker delivers them."""

    def __init__(self, outbox: OutboxRepository, clock: Clock):
        self._outbox = outbox
        self._clock = clock

    async def run(self, progress: Progress, *, dry_run: bool) -> list[Outcome]:
        """Outcomes for those to be tried again, and for those that it is too late for."""
        retried = too_late = 0
        for channel in CHANNELS:
            async for message in self._outbox.dead(channel):
                at, send_before = self._clock(), message["send_before"]
                if send_before is not None and send_before <= at:
                    too_late += 1
                elif dry_run or await self._outbox.revive(str(message["_id"]), at=at):
                    retried += 1
                progress()
        return [
            Outcome("dead letters", "revived", retried),
            Outcome("dead letters out of date", "left", too_late),
        ]
