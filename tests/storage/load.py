"""Clients that write, and that know what the store must hold after each of their steps."""

import asyncio
import hashlib
import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from contextlib import suppress
from copy import deepcopy
from typing import Any, Final

from repositories.embedded import EmbeddedStore

State = dict[str, dict[Any, Any]]
_KINDS: Final = ("note", "note", "edit", "order", "order", "undone", "file", "unfile", "forget")


class _Undone(Exception):
    """Raised inside a transaction to have it rolled back."""


class Client:
    """Does one step after the other, on documents of its own, and remembers the answers.

    `states[n]` is what the store holds of it after `n` steps.
    """

    def __init__(self, number: int, steps: int, seed: int):
        self.number = number
        chance = random.Random(f"{seed}-{number}")
        self.steps: list[tuple[str, str, int]] = []
        self.states: list[State] = [{"notes": {}, "orders": {}, "totals": {}, "files": {}}]
        self._begun: list[int] = []
        self._acknowledged: list[int] = []
        for step in range(steps):
            self._plan(chance.choice(_KINDS), f"{number}-{step}", chance)

    def _plan(self, kind: str, name: str, chance: random.Random) -> None:
        state = deepcopy(self.states[-1])
        if kind in ("edit", "forget") and not state["notes"]:
            kind = "note"
        if kind == "unfile" and not state["files"]:
            kind = "file"
        amount = chance.randrange(1, 100)
        if kind in ("edit", "forget"):
            name = chance.choice(list(state["notes"]))
        elif kind == "unfile":
            name = chance.choice(list(state["files"]))
        self.steps.append((kind, name, amount))
        self.states.append(self._expect(state, kind, name, amount))

    def _expect(self, state: State, kind: str, name: str, amount: int) -> State:
        if kind == "note":
            state["notes"][name] = amount
        elif kind == "edit":
            state["notes"][name] += amount
        elif kind == "forget":
            del state["notes"][name]
        elif kind == "order":
            state["orders"][name] = amount
            state["totals"][self.number] = state["totals"].get(self.number, 0) + amount
        elif kind == "file":
            state["files"][name] = hashlib.sha256(content_of(name, amount)).hexdigest()
        elif kind == "unfile":
            del state["files"][name]
        return state

    async def run(self, store: EmbeddedStore, now: Callable[[], int]) -> None:
        """Do every step; `now` is what time is counted in."""
        for kind, name, amount in self.steps:
            self._begun.append(now())
            await self._do(store, kind, name, amount)
            self._acknowledged.append(now())

    async def _do(self, store: EmbeddedStore, kind: str, name: str, amount: int) -> None:
        notes, bucket = store["notes"], store.bucket("papers")
        if kind == "note":
            note = {"_id": name, "client": self.number, "amount": amount, "tags": [name, kind]}
            await notes.insert_one(note)
        elif kind == "edit":
            change = {"$inc": {"amount": amount}, "$push": {"tags": f"{name} {amount}"}}
            await notes.update_one({"_id": name}, change)
        elif kind == "forget":
            await notes.delete_one({"_id": name})
        elif kind == "file":
            metadata = {"client": self.number}
            await bucket.upload_from_stream_with_id(
                name, name, content_of(name, amount), metadata=metadata
            )
        elif kind == "unfile":
            await bucket.delete(name)
        else:
            await self._transact(store, name, amount, is_undone=kind == "undone")

    async def _transact(
        self, store: EmbeddedStore, name: str, amount: int, *, is_undone: bool
    ) -> None:
        with suppress(_Undone):
            async with store.transaction() as tx:
                order = {"_id": name, "client": self.number, "amount": amount}
                await store["orders"].insert_one(order, session=tx)
                for total in (self.number, "all"):
                    await store["totals"].update_one(
                        {"_id": total}, {"$inc": {"amount": amount}}, upsert=True, session=tx
                    )
                if is_undone:
                    raise _Undone

    def acknowledged_by(self, moment: int) -> int:
        """How many steps had been answered."""
        return bisect_right(self._acknowledged, moment)

    def begun_by(self, moment: int) -> int:
        """How many steps had been begun."""
        return bisect_right(self._begun, moment)

    def steps_in(self, found: State, begun: int) -> int | None:
        """After how many steps of those begun the store holds `found`; None if after none."""
        for steps in reversed(range(begun + 1)):
            if self.states[steps] == found:
                return steps
        return None


def content_of(name: str, amount: int) -> bytes:
    """The content of a file: small, or for some of two or three chunks."""
    return hashlib.sha256(name.encode()).digest() * (amount * (180 if amount > 85 else 10))


async def run_clients(
    store: EmbeddedStore, clients: Sequence[Client], now: Callable[[], int]
) -> None:
    """Let all of them write at once, to documents that have indexes of every kind."""
    await store["notes"].create_index("tags")
    await store["orders"].create_index([("client", 1), ("amount", -1)])
    await store["orders"].create_index(
        "client", name="cheap", partialFilterExpression={"amount": {"$lt": 50}}
    )
    await asyncio.gather(*(client.run(store, now) for client in clients))


async def read_clients(store: EmbeddedStore, clients: Sequence[Client]) -> dict[int, State]:
    """What the store holds of each client, to the content of its files."""
    states: dict[int, State] = {
        client.number: {"notes": {}, "orders": {}, "totals": {}, "files": {}} for client in clients
    }
    for kind in ("notes", "orders"):
        async for document in store[kind].find({}):
            states[document["client"]][kind][document["_id"]] = document["amount"]
    async for total in store["totals"].find({"_id": {"$ne": "all"}}):
        states[total["_id"]]["totals"][total["_id"]] = total["amount"]
    bucket = store.bucket("papers")
    async for file in bucket.files.find({}):
        content = await (await bucket.open_download_stream(file["_id"])).read()
        owner = states[file["metadata"]["client"]]
        owner["files"][file["_id"]] = hashlib.sha256(content).hexdigest()
    return states


async def count_everything(store: EmbeddedStore) -> list[str]:
    """Whether the total that all clients share is the sum of their orders."""
    orders = await store["orders"].find({}).to_list(None)
    total = await store["totals"].find_one({"_id": "all"}) or {"amount": 0}
    ordered = sum(order["amount"] for order in orders)
    if total["amount"] == ordered:
        return []
    return [f"the orders come to {ordered}, their total to {total['amount']}"]
