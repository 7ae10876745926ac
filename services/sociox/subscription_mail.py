"""The mails that tell of a subscription: begun, changed, cancelled, renewed, expired."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.types import Document, Tx
from services.accounts.throttles import ThrottleService, mails_of
from services.messaging.addresses import InvalidEmail
from services.messaging.outbox import OutboxService
from services.sociox.money import as_amount

_log = logging.getLogger("agora.subscriptions")

_SUBJECTS = {
    "subscribed": "You have subscribed to {plan}",
    "changed": "Your subscription is now {plan}",
    "cancelled": "Your subscription to {plan} is cancelled",
    "renewed": "Your subscription to {plan} has renewed",
    "expired": "Your subscription to {plan} has ended",
}
_RENEWS = "It costs {price} and renews on {end} unless it is cancelled before."
_TEXTS = {
    "subscribed": _RENEWS,
    "changed": _RENEWS,
    "cancelled": "It serves until {end} and does not renew.",
    "renewed": _RENEWS,
    "expired": "It ended on {end}. You can subscribe anew at any time.",
}


class SubscriptionMail:
    """Leaves the mails in the transaction of what they tell of."""

    def __init__(self, users: UserRepository, throttles: ThrottleService, outbox: OutboxService):
        self._users = users
        self._throttles = throttles
        self._outbox = outbox

    @asynccontextmanager
    async def allowance(self, event: str, holder_id: ObjectId | None) -> AsyncIterator[bool]:
        """Whether what somebody does is told to the holder; uncounted when the block fails.

        An address that was never verified may be another's, who did not ask for mail: it
        gets only so many in an hour (CONTRACT section 3). Around the transaction, not in it:
        what is refused must leave the count alone.
        """
        holder = None if holder_id is None else await self._users.find(holder_id)
        if holder is None or holder.get("email") is None:
            yield False
        elif holder.get("email_verified", False):
            yield True
        else:
            limit = mails_of(_kind(event))
            async with self._throttles.allowance(limit, holder["email"]) as is_allowed:
                yield is_allowed

    async def send(self, event: str, subscription: Document, *, tx: Tx) -> None:
        """Tell the holder; an account without an address, or a deactivated one, gets no mail.

        `event` is one of those above, `subscription` as it is after it. That nobody can be
        told does not keep a subscription from renewing.
        """
        holder_id: ObjectId = subscription["user_id"]
        holder = await self._users.find(holder_id, tx=tx)
        if holder is None or not holder["is_active"] or holder.get("email") is None:
            return
        facts = _facts(subscription)
        try:
            await self._outbox.enqueue_mail(
                _kind(event),
                to=holder["email"],
                subject=_SUBJECTS[event].format_map(facts),
                text=f"{_SUBJECTS[event]}.\n\n{_TEXTS[event]}\n".format_map(facts),
                tx=tx,
            )
        except InvalidEmail:
            _log.warning("no mail can go to the address of account %s", holder_id)


def _kind(event: str) -> str:
    return f"subscription_{event}"


def _facts(subscription: Document) -> dict[str, str]:
    currency = subscription["currency"]
    amount = as_amount(subscription["price_minor"], currency)
    cycle = "a year" if subscription["billing_cycle"] == "yearly" else "a month"
    return {
        "plan": _on_one_line(subscription["plan_display_name"]),
        "price": f"{amount} {currency} {cycle}",
        "end": f"{subscription['end_at']:%Y-%m-%d %H:%M} UTC",
    }


def _on_one_line(text: str) -> str:
    """A plan's name for a subject, which takes no line break nor control character."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
