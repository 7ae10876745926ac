"""What can be done with a subscription, whoever does it; each within a transaction."""

from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId

from repositories.errors import Taken
from repositories.sociox.ledger import LedgerRepository
from repositories.sociox.subscriptions import SubscriptionRepository
from repositories.types import Document, Tx
from services.errors import Invalid, NotFound
from services.sociox.ledger_entries import EntryReason, charge, credit
from services.sociox.proration import Proration
from services.sociox.settling import Settler
from services.sociox.subscription_history import By, history_entry
from services.sociox.subscription_mail import SubscriptionMail
from services.sociox.subscription_state import SubscriptionStatus, as_of, current_period, is_live
from services.sociox.subscription_terms import Choice, Offers, Quote, quote

_REASON_LENGTH = 500


class AlreadySubscribed(Invalid):
    """The account has a live subscription."""

    code = "already_subscribed"

    def __init__(self) -> None:
        super().__init__("There is a live subscription already; update it instead")


class NoSubscription(NotFound):
    """The account has no subscription, or none that is live."""

    def __init__(self) -> None:
        super().__init__("There is no subscription; subscribe to a plan first")


class AlreadyCancelled(Invalid):
    """The subscription serves until its end, and does not renew."""

    code = "already_cancelled"

    def __init__(self) -> None:
        super().__init__("The subscription is cancelled already; updating it revives it")


class InvalidReason(Invalid):
    """The reason of a cancellation is too long."""

    code = "invalid_reason"

    def __init__(self) -> None:
        super().__init__(f"reason must be at most {_REASON_LENGTH} characters")


@dataclass(frozen=True, slots=True)
class Changed:
    """A subscription after a change of plan, and what the change credits and charges."""

    subscription: Document
    proration: Proration


def read_reason(text: str | None) -> str | None:
    """The reason of a cancellation, None for none. Raises InvalidReason."""
    reason = (text or "").strip()
    if len(reason) > _REASON_LENGTH:
        raise InvalidReason
    return reason or None


