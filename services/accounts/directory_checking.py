"""Looking for accounts that the list of users and its search miss, or show wrongly."""

from collections import defaultdict
from collections.abc import Iterable

from repositories.accounts.checking import DirectoryCheckingRepository
from repositories.accounts.directory import PREFIX, prefixes_of, states_of
from repositories.accounts.search_keys import keys_of
from repositories.types import Document, Transaction
from services.checking import Progress

Mark = tuple[str, str]
"""That an account has a key, or is on a list: which of the two, and its name."""

_KEY, _LIST = "user_keys", "user_lists"


class DirectoryCheck:
    """Compares keys and lists with accounts, in both directions.

    Of each account's marks only a hash is remembered: those it should have, and those it has,
    come to zero together.
    """

    def __init__(self, repository: DirectoryCheckingRepository, transaction: Transaction):
        self._repository = repository
        self._transaction = transaction

    async def find_problems(self, progress: Progress) -> list[str]:
        """One sentence for each problem."""
        suspicious = await self._suspicious(progress)
        found = await self._marks_of(suspicious)
        problems = []
        for number in sorted(suspicious):
            problems += await self._problems_of(number, found[number])
        return problems

    async def _suspicious(self, progress: Progress) -> set[int]:
        hashes: dict[int, int] = defaultdict(int)
        known = {name async for name, _ in self._repository.lists()}
        async for user in self._repository.users():
            for mark in _wanted(user, known):
                hashes[user["number"]] ^= hash(mark)
            progress()
        async for key, number in self._repository.keys():
            hashes[number] ^= hash((_KEY, key))
            progress()
        async for name, numbers in self._repository.lists():
            for number in numbers:
                hashes[number] ^= hash((_LIST, name))
            progress()
        return {number for number, value in hashes.items() if value}

    async def _marks_of(self, numbers: set[int]) -> dict[int, set[Mark]]:
        """The marks that each of some accounts has."""
        found: dict[int, set[Mark]] = defaultdict(set)
        if not numbers:
            return found
        async for key, number in self._repository.keys():
            if number in numbers:
                found[number].add((_KEY, key))
        async for name, kept in self._repository.lists():
            for number in numbers.intersection(kept):
                found[number].add((_LIST, name))
        return found

    async def _problems_of(self, number: int, seen: set[Mark]) -> list[str]:
        """Look at an account again, alone: it may have changed meanwhile."""
        repository = self._repository
        async with self._transaction() as tx:
            user = await repository.find_user(number, tx=tx)
            keys = keys_of(user) | _names(seen, _KEY)
            names = {PREFIX + each for each in prefixes_of(keys)} | _names(seen, _LIST)
            known = await repository.known_lists(names | states_of(user), tx=tx)
            has = {(_KEY, key) for key in await repository.keys_with(number, keys, tx=tx)}
            lists = await repository.lists_with(number, names | states_of(user), tx=tx)
            has |= {(_LIST, name) for name in lists}
        wanted = set() if user is None else _wanted(user, known)
        account = f"account {number}"
        return [
            *(f"{kind}: {account} is not under {name!r}." for kind, name in sorted(wanted - has)),
            *(f"{kind}: {account} is under {name!r}." for kind, name in sorted(has - wanted)),
        ]


def _wanted(user: Document, known: set[str]) -> set[Mark]:
    """The marks that an account should have; `known` are the lists that there are."""
    keys = keys_of(user)
    lists = {PREFIX + each for each in prefixes_of(keys)} & known
    return {(_KEY, key) for key in keys} | {(_LIST, name) for name in lists | states_of(user)}


def _names(marks: Iterable[Mark], kind: str) -> set[str]:
    return {name for each, name in marks if each == kind}
