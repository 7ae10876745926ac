"""Reading subscriptions and their ledger whole, to see whether they fit together."""

from collections.abc import AsyncIterator
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING

from repositories.accounts import users
from repositories.sociox import ledger, subscriptions
from repositories.types import Document, Tx


class SubscriptionCheckingRepository:
    """Goes through subscriptions and ledger, and looks single ones up."""

    def __init__(self, storage: Any):
        self._subscriptions = storage[subscriptions.COLLECTION]
        self._entries = storage[ledger.COLLECTION]
        self._users = storage[users.COLLECTION]

    def subscriptions(self) -> AsyncIterator[Document]:
        """Every subscription, without its history."""
        by_user = [("user_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]
        return aiter(self._subscriptions.find({}, {"history": 0}).sort(by_user))

    def entries(self) -> AsyncIterator[Document]:
        """Every entry of the ledger, those of a subscription together."""
        order = [("subscription_id", ASCENDING), ("period", ASCENDING), ("type", ASCENDING)]
        return aiter(self._entries.find({}, {"subscription_id": 1, "user_id": 1}).sort(order))

    async def find(self, subscription_id: ObjectId, *, tx: Tx) -> Document | None:
        """The subscription with this id."""
        return await self._subscriptions.find_one({"_id": subscription_id}, session=tx)

    async def entries_of(self, subscription_id: ObjectId, *, tx: Tx) -> list[Document]:
        """The entries of a subscription, by period."""
        found = self._entries.find({"subscription_id": subscription_id}, session=tx)
        return await found.sort([("period", ASCENDING), ("type", ASCENDING)]).to_list(None)

    async def count_live(self, user_id: ObjectId, *, tx: Tx) -> int:
        """How many live subscriptions an account has."""
        live = {"user_id": user_id, "is_live": True}
        return int(await self._subscriptions.count_documents(live, session=tx))

    async def has_user(self, user_id: ObjectId, *, tx: Tx) -> bool:
        """Whether there is such an account."""
        found = await self._users.find_one({"_id": user_id}, {"_id": 1}, session=tx)
        return found is not None
