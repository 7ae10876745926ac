"""Reading accounts, their keys, lists and families whole, to see whether they fit together."""

from collections.abc import AsyncIterator, Iterable
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING

from repositories import number_sets
from repositories.accounts import erasures, users
from repositories.accounts.directory import (
    CHILDREN,
    INACTIVE,
    KEYS_COLLECTION,
    LISTS_COLLECTION,
    PREFIX,
    number_in,
)
from repositories.accounts.search_keys import FIELDS
from repositories.types import Document, Tx

_SHOWN = dict.fromkeys(("number", "type", "is_active", *sorted(FIELDS)), 1)


class DirectoryCheckingRepository:
    """Goes through accounts, keys and lists, and looks single ones up."""

    def __init__(self, storage: Any):
        self._users = storage[users.COLLECTION]
        self._keys = storage[KEYS_COLLECTION]
        self._lists = storage[LISTS_COLLECTION]

    def users(self) -> AsyncIterator[Document]:
        """Every account: its number and what it is listed by."""
        return aiter(self._users.find({}, _SHOWN).sort("number", ASCENDING))

    async def keys(self) -> AsyncIterator[tuple[str, int]]:
        """Every key with the number of its account."""
        async for kept in self._keys.find({}).sort("_id", ASCENDING):
            yield kept["_id"].rpartition("\n")[0], number_in(kept)

    async def lists(self) -> AsyncIterator[tuple[str, list[int]]]:
        """Every list with some of its numbers; a list comes once for each of its chunks."""
        async for kept in self._lists.find({}).sort("_id", ASCENDING):
            name, separator, _ = kept["_id"].rpartition("\n")
            if separator:
                first = number_in(kept) * number_sets.SPAN
                places = number_sets.places_of(number_sets.decode(kept))
                yield name, [first + place for place in places]

    async def find_user(self, number: int, *, tx: Tx) -> Document | None:
        """The account with this number."""
        return await self._users.find_one({"number": number}, session=tx)

    async def keys_with(self, number: int, keys: Iterable[str], *, tx: Tx) -> set[str]:
        """Those of the keys that the account is found by."""
        ids = [f"{key}\n{number}" for key in keys]
        found = await self._keys.find({"_id": {"$in": ids}}, session=tx).to_list(None)
        return {kept["_id"].rpartition("\n")[0] for kept in found}

    async def lists_with(self, number: int, names: Iterable[str], *, tx: Tx) -> set[str]:
        """Those of the lists that have the account."""
        chunk, place = divmod(number, number_sets.SPAN)
        ids = [f"{name}\n{chunk}" for name in names]
        found = await self._lists.find({"_id": {"$in": ids}}, session=tx).to_list(None)
        return {
            kept["_id"].rpartition("\n")[0]
            for kept in found
            if number_sets.decode(kept) >> place & 1
        }

    async def known_lists(self, names: Iterable[str], *, tx: Tx) -> set[str]:
        """Those of the names that are of lists; prefixes have one only if they are common."""
        states = {CHILDREN, INACTIVE}.intersection(names)
        ids = [name for name in names if name.startswith(PREFIX)]
        found = await self._lists.find({"_id": {"$in": ids}}, session=tx).to_list(None)
        return states | {kept["_id"] for kept in found}


class FamilyCheckingRepository:
    """Goes through the children, and looks for their parents."""

    def __init__(self, storage: Any):
        self._users = storage[users.COLLECTION]
        self._erasures = storage[erasures.COLLECTION]

    def children(self) -> AsyncIterator[Document]:
        """Every child: its id and its parent's, those of a parent together."""
        found = self._users.find({"parent_id": {"$exists": True}}, {"parent_id": 1})
        return aiter(found.sort([("parent_id", ASCENDING), ("number", ASCENDING)]))

    async def find_child(self, user_id: ObjectId, *, tx: Tx) -> Document | None:
        """The child with this id."""
        return await self._users.find_one({"_id": user_id}, session=tx)

    async def has_parent(self, parent_id: ObjectId, *, tx: Tx) -> bool:
        """Whether there is such an account, or its deletion goes on and will reach its children."""
        for collection in (self._users, self._erasures):
            if await collection.find_one({"_id": parent_id}, {"_id": 1}, session=tx):
                return True
        return False
