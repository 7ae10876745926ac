"""The queries of children and of mailed links, on every engine."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from repositories.accounts.mailed_links import MailedLinkRepository
from repositories.accounts.users import UserRepository
from repositories.indexes import ensure_indexes
from repositories.types import Document

NOON = datetime(2125, 1, 18, 12, 0, tzinfo=UTC)
LATER = NOON + timedelta(minutes=10)
ANN, BOB = ObjectId(), ObjectId()


def _user(name: str, **fields: Any) -> Document:
    return {
        "_id": ObjectId(),
        "type": "parent",
        "roles": ["user"],
        "is_active": True,
        "email": f"{name}@example.com",
        "email_verified": False,
        **fields,
    }


def _link(token_hash: bytes) -> Document:
    return {
        "request_id": ObjectId(),
        "token_hash": token_hash,
        "tries": 0,
        "expires_at": LATER,
    }


async def _put(links: MailedLinkRepository, storage: Any, *link: Any) -> None:
    async with storage.transaction() as tx:
        await links.put(*link, tx=tx)


@pytest.mark.differs(nx=116)
async def test_children_are_found_by_their_parent_only(storage):
    await ensure_indexes(storage)
    users = UserRepository(storage)
    children = [_user(f"child{number}", parent_id=ANN) for number in range(3)]
    for user in (_user("ann"), *children, _user("other", parent_id=BOB)):
        await users.insert(user)
    ids = [child["_id"] for child in children]
    async with storage.transaction() as tx:
        assert await users.ids_of_children(ANN, 3, tx=tx) == ids
        assert await users.ids_of_children(ANN, 2, tx=tx) == ids[:2]
        assert await users.count_children(ANN, tx=tx) == 3
        assert await users.ids_of_children(ids[0], 3, tx=tx) == []
    page = await users.page_of_children(ANN, offset=1, limit=1)
    assert [child["_id"] for child in page] == ids[1:2]
    changed = await users.update_child(ANN, ids[0], {"first_name": "A"}, at=NOON)
    assert changed is not None
    assert (changed["first_name"], changed["updated_at"]) == ("A", NOON)
    assert await users.update_child(BOB, ids[0], {"first_name": "B"}, at=NOON) is None


async def test_a_reset_drops_the_google_account_of_an_address_nobody_verified(storage):
    await ensure_indexes(storage)
    users = UserRepository(storage)
    for user in (_user("a", google_sub="a"), _user("b", google_sub="b", email_verified=True)):
        await users.insert(user)
        async with storage.transaction() as tx:
            await users.reset_password(user, b"hash", at=NOON, tx=tx)
        kept = await users.find(user["_id"])
        assert kept is not None
        assert (kept["password_hash"], kept["email_verified"]) == (b"hash", True)
        assert kept.get("google_sub") == ("b" if user["email_verified"] else None)


@pytest.mark.differs(nx=116)
async def test_a_newer_link_takes_the_place_of_the_older_for_its_purpose(storage):
    await ensure_indexes(storage)
    links = MailedLinkRepository(storage)
    await _put(links, storage, ANN, "reset", _link(b"older"))
    older = await links.find_by_token("reset", b"older", at=NOON)
    assert older is not None
    await _put(links, storage, ANN, "reset", _link(b"newer"))
    await _put(links, storage, ANN, "delete", _link(b"another"))
    assert await links.find_by_token("reset", b"older", at=NOON) is None
    assert await links.find_by_token("reset", b"newer", at=LATER) is None
    assert await links.find_by_token("delete", b"newer", at=NOON) is None
    newer = await links.find_by_token("reset", b"newer", at=NOON)
    assert newer is not None
    async with storage.transaction() as tx:
        assert not await links.claim(older, tx=tx)
    async with storage.transaction() as tx:
        assert await links.claim(newer, tx=tx)
    async with storage.transaction() as tx:
        assert not await links.claim(newer, tx=tx)
        await links.delete_of(ANN, tx=tx)
    assert await links.find_by_token("delete", b"another", at=NOON) is None


@pytest.mark.differs(nx=116)
async def test_tries_at_a_code_are_counted_up_to_the_limit(storage):
    await ensure_indexes(storage)
    links = MailedLinkRepository(storage)
    await _put(links, storage, ANN, "reset", _link(b"token"))
    tried = await asyncio.gather(
        *(links.take_try(ANN, "reset", limit=3, at=NOON) for _ in range(8))
    )
    counted = [link for link in tried if link is not None]
    assert sorted(link["tries"] for link in counted) == [1, 2, 3]
    await links.give_back_try(counted[0])
    assert await links.take_try(ANN, "reset", limit=3, at=LATER) is None
    assert await links.take_try(ANN, "delete", limit=3, at=NOON) is None
    assert await links.take_try(ANN, "reset", limit=3, at=NOON) is not None
    assert await links.take_try(ANN, "reset", limit=3, at=NOON) is None
