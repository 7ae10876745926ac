"""Lists of accounts: how many there are and which are on a page, without reading the others.

A list is a set of account numbers (`repositories/number_sets.py`): those in a state, or
those with a key that begins with a prefix. A prefix gets its list once more than `FEW` keys
begin with it. Before that its keys are read, so that any prefix costs the same among 100,000
accounts as among 1,000. (A burst trie: Heinz, Zobel and Williams, "Burst tries", ACM TOIS
20(2), 2002.) The prefix "" always has one: it is the list of all.

    user_keys    {_id: "KEY\\nNUMBER"}
    user_lists   {_id: "LIST\\nCHUNK", bits or places}, {_id: "LIST"} for each prefix with one,
                 and {_id: "complete"}
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from repositories import number_sets
from repositories.accounts.search_keys import folded, keys_of
from repositories.number_sets import Chunks
from repositories.types import Document, Tx

KEYS_COLLECTION = "user_keys"
LISTS_COLLECTION = "user_lists"
FEW = 50
CHILDREN = "is:child"
INACTIVE = "is:inactive"
PREFIX = "prefix:"
"""Begins the name of a prefix's list; alone, it is that of all."""

_COMPLETE = "complete"
# A prefix without a list is looked at by every so many accounts: soon enough, and less work.
_LOOKED_AT_BY_EVERY = 8
_BEHIND_ALL = "\U0010ffff"

_Gained = Mapping[str, Iterable[int]]


