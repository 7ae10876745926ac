"""Amounts of money as SHOP writes and reads them."""

from handlers.base import Answer
from handlers.bodies import Body, Int64
from repositories.types import Document


class Money(Answer, frozen=True, kw_only=True):
    """An amount that goes out: a whole number of minor units in a currency."""

    amount: int
    currency: str

    @classmethod
    def of(cls, price: Document) -> "Money":
        """A stored amount as it is shown."""
        return cls(amount=price["amount"], currency=price["currency"])


class Price(Body, frozen=True, kw_only=True):
    """An amount that comes in: a whole number of minor units in a currency."""

    amount: Int64
    currency: str
