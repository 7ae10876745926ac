"""Trying again, by hand, what the outbox gave up."""

from dataclasses import dataclass

from repositories.types import Transaction
from services.access.actor import Actor
from services.access.audit import AuditAction, AuditLog
from services.console.overview import OverviewService
from services.messaging.outbox import NotGivenUp, OutboxService, TooLateToSend, UnknownMessage


@dataclass(frozen=True, slots=True)
class Retried:
    """How many dead letters are on their way again, and how many it is too late for."""

    retried: int
    too_late: int


class DeadLetterService:
    """Puts dead letters back in their lines; each retry is in the audit log."""

    def __init__(
        self,
        outbox: OutboxService,
        overview: OverviewService,
        audit: AuditLog,
        transaction: Transaction,
    ):
        self._outbox = outbox
        self._overview = overview
        self._audit = audit
        self._transaction = transaction

    async def retry(self, message_id: str, *, actor: Actor) -> Retried:
        """Try one again; nothing to do for one that is on its way or has arrived.

        Raises UnknownMessage or TooLateToSend.
        """
        try:
            await self._retry(message_id, actor)
        except NotGivenUp:
            return Retried(0, 0)
        finally:
            await self._overview.forget()
        return Retried(1, 0)

    async def retry_all(self, *, actor: Actor) -> Retried:
        """Try all again that it is not too late for."""
        retried = too_late = 0
        async for message_id in self._outbox.dead_ids():
            try:
                await self._retry(message_id, actor)
                retried += 1
            except TooLateToSend:
                too_late += 1
            except (NotGivenUp, UnknownMessage):
                # Somebody else retried it at the same time, or its account was deleted.
                continue
        await self._overview.forget()
        return Retried(retried, too_late)

    async def _retry(self, message_id: str, actor: Actor) -> None:
        async with self._transaction() as tx:
            message = await self._outbox.retry_dead(message_id, tx=tx)
            await self._audit.record(
                AuditAction.RETRY_MESSAGE,
                message.id,
                actor=actor,
                tx=tx,
                details={"channel": message.channel, "kind": message.kind},
            )
