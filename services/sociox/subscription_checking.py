"""Looking for subscriptions that their accounts or the ledger do not bear out."""

from collections.abc import Sequence

from bson import ObjectId

from repositories.sociox.checking import SubscriptionCheckingRepository
from repositories.types import Document, Transaction, Tx
from services.checking import Progress
from services.sociox.periods import BillingCycle, Period, period_after
from services.sociox.subscription_state import SubscriptionStatus, current_period


class SubscriptionCheck:
    """Compares subscriptions with themselves, with their accounts and with the ledger."""

    def __init__(self, repository: SubscriptionCheckingRepository, transaction: Transaction):
        self._repository = repository
        self._transaction = transaction

    async def find_problems(self, progress: Progress) -> list[str]:
        """One sentence for each problem."""
        problems = []
        async for subscription in self._repository.subscriptions():
            if await self._problems_of(subscription, tx=None):
                problems += await self._look_again(subscription["_id"])
            progress()
        last = None
        async for entry in self._repository.entries():
            if entry["user_id"] is not None and entry["subscription_id"] != last:
                last = entry["subscription_id"]
                problems += await self._left_behind(last)
            progress()
        return problems

    async def _look_again(self, subscription_id: ObjectId) -> list[str]:
        async with self._transaction() as tx:
            subscription = await self._repository.find(subscription_id, tx=tx)
            return [] if subscription is None else await self._problems_of(subscription, tx=tx)

    async def _problems_of(self, subscription: Document, *, tx: Tx) -> list[str]:
        found = []
        holder_id = subscription["user_id"]
        if not await self._repository.has_user(holder_id, tx=tx):
            found.append(f"is of the account {holder_id}, which is not there")
        if subscription["is_live"]:
            live = await self._repository.count_live(holder_id, tx=tx)
            if live != 1:
                found.append(f"is one of {live} that are live of the account {holder_id}")
        found += faults_of(subscription)
        entries = await self._repository.entries_of(subscription["_id"], tx=tx)
        found += faults_in_ledger(subscription, entries)
        return [f"subscriptions: {subscription['_id']} {fault}." for fault in found]

    async def _left_behind(self, subscription_id: ObjectId) -> list[str]:
        """What is wrong with entries of an account that may have no such subscription."""
        async with self._transaction() as tx:
            if await self._repository.find(subscription_id, tx=tx) is not None:
                return []
            entries = await self._repository.entries_of(subscription_id, tx=tx)
        if all(entry["user_id"] is None for entry in entries):
            return []
        return [f"ledger_entries: {len(entries)} are of {subscription_id}, which is not there."]


def faults_of(subscription: Document) -> list[str]:
    """What of a subscription contradicts itself."""
    faults = []
    has_ended = subscription["status"] == SubscriptionStatus.EXPIRED
    if subscription["is_live"] == has_ended:
        live = "live" if subscription["is_live"] else "not live"
        faults.append(f"is {live} and {subscription['status']}")
    current = current_period(subscription)
    count = current.number - subscription["anchor_period"]
    cycle = BillingCycle(subscription["billing_cycle"])
    expected = period_after(subscription["anchor_at"], cycle, count)
    if current.period != expected:
        said, counted = _dates(current.period), _dates(expected)
        faults.append(f"has period {current.number} be {said}, and it is {counted}")
    return faults


def _dates(period: Period) -> str:
    return f"{period.start:%Y-%m-%d %H:%M:%S} to {period.end:%Y-%m-%d %H:%M:%S}"


def faults_in_ledger(subscription: Document, entries: Sequence[Document]) -> list[str]:
    """What of a subscription's entries does not follow from it: one charge for each period."""
    charged = {each["period"]: each for each in entries if each["type"] == "charge"}
    periods = range(1, subscription["period"] + 1)
    faults = [f"was not charged for period {each}" for each in periods if each not in charged]
    faults += [
        f"was charged for period {each}, which has not begun"
        for each in charged
        if each not in periods
    ]
    for each in entries:
        charge = charged.get(each["period"])
        if each["type"] == "credit" and charge and each["amount_minor"] > charge["amount_minor"]:
            faults.append(f"was credited more than it was charged for period {each['period']}")
    current = charged.get(subscription["period"])
    price = (subscription["price_minor"], subscription["currency"])
    if current and (current["amount_minor"], current["currency"]) != price:
        faults.append(f"was not charged its price for period {subscription['period']}")
    return faults
