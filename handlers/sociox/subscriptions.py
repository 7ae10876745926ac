"""A user's own subscription: seeing, taking, previewing, changing and cancelling it."""

from handlers.bodies import Body
from handlers.pagination import Meta, PagedHandler
from handlers.sociox.base import SocioxHandler
from handlers.sociox.subscription_views import (
    ChangedSubscriptionView,
    LedgerEntryView,
    PreviewView,
    SubscriptionView,
)
from services.sociox.subscription_changes import read_reason
from services.sociox.subscription_terms import Choice, read_choice


class ChooseBody(Body, frozen=True, kw_only=True, rename="camel"):
    """A plan, and whether it is paid by the month or by the year."""

    plan_id: str
    billing_cycle: str

    def as_choice(self) -> Choice:
        """What is chosen. Raises InvalidBillingCycle."""
        return read_choice(self.plan_id, self.billing_cycle)


class CancelBody(Body, frozen=True, kw_only=True):
    """Why a subscription is cancelled; nobody has to say."""

    reason: str | None = None

    def as_reason(self) -> str | None:
        """What is said, if anything is. Raises InvalidReason."""
        return read_reason(self.reason)


class SubscriptionHandler(SocioxHandler):
    """See the current subscription; a child sees its parent's."""

    async def get(self) -> None:
        """SOCIOX "Get current plan"; one that has expired is shown until there is another."""
        subscription = await self.services.sociox.subscriptions.get(actor=self.actor)
        self.render_message("Current subscription", SubscriptionView.of(subscription))


class SubscribeHandler(SocioxHandler):
    """Subscribe to a plan."""

    async def post(self) -> None:
        """SOCIOX "subscribe a plan"; the ledger says what is owed, no payment is taken."""
        choice = self.parse(ChooseBody).as_choice()
        subscription = await self.services.sociox.subscriptions.subscribe(choice, actor=self.actor)
        self.render_message("Subscribed", SubscriptionView.of(subscription))


class UpdateSubscriptionHandler(SocioxHandler):
    """Change plan and cycle, which begins a new full period; revives a cancelled subscription."""

    async def put(self) -> None:
        """SOCIOX "update plan" (of a user); no payment is taken, nor any credit paid out."""
        choice = self.parse(ChooseBody).as_choice()
        changed = await self.services.sociox.subscriptions.change(choice, actor=self.actor)
        self.render_message("Subscription updated", ChangedSubscriptionView.of_change(changed))


class CancelSubscriptionHandler(SocioxHandler):
    """Cancel the subscription, which serves until its end."""

    async def post(self) -> None:
        """SOCIOX "cancel subs"."""
        reason = self.parse(CancelBody).as_reason()
        subscription = await self.services.sociox.subscriptions.cancel(reason, actor=self.actor)
        self.render_message("Subscription cancelled", SubscriptionView.of(subscription))


class PreviewSubscriptionHandler(SocioxHandler):
    """See what subscribing, or a change of plan, would cost at this moment."""

    async def post(self) -> None:
        """Added: the body of subscribe or update, of which nothing is kept."""
        choice = self.parse(ChooseBody).as_choice()
        quote = await self.services.sociox.subscriptions.preview(choice, actor=self.actor)
        self.render_message("Preview", PreviewView.of(quote))


class SubscriptionLedgerHandler(SocioxHandler, PagedHandler):
    """See what was charged and credited, newest first; a child sees its parent's."""

    async def get(self) -> None:
        """Added: one charge a period, one credit a change of plan; no payment is taken."""
        page = await self.services.sociox.subscriptions.ledger(
            self.page_request(), actor=self.actor
        )
        self.render_message(
            "Ledger", [LedgerEntryView.of(entry) for entry in page.items], meta=Meta.of(page)
        )
