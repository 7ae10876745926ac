"""How much an account has in each part of the product."""

from collections.abc import Mapping
from typing import Protocol

from bson import ObjectId


class AccountCounter(Protocol):
    """A part of the product that keeps things of accounts."""

    async def counts_of(self, user_id: ObjectId) -> Mapping[str, int]:
        """How many things of each kind it keeps of the account."""
        ...
