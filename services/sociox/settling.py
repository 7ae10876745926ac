"""Bringing a subscription up to the moment: every renewal and its charge, or its end."""

import asyncio
from datetime import datetime

from repositories.sociox.ledger import LedgerRepository
from repositories.sociox.subscriptions import SubscriptionRepository
from repositories.types import Document, Tx
from services.sociox.ledger_entries import EntryReason, charge
from services.sociox.subscription_history import By, history_entry
from services.sociox.subscription_mail import SubscriptionMail
from services.sociox.subscription_state import (
    SubscriptionStatus,
    changes_until,
    is_due,
    renewals_due,
)

# About a millisecond of work for the store; after a long downtime requests come in between.
_ENTRIES_AT_ONCE = 24


class Settler:
    """Writes what time has done to a subscription; the mail tells of the last of it.

    It looks the same whether it is done on time or years later. Of several who settle one
    subscription, one does: the change is of what was read, and the ledger takes one charge
    a period.
    """

    def __init__(
        self,
        subscriptions: SubscriptionRepository,
        ledger: LedgerRepository,
        mail: SubscriptionMail,
    ):
        self._subscriptions = subscriptions
        self._ledger = ledger
        self._mail = mail

    async def settle(self, subscription: Document, *, at: datetime, tx: Tx) -> Document:
        """The subscription as it is at `at`, kept so. Raises WriteConflict."""
        if not is_due(subscription, at=at):
            return subscription
        changes = changes_until(subscription, at=at)
        if subscription["status"] == SubscriptionStatus.CANCELLED:
            entry = history_entry("expired", subscription, by=By.TIME, at=subscription["end_at"])
            settled = await self._subscriptions.claim_change(subscription, changes, entry, tx=tx)
            await self._mail.send("expired", settled, tx=tx)
            return settled
        settled = await self._subscriptions.claim_change(subscription, changes, None, tx=tx)
        charges = [
            charge(subscription, period, EntryReason.RENEWED)
            for period in renewals_due(subscription, at=at)
        ]
        for first in range(0, len(charges), _ENTRIES_AT_ONCE):
            await self._ledger.insert(charges[first : first + _ENTRIES_AT_ONCE], tx=tx)
            await asyncio.sleep(0)
        await self._mail.send("renewed", settled, tx=tx)
        return settled
