"""Amounts of money as SHOP writes them."""

from handlers.base import Answer
from repositories.types import Document


class Money(Answer, frozen=True, kw_only=True):
    """A whole number of minor units in a currency."""

    amount: int
    currency: str

    @classmethod
    def of(cls, price: Document) -> "Money":
        """A stored amount as it is shown."""
        return cls(amount=price["amount"], currency=price["currency"])
