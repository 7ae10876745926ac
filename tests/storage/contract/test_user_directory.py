"""Accounts are found by what they are called, a page at a time, on every engine."""

from collections.abc import Iterable
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from bson import ObjectId

from repositories.accounts.directory import FEW
from repositories.accounts.users import COLLECTION, INDEXES, UserFilter, UserRepository
from repositories.storage import Storage
from repositories.types import Document

NOON = datetime(2125, 1, 18, 12, 0, tzinfo=UTC)


def account(**fields: Any) -> Document:
    """An account that is still to be kept."""
    common = {"type": "parent", "roles": ["user"], "is_active": True, "username": "somebody"}
    return {"_id": ObjectId(), **common, **fields}


async def found(users: UserRepository, prefix: str = "", **others: Any) -> list[ObjectId]:
    """The accounts that a filter means, newest first."""
    page, total = await users.page(UserFilter(prefix=prefix, **others), 0, 1000)
    assert len(page) == total
    return [user["_id"] for user in page]


async def ready(storage: Storage) -> UserRepository:
    """The repository with its indexes, and not those of all others."""
    await storage[COLLECTION].create_indexes(list(INDEXES))
    return UserRepository(storage)


async def test_an_account_is_found_by_the_beginnings_of_what_it_is_called(storage):
    users = await ready(storage)
    ann = await users.insert(
        account(email="ann@example.com", first_name="Anna Maria", last_name="Ärmel")
    )
    for prefix in ("", "a", "ANN@", "ann@example.com", "anna", "Anna  maria", "maria ä", "a\u0308"):
        assert await found(users, prefix) == [ann["_id"]], prefix
    for prefix in ("nn", "ria", "example", "anna ärmel", "b", "a%", "^a", "ann@example.com1"):
        assert await found(users, prefix) == [], prefix


async def test_a_number_is_found_however_it_is_written(storage):
    users = await ready(storage)
    user = await users.insert(account(phone_identifier="+13800138000"))
    await users.insert(account(phone_identifier="+43800138000"))
    for prefix in ("+13800", "13800", "138-0013", "+138 0013 8000"):
        assert await found(users, prefix) == [user["_id"]], prefix


async def test_lists_and_searches_are_those_of_a_scan(storage):
    """Random accounts come, change and go, more than `FEW` with the same beginnings."""
    users, random = await ready(storage), Random(7)
    kept: dict[ObjectId, Document] = {}
    for step in range(3 * FEW):
        what = random.random()
        if what < 0.7 or not kept:
            name = random.choice(["ann", "anna", "bob", "bo"])
            user = account(
                email=f"{name}{step}@example.com",
                first_name=name,
                last_name=random.choice(["Ash", "Birch", ""]),
                type=random.choice(["parent", "child"]),
            )
            await users.insert(user)
            kept[user["_id"]] = user
            continue
        user = random.choice(list(kept.values()))
        async with storage.transaction() as tx:
            if what < 0.8:
                user |= await users.set_active(user, not user["is_active"], at=NOON, tx=tx)
            elif what < 0.9:
                user["first_name"] = random.choice(["ann", "bob", "cleo"])
                await users.update(user["_id"], {"first_name": user["first_name"]}, at=NOON, tx=tx)
            else:
                assert await users.delete(user["_id"], tx=tx)
                del kept[user["_id"]]
    for prefix in ("", "a", "an", "ann", "anna", "anna1", "b", "bo", "bob", "bob a", "ash", "c"):
        named = [user for user in kept.values() if _begins(user, prefix)]
        assert await found(users, prefix) == _newest_first(named)
        children = [user for user in named if user["type"] == "child" and user["is_active"]]
        wanted = _newest_first(children)
        assert await found(users, prefix, is_child=True, is_active=True) == wanted
    page, total = await users.page(UserFilter(prefix="a"), 20, 20)
    assert total == len(await found(users, "a"))
    assert [user["_id"] for user in page] == (await found(users, "a"))[20:40]


@pytest.mark.differs(nx=111)
async def test_a_role_is_a_filter_too(storage):
    users = await ready(storage)
    manager = await users.insert(account(email="m@example.com", roles=["user", "manager"]))
    await users.insert(account(email="n@example.com"))
    assert await found(users, role="manager") == [manager["_id"]]
    assert await found(users, "n", role="manager") == []
    assert await found(users, role="admin") == []


async def test_accounts_from_before_there_were_lists_are_listed_at_start(storage):
    users = await ready(storage)
    old = [account(email=f"old{number}@example.com", number=number) for number in range(1, 4)]
    await storage[COLLECTION].insert_many(old)
    await storage.take_numbers(COLLECTION, 3)
    new = await users.insert(account(email="new@example.com"))
    assert await found(users) == [new["_id"]]
    await users.ensure_listed()
    everybody = [new["_id"], *(user["_id"] for user in reversed(old))]
    assert await found(users) == everybody
    await users.ensure_listed()
    assert await found(users) == everybody


def _begins(user: Document, prefix: str) -> bool:
    names = f"{user['first_name']} {user['last_name']}".casefold()
    keys = [user["email"], names, user["last_name"].casefold()]
    return any(key.startswith(prefix) for key in keys)


def _newest_first(users: Iterable[Document]) -> list[ObjectId]:
    return [user["_id"] for user in sorted(users, key=lambda user: -user["number"])]
