"""The answers about orders: what was ordered, what it costs, and why."""

from datetime import datetime

import msgspec

from handlers.base import Answer
from handlers.shop.money import Money
from handlers.timestamps import as_timestamp
from repositories.types import Document
from services.shop.pricing import Step
from services.shop.quotes import PricedCart


class AddressView(Answer, frozen=True, kw_only=True):
    """An address; what was not given is empty."""

    first_name: str
    last_name: str
    company: str
    address1: str
    address2: str
    city: str
    state: str
    postal_code: str
    country: str
    phone_number: str


class OrderItemView(Answer, frozen=True, kw_only=True):
    """A line of an order; `total` is what is paid for it, tax included."""

    id: str
    product_id: str
    sku: str
    name: str
    unit_price: Money
    quantity: int
    discount_amount: Money
    tax_amount: Money
    total: Money

    @classmethod
    def of(cls, item: Document, currency: str) -> "OrderItemView":
        """A stored line as it is shown."""
        return cls(
            id=str(item["id"]),
            product_id=item["product_id"],
            sku=item["sku"],
            name=item["name"],
            unit_price=Money(amount=item["unit_price_minor"], currency=currency),
            quantity=item["quantity"],
            discount_amount=Money(amount=item["discount_minor"], currency=currency),
            tax_amount=Money(amount=item["tax_minor"], currency=currency),
            total=Money(amount=item["total_minor"], currency=currency),
        )


class OrderView(Answer, frozen=True, kw_only=True):
    """An order; one of a deleted account is nobody's and goes nowhere."""

    id: str
    order_number: str
    user_id: str | None
    status: str
    items: list[OrderItemView]
    shipping_address: AddressView | None
    billing_address: AddressView | None
    subtotal: Money
    discount_total: Money
    tax_total: Money
    shipping_total: Money
    total: Money
    notes: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, order: Document) -> "OrderView":
        """An order as its owner sees it."""
        currency = order["currency"]
        return cls(
            id=str(order["_id"]),
            order_number=order["order_number"],
            user_id=None if order["user_id"] is None else str(order["user_id"]),
            status=order["status"],
            items=[OrderItemView.of(item, currency) for item in order["items"]],
            shipping_address=_address(order["shipping_address"]),
            billing_address=_address(order["billing_address"]),
            subtotal=Money(amount=order["subtotal_minor"], currency=currency),
            discount_total=Money(amount=order["discount_minor"], currency=currency),
            tax_total=Money(amount=order["tax_minor"], currency=currency),
            shipping_total=Money(amount=order["shipping_minor"], currency=currency),
            total=Money(amount=order["total_minor"], currency=currency),
            notes=order["notes"],
            created_at=as_timestamp(order["created_at"]),
            updated_at=as_timestamp(order["updated_at"]),
        )


class HistoryEntryView(Answer, frozen=True, kw_only=True):
    """When an order got a status, by its customer or by which account of the staff."""

    status: str
    at: datetime
    by: str


class ManagedOrderView(OrderView, frozen=True, kw_only=True):
    """An order as those who handle it see it: also how it is sent, and what became of it."""

    shipping_method_id: str
    promotion_codes: list[str]
    history: list[HistoryEntryView]

    @classmethod
    def of(cls, order: Document) -> "ManagedOrderView":
        """An order with all its steps."""
        return cls(
            **msgspec.structs.asdict(OrderView.of(order)),
            shipping_method_id=order["shipping_method_id"],
            promotion_codes=[promotion["code"] for promotion in order["promotions"]],
            history=[
                HistoryEntryView(
                    status=entry["status"], at=as_timestamp(entry["at"]), by=entry["by"]
                )
                for entry in order["history"]
            ],
        )


class StepView(Answer, frozen=True, kw_only=True):
    """One step to a total: which rule, on what, to what effect, rounded how."""

    rule: str
    input: str
    effect: Money
    rounding: str

    @classmethod
    def of(cls, step: Step, currency: str) -> "StepView":
        """A step as it is shown."""
        return cls(
            rule=step.rule,
            input=step.input,
            effect=Money(amount=step.effect_minor, currency=currency),
            rounding=step.rounding,
        )


class QuoteItemView(Answer, frozen=True, kw_only=True):
    """A line of a cart and what it would cost."""

    product_id: str
    sku: str
    name: str
    unit_price: Money
    quantity: int
    discount_amount: Money
    tax_amount: Money
    total: Money


class QuoteView(Answer, frozen=True, kw_only=True):
    """What an order would be charged.

    The effects of all steps but those of the rule `discount_share` add up to the total.
    """

    items: list[QuoteItemView]
    subtotal: Money
    discount_total: Money
    tax_total: Money
    shipping_total: Money
    total: Money
    steps: list[StepView]

    @classmethod
    def of(cls, priced: PricedCart) -> "QuoteView":
        """A priced cart as its owner sees it."""
        quote, currency = priced.quote, priced.currency
        return cls(
            items=_quote_items(priced),
            subtotal=Money(amount=quote.subtotal_minor, currency=currency),
            discount_total=Money(amount=quote.discount_minor, currency=currency),
            tax_total=Money(amount=quote.tax_minor, currency=currency),
            shipping_total=Money(amount=quote.shipping_minor, currency=currency),
            total=Money(amount=quote.total_minor, currency=currency),
            steps=[StepView.of(step, currency) for step in quote.steps],
        )


def _quote_items(priced: PricedCart) -> list[QuoteItemView]:
    currency = priced.currency
    return [
        QuoteItemView(
            product_id=line.product["_id"],
            sku=line.product["sku"],
            name=line.product["name"],
            unit_price=Money.of(line.price),
            quantity=line.item["quantity"],
            discount_amount=Money(amount=cost.discount_minor, currency=currency),
            tax_amount=Money(amount=cost.tax_minor, currency=currency),
            total=Money(amount=cost.total_minor, currency=currency),
        )
        for line, cost in zip(priced.lines, priced.quote.lines, strict=True)
    ]


def _address(address: Document | None) -> AddressView | None:
    return None if address is None else AddressView(**address)
