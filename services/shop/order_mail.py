"""The mail that confirms an order."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.types import Document, Tx
from services.accounts.throttles import ThrottleService, mails_of
from services.messaging.outbox import OutboxService
from services.shop.amounts import amount_text

_KIND = "order_confirmation"


class OrderConfirmations:
    """Confirms orders to the account's address.

    One that was never verified may be somebody else's, who did not ask for mail: it gets
    only so many in an hour (CONTRACT section 3), and nothing that the customer wrote.
    """

    def __init__(self, users: UserRepository, throttles: ThrottleService, outbox: OutboxService):
        self._users = users
        self._throttles = throttles
        self._outbox = outbox

    @asynccontextmanager
    async def allowance(self, user_id: ObjectId) -> AsyncIterator[bool]:
        """Whether an order of this account is confirmed; uncounted when the block fails.

        Around the transaction, not in it: a refused order must leave the count alone.
        """
        user = await self._users.find(user_id)
        if user is None or user.get("email") is None:
            yield False
        elif user["email_verified"]:
            yield True
        else:
            async with self._throttles.allowance(mails_of(_KIND), user["email"]) as is_allowed:
                yield is_allowed

    async def send(self, order: Document, user: Document, *, tx: Tx) -> None:
        """Leave the mail in the outbox."""
        parts = [_sums_text(order)]
        if user["email_verified"]:
            parts.append(_address_text(order["shipping_address"]))
        await self._outbox.enqueue_mail(
            _KIND,
            to=user["email"],
            subject=f"Your order {order['order_number']}",
            text="\n".join(parts),
            tx=tx,
        )


def _sums_text(order: Document) -> str:
    """What was ordered, and what it costs."""
    currency = order["currency"]
    lines = [
        f"{item['quantity']} x {item['name']} ({item['sku']}): "
        f"{amount_text(item['unit_price_minor'] * item['quantity'], currency)}"
        for item in order["items"]
    ]
    sums = [
        f"{label}: {amount_text(order[field], currency)}"
        for label, field in (
            ("Subtotal", "subtotal_minor"),
            ("Discount", "discount_minor"),
            ("Tax", "tax_minor"),
            ("Shipping", "shipping_minor"),
            ("Total", "total_minor"),
        )
    ]
    number = order["order_number"]
    return "\n".join([f"Thank you for your order {number}.", "", *lines, "", *sums, ""])


def _address_text(address: Document) -> str:
    """Where it goes."""
    place = ("postal_code", "city", "state", "country")
    to = [
        f"{address['first_name']} {address['last_name']}",
        address["company"],
        address["address1"],
        address["address2"],
        " ".join(address[part] for part in place if address[part]),
    ]
    return "\n".join(["It goes to:", *(line for line in to if line), ""])
