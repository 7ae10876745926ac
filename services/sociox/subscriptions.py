"""Subscriptions in the hands of who has them: a parent; a child reads its parent's."""

from datetime import datetime

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.sociox.plans import PlanRepository
from repositories.sociox.subscriptions import SubscriptionRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.accounts.sessions import InvalidAccessToken
from services.clock import Clock
from services.pagination import Page, PageRequest
from services.sociox.subscription_changes import Changed, NoSubscription, SubscriptionChanges
from services.sociox.subscription_history import By
from services.sociox.subscription_ledger import SubscriptionLedger
from services.sociox.subscription_mail import SubscriptionMail
from services.sociox.subscription_state import as_of, is_live
from services.sociox.subscription_terms import Choice, Quote


class SubscriptionService:
    """Shows and changes the caller's subscription, and says what it is to others."""

    def __init__(
        self,
        subscriptions: SubscriptionRepository,
        plans: PlanRepository,
        users: UserRepository,
        changes: SubscriptionChanges,
        ledger: SubscriptionLedger,
        mail: SubscriptionMail,
        transaction: Transaction,
        clock: Clock,
    ):
        self._subscriptions = subscriptions
        self._plans = plans
        self._users = users
        self._changes = changes
        self._ledger = ledger
        self._mail = mail
        self._transaction = transaction
        self._clock = clock

    async def get(self, *, actor: Actor) -> Document:
        """The caller's newest subscription, a child's parent's, one that has expired too.

        Raises NoSubscription.
        """
        subscription = await self.summary_of(_holder_id(actor))
        if subscription is None:
            raise NoSubscription
        return subscription

    async def preview(self, choice: Choice, *, actor: Actor) -> Quote:
        """What subscribing to a choice, or changing to it, would begin and cost now.

        Raises PlanNotFound, PlanInactive, CycleWithoutPrice or CurrencyDiffers.
        """
        return await self._changes.preview(actor.id, choice, at=self._now())

    async def subscribe(self, choice: Choice, *, actor: Actor) -> Document:
        """Subscribe the caller. Raises what `SubscriptionChanges.subscribe` does."""
        now = self._now()
        async with (
            self._mail.allowance("subscribed", actor.id) as is_told,
            self._transaction() as tx,
        ):
            await self._hold(actor, tx=tx)
            return await self._changes.subscribe(
                actor.id, choice, by=By.USER, is_told=is_told, at=now, tx=tx
            )

    async def change(self, choice: Choice, *, actor: Actor) -> Changed:
        """Change the caller's plan. Raises what `SubscriptionChanges.change` does."""
        now = self._now()
        async with (
            self._mail.allowance("changed", actor.id) as is_told,
            self._transaction() as tx,
        ):
            await self._hold(actor, tx=tx)
            return await self._changes.change(
                actor.id, choice, by=By.USER, is_told=is_told, at=now, tx=tx
            )

    async def cancel(self, reason: str | None, *, actor: Actor) -> Document:
        """Cancel the caller's. Raises what `SubscriptionChanges.cancel` does."""
        now = self._now()
        async with (
            self._mail.allowance("cancelled", actor.id) as is_told,
            self._transaction() as tx,
        ):
            await self._hold(actor, tx=tx)
            return await self._changes.cancel(
                actor.id, reason, by=By.USER, is_told=is_told, at=now, tx=tx
            )

    async def ledger(self, page: PageRequest, *, actor: Actor) -> Page:
        """A page of what the caller, or a child's parent, was charged and credited."""
        return await self._ledger.page(_holder_id(actor), page)

    async def summary_of(self, user_id: ObjectId) -> Document | None:
        """The newest subscription of an account as it is now, None if it never had one."""
        newest = await self._subscriptions.find_newest(user_id)
        return None if newest is None else as_of(newest, at=self._now())

    async def team_limit(self, parent_id: ObjectId, *, tx: Tx) -> int | None:
        """How many children an account may have, None for any number (CONTRACT section 5).

        That is `teamMembers` of its live plan as the plan is now, not as it was bought: only
        the price is kept. The subscription stays as it is until `tx` ends.
        """
        newest = await self._subscriptions.find_newest(parent_id, tx=tx)
        if newest is None:
            return None
        held = await self._subscriptions.lock(newest["_id"], tx=tx)
        if held is None or not is_live(held, at=self._now()):
            return None
        plan = await self._plans.find(held["plan_id"], tx=tx)
        limit = None if plan is None else plan["features"].get("teamMembers")
        return None if limit is None else int(limit)

    async def _hold(self, actor: Actor, *, tx: Tx) -> None:
        """Keep the caller's account until `tx` ends: no subscription outlives its account."""
        if await self._users.lock(actor.id, tx=tx) is None:
            raise InvalidAccessToken

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)


def _holder_id(actor: Actor) -> ObjectId:
    return actor.id if actor.parent_id is None else actor.parent_id
