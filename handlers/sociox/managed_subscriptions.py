"""Users' subscriptions in the hands of admins."""

from handlers.pagination import Meta, PagedHandler
from handlers.sociox.base import SocioxHandler
from handlers.sociox.subscription_views import (
    ChangedSubscriptionView,
    LedgerEntryView,
    SubscriptionView,
)
from handlers.sociox.subscriptions import CancelBody, ChooseBody


class UserSubscriptionHandler(SocioxHandler):
    """See a user's subscription, or subscribe the user to a plan."""

    async def get(self, user_id: str) -> None:
        """SOCIOX "get sub by userid"; of a child it is its parent's."""
        subscription = await self.services.sociox.managed_subscriptions.get(
            user_id, actor=self.actor
        )
        self.render_message("Subscription of the user", SubscriptionView.of(subscription))

    async def post(self, user_id: str) -> None:
        """SOCIOX "subs user plan"."""
        choice = self.parse(ChooseBody).as_choice()
        subscription = await self.services.sociox.managed_subscriptions.subscribe(
            user_id, choice, actor=self.actor
        )
        self.render_message("User subscribed", SubscriptionView.of(subscription))


class CancelUserSubscriptionHandler(SocioxHandler):
    """Cancel a user's subscription, which serves until its end."""

    async def post(self, user_id: str) -> None:
        """SOCIOX "cancel subs user plan"."""
        reason = self.parse(CancelBody).as_reason()
        subscription = await self.services.sociox.managed_subscriptions.cancel(
            user_id, reason, actor=self.actor
        )
        self.render_message("Subscription cancelled", SubscriptionView.of(subscription))


class UpdateUserSubscriptionHandler(SocioxHandler):
    """Change a user's plan and cycle, which begins a new full period."""

    async def post(self, user_id: str) -> None:
        """SOCIOX "update sub by userid"."""
        choice = self.parse(ChooseBody).as_choice()
        changed = await self.services.sociox.managed_subscriptions.change(
            user_id, choice, actor=self.actor
        )
        self.render_message("Subscription updated", ChangedSubscriptionView.of_change(changed))


class UserLedgerHandler(SocioxHandler, PagedHandler):
    """See what a user was charged and credited, newest first."""

    async def get(self, user_id: str) -> None:
        """Added: as the user sees it."""
        page = await self.services.sociox.managed_subscriptions.ledger(
            user_id, self.page_request(), actor=self.actor
        )
        self.render_message(
            "Ledger", [LedgerEntryView.of(entry) for entry in page.items], meta=Meta.of(page)
        )