class SubscriptionChanges:
    """Subscribes, changes and cancels; with the ledger and the history of it.

    `is_told` says whether the holder gets a mail (`SubscriptionMail.allowance`).
    """

    def __init__(
        self,
        subscriptions: SubscriptionRepository,
        ledger: LedgerRepository,
        offers: Offers,
        settler: Settler,
        mail: SubscriptionMail,
    ):
        self._subscriptions = subscriptions
        self._ledger = ledger
        self._offers = offers
        self._settler = settler
        self._mail = mail

    async def preview(self, holder_id: ObjectId, choice: Choice, *, at: datetime) -> Quote:
        """What subscribing to a choice, or changing to it, would begin and cost at `at`.

        Raises what `subscribe` and `change` do of the choice.
        """
        terms = await self._offers.get(choice)
        newest = await self._subscriptions.find_newest(holder_id)
        if newest is None or not is_live(newest, at=at):
            return quote(None, terms, at=at)
        return quote(as_of(newest, at=at), terms, at=at)

    async def subscribe(
        self, holder_id: ObjectId, choice: Choice, *, by: By, is_told: bool, at: datetime, tx: Tx
    ) -> Document:
        """Begin a subscription of an account that `tx` holds.

        Raises PlanNotFound, PlanInactive, CycleWithoutPrice or AlreadySubscribed.
        """
        terms = await self._offers.get(choice, tx=tx)
        if await self._find_live(holder_id, at=at, tx=tx) is not None:
            raise AlreadySubscribed
        subscription = _begun(holder_id, quote(None, terms, at=at), by=by, at=at)
        try:
            await self._subscriptions.insert(subscription, tx=tx)
        except Taken:
            raise AlreadySubscribed from None
        await self._ledger.insert(
            [charge(subscription, current_period(subscription), EntryReason.SUBSCRIBED)], tx=tx
        )
        if is_told:
            await self._mail.send("subscribed", subscription, tx=tx)
        return subscription

    async def change(
        self, holder_id: ObjectId, choice: Choice, *, by: By, is_told: bool, at: datetime, tx: Tx
    ) -> Changed:
        """Begin a full period on other terms, or the same; one that is cancelled is revived.

        Raises PlanNotFound, PlanInactive, CycleWithoutPrice, NoSubscription or
        CurrencyDiffers; WriteConflict when somebody changed it meanwhile.
        """
        terms = await self._offers.get(choice, tx=tx)
        current = await self._get_live(holder_id, at=at, tx=tx)
        quoted = quote(current, terms, at=at)
        changes = _changes(current, quoted, at=at)
        is_revived = current["status"] == SubscriptionStatus.CANCELLED
        entry = history_entry("revived" if is_revived else "changed", changes, by=by, at=at)
        changed = await self._subscriptions.claim_change(current, changes, entry, tx=tx)
        entries = [charge(changed, current_period(changed), EntryReason.CHANGED)]
        if quoted.proration.credit_minor:
            entries.insert(0, credit(current, quoted.proration.credit_minor, at=at))
        await self._ledger.insert(entries, tx=tx)
        if is_told:
            await self._mail.send("changed", changed, tx=tx)
        return Changed(changed, quoted.proration)

    async def cancel(
        self,
        holder_id: ObjectId,
        reason: str | None,
        *,
        by: By,
        is_told: bool,
        at: datetime,
        tx: Tx,
    ) -> Document:
        """Let it serve until its end and not renew.

        Raises NoSubscription or AlreadyCancelled; WriteConflict when somebody changed it
        meanwhile.
        """
        current = await self._get_live(holder_id, at=at, tx=tx)
        if current["status"] == SubscriptionStatus.CANCELLED:
            raise AlreadyCancelled
        changes = {
            "status": SubscriptionStatus.CANCELLED.value,
            "cancelled_at": at,
            "cancel_reason": reason,
            "updated_at": at,
        }
        entry = history_entry("cancelled", current, by=by, at=at, reason=reason)
        cancelled = await self._subscriptions.claim_change(current, changes, entry, tx=tx)
        if is_told:
            await self._mail.send("cancelled", cancelled, tx=tx)
        return cancelled

    async def _get_live(self, holder_id: ObjectId, *, at: datetime, tx: Tx) -> Document:
        live = await self._find_live(holder_id, at=at, tx=tx)
        if live is None:
            raise NoSubscription
        return live

    async def _find_live(self, holder_id: ObjectId, *, at: datetime, tx: Tx) -> Document | None:
        """The account's live subscription, brought up to `at`."""
        newest = await self._subscriptions.find_newest(holder_id, tx=tx)
        if newest is None:
            return None
        settled = await self._settler.settle(newest, at=at, tx=tx)
        return settled if is_live(settled, at=at) else None


def _begun(holder_id: ObjectId, quoted: Quote, *, by: By, at: datetime) -> Document:
    terms = quoted.terms.as_document()
    return {
        "_id": ObjectId(),
        "user_id": holder_id,
        "is_live": True,
        "status": SubscriptionStatus.ACTIVE.value,
        "version": 1,
        **terms,
        "anchor_at": at,
        "anchor_period": 1,
        "period": 1,
        "start_at": quoted.period.start,
        "end_at": quoted.period.end,
        "cancelled_at": None,
        "cancel_reason": None,
        "history": [history_entry("subscribed", terms, by=by, at=at)],
        "created_at": at,
        "updated_at": at,
    }


def _changes(current: Document, quoted: Quote, *, at: datetime) -> Document:
    following = current["period"] + 1
    return {
        "status": SubscriptionStatus.ACTIVE.value,
        **quoted.terms.as_document(),
        "anchor_at": at,
        "anchor_period": following,
        "period": following,
        "start_at": quoted.period.start,
        "end_at": quoted.period.end,
        "cancelled_at": None,
        "cancel_reason": None,
        "updated_at": at,
    }