class UserDirectory:
    """Keeps the lists true to the accounts, in the transaction that changes those."""

    def __init__(self, storage: Any):
        self._storage = storage
        self._keys = storage[KEYS_COLLECTION]
        self._lists = storage[LISTS_COLLECTION]

    async def starting_with(self, prefix: str) -> Chunks:
        """The accounts with a key that begins with `prefix`; all of them for ''."""
        prefix = folded(prefix)
        found = await self.in_state(PREFIX + prefix)
        if found:
            return found
        return number_sets.chunks_of(await self._numbers_of_keys(prefix, tx=None))

    async def in_state(self, name: str) -> Chunks:
        """The accounts of a list."""
        kept = self._lists.find({"_id": {"$gt": f"{name}\n", "$lt": f"{name}\n:"}})
        return {number_in(chunk): number_sets.decode(chunk) for chunk in await kept.to_list(None)}

    async def add(self, users: Sequence[Document], *, tx: Tx) -> None:
        """List new accounts, which have their numbers."""
        # Whoever changes lists holds this one: MongoDB would let two make one list at once.
        await self._storage.lock(LISTS_COLLECTION, PREFIX, tx=tx)
        pairs = [(key, user["number"]) for user in users for key in keys_of(user)]
        if pairs:
            await self._keys.insert_many([{"_id": f"{key}\n{n}"} for key, n in pairs], session=tx)
        gained: dict[str, set[int]] = defaultdict(set)
        for user in users:
            for state in states_of(user):
                gained[state].add(user["number"])
        await self._descend(pairs, gained, tx)
        await self._change(gained, {}, tx=tx)

    async def update(self, before: Document, after: Document | None, *, tx: Tx) -> None:
        """List an account as it is after a change, None for deleted, and no longer as before."""
        await self._storage.lock(LISTS_COLLECTION, PREFIX, tx=tx)
        number, old, new = before["number"], keys_of(before), keys_of(after)
        await self._keys.delete_many(
            {"_id": {"$in": [f"{key}\n{number}" for key in old - new]}}, session=tx
        )
        if new - old:
            added = [{"_id": f"{key}\n{number}"} for key in new - old]
            await self._keys.insert_many(added, session=tx)
        gained: dict[str, set[int]] = defaultdict(set)
        for state in states_of(after) - states_of(before):
            gained[state].add(number)
        await self._descend([(key, number) for key in new - old], gained, tx)
        lost = states_of(before) - states_of(after)
        lost |= {PREFIX + prefix for prefix in prefixes_of(old) - prefixes_of(new)}
        await self._change(gained, {name: [number] for name in lost}, tx=tx)

    async def add_missing(self, users: Sequence[Document], *, tx: Tx) -> None:
        """List those of some accounts that are not listed yet."""
        ids = {
            f"{key}\n{user['number']}": user["number"] for user in users for key in keys_of(user)
        }
        found = self._keys.find({"_id": {"$in": list(ids)}}, session=tx)
        listed = {ids[key["_id"]] for key in await found.to_list(None)}
        missing = [user for user in users if user["number"] not in listed]
        if missing:
            await self.add(missing, tx=tx)

    async def is_complete(self) -> bool:
        """Whether every account is listed that was there before there were lists."""
        return await self._lists.find_one({"_id": _COMPLETE}) is not None

    async def set_complete(self) -> None:
        """Remember that it is so."""
        await self._lists.update_one(
            {"_id": _COMPLETE}, {"$set": {"is_complete": True}}, upsert=True
        )

    async def _descend(
        self, pairs: Sequence[tuple[str, int]], gained: dict[str, set[int]], tx: Tx
    ) -> None:
        """Find the lists that keys with their accounts' numbers come into, making new ones."""
        level: dict[str, list[tuple[str, int]]] = {"": list(pairs)} if pairs else {}
        while level:
            known = self._lists.find(
                {"_id": {"$in": [PREFIX + each for each in level]}}, session=tx
            )
            listed = {each["_id"].removeprefix(PREFIX) for each in await known.to_list(None)}
            below: dict[str, list[tuple[str, int]]] = defaultdict(list)
            for prefix, some in level.items():
                if prefix in listed:
                    gained[PREFIX + prefix].update(number for _, number in some)
                elif not await self._make_list(prefix, some, gained, tx):
                    continue
                for key, number in some:
                    if len(key) > len(prefix):
                        below[key[: len(prefix) + 1]].append((key, number))
            level = below

    async def _make_list(
        self, prefix: str, some: Sequence[tuple[str, int]], gained: dict[str, set[int]], tx: Tx
    ) -> bool:
        """Make the list of a prefix if it is time to; whether it was."""
        if prefix and not any(number % _LOOKED_AT_BY_EVERY == 0 for _, number in some):
            return False
        numbers = await self._numbers_of_keys(prefix, tx=tx)
        if prefix and len(numbers) <= FEW:
            return False
        await self._lists.insert_one({"_id": PREFIX + prefix}, session=tx)
        gained[PREFIX + prefix].update(numbers)
        return True

    async def _numbers_of_keys(self, prefix: str, *, tx: Tx) -> list[int]:
        """The account of each key that begins with `prefix`."""
        bounds = {"$gte": prefix, "$lt": prefix + _BEHIND_ALL}
        found = await self._keys.find({"_id": bounds}, session=tx).to_list(None)
        return [number_in(key) for key in found]

    async def _change(self, gained: _Gained, lost: _Gained, *, tx: Tx) -> None:
        """Put accounts on lists, and take accounts off lists that have them."""
        added, removed = _by_id(gained), _by_id(lost)
        ids = [*added.keys() | removed.keys()]
        found = await self._lists.find({"_id": {"$in": ids}}, session=tx).to_list(None)
        before = {kept["_id"]: number_sets.decode(kept) for kept in found}
        after = {
            key: before.get(key, 0) & ~removed.get(key, 0) | added.get(key, 0)
            for key in before.keys() | added.keys()
        }
        await self._lists.delete_many({"_id": {"$in": list(before)}}, session=tx)
        # An empty chunk stays: that there are no accounts is known from it, too.
        kept = [{"_id": key, **number_sets.encode(bits)} for key, bits in after.items()]
        if kept:
            await self._lists.insert_many(kept, session=tx)


def number_in(document: Document) -> int:
    """The account in a key's id, or the chunk in that of a chunk."""
    return int(document["_id"].rpartition("\n")[2])


def states_of(user: Document | None) -> set[str]:
    """The lists of states that an account is on."""
    if user is None:
        return set()
    is_child, is_inactive = user["type"] == "child", not user["is_active"]
    return ({CHILDREN} if is_child else set()) | ({INACTIVE} if is_inactive else set())


def prefixes_of(keys: Iterable[str]) -> set[str]:
    """Everything that a key begins with, '' and itself too."""
    return {key[:length] for key in keys for length in range(len(key) + 1)}


def _by_id(numbers: _Gained) -> dict[str, int]:
    """The bits of each chunk of each list, by the id of the chunk's document."""
    return {
        f"{name}\n{chunk}": bits
        for name, some in numbers.items()
        for chunk, bits in number_sets.chunks_of(some).items()
    }
