"""Documents whose ids are known beforehand, so that making them twice makes them once."""

import hashlib
from collections.abc import Sequence
from typing import Any

from bson import ObjectId

from repositories.accounts import users
from repositories.accounts.directory import UserDirectory
from repositories.types import Document, Tx


def seed_id(name: str) -> ObjectId:
    """The id of the seeded document called `name`, the same on every machine."""
    return ObjectId(hashlib.sha256(f"agora seed: {name}".encode()).digest()[:12])


class SeedRepository:
    """Inserts what is not there yet, into any collection."""

    def __init__(self, storage: Any):
        self._storage = storage

    async def insert_missing(
        self, collection: str, documents: Sequence[Document], *, numbered: str | None = None
    ) -> int:
        """Insert the documents whose `_id` is unknown and tell how many that were.

        With `numbered`, each gets the collection's next number in that field.
        """
        async with self._storage.transaction() as tx:
            return len(await self._insert_missing(collection, documents, numbered, tx))

    async def insert_missing_accounts(self, accounts: Sequence[Document]) -> int:
        """Like `insert_missing`, for accounts, which are listed in the same transaction."""
        async with self._storage.transaction() as tx:
            missing = await self._insert_missing(users.COLLECTION, accounts, "number", tx)
            if missing:
                await UserDirectory(self._storage).add(missing, tx=tx)
        return len(missing)

    async def _insert_missing(
        self, collection: str, documents: Sequence[Document], numbered: str | None, tx: Tx
    ) -> list[Document]:
        missing = await self._missing(collection, documents, tx)
        if not missing:
            return []
        if numbered is not None:
            first = await self._storage.take_numbers(collection, len(missing), tx=tx)
            for number, document in enumerate(missing, first):
                document[numbered] = number
        await self._storage[collection].insert_many(missing, session=tx)
        return missing

    async def _missing(
        self, collection: str, documents: Sequence[Document], tx: Tx
    ) -> list[Document]:
        wanted = [document["_id"] for document in documents]
        found = self._storage[collection].find({"_id": {"$in": wanted}}, {"_id": 1}, session=tx)
        known = {document["_id"] for document in await found.to_list(None)}
        return [document for document in documents if document["_id"] not in known]

    async def numbers_of(
        self, collection: str, ids: Sequence[ObjectId], field: str
    ) -> dict[ObjectId, int]:
        """The numbers that documents were given."""
        found = self._storage[collection].find({"_id": {"$in": list(ids)}}, {field: 1})
        return {document["_id"]: document[field] for document in await found.to_list(None)}
