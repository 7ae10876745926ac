"""Accounts: one document a person, whichever family they came by."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel, ReturnDocument

from repositories import number_sets
from repositories.accounts.directory import CHILDREN, INACTIVE, UserDirectory
from repositories.accounts.search_keys import FIELDS
from repositories.errors import unique
from repositories.number_sets import Chunks
from repositories.types import Document, Tx

COLLECTION = "users"
_SLICE = 500
INDEXES = (
    IndexModel([("number", ASCENDING)], name="number", unique=True),
    # Sparse by type: an account without a phone identifier or an email has no entry.
    IndexModel(
        [("phone_identifier", ASCENDING)],
        name="phone_identifier",
        unique=True,
        partialFilterExpression={"phone_identifier": {"$exists": True}},
    ),
    IndexModel(
        [("email", ASCENDING)],
        name="email",
        unique=True,
        partialFilterExpression={"email": {"$exists": True}},
    ),
    # Who an account is to Google: a subject, which stays when the address changes.
    IndexModel(
        [("google_sub", ASCENDING)],
        name="google_sub",
        unique=True,
        partialFilterExpression={"google_sub": {"$exists": True}},
    ),
    IndexModel([("roles", ASCENDING)], name="roles"),
    IndexModel([("created_at", ASCENDING)], name="created_at"),
    # The roles that are not default ones, for taking a deleted one from everybody.
    IndexModel(
        [("role_ids", ASCENDING)],
        name="role_ids",
        partialFilterExpression={"role_ids": {"$exists": True}},
    ),
    IndexModel(
        [("parent_id", ASCENDING), ("number", ASCENDING)],
        name="parent_id_number",
        partialFilterExpression={"parent_id": {"$exists": True}},
    ),
)


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Which accounts; None and '' ask for all.

    `prefix` is what an email address, phone number or a word of a name begins with, `role`
    a default role other than `user`, which everybody has.
    """

    prefix: str = ""
    role: str | None = None
    is_child: bool | None = None
    is_active: bool | None = None


class UserRepository:
    """Finds and keeps accounts."""

    def __init__(self, storage: Any):
        self._storage = storage
        self._users = storage[COLLECTION]
        self._directory = UserDirectory(storage)

    async def insert(self, user: Document, *, tx: Tx = None) -> Document:
        """Keep a new account, giving it the next number.

        Raises Taken("phone_identifier"), Taken("email") or Taken("google_sub").
        """
        async with self._within(tx) as tx:
            user["number"] = await self._storage.take_numbers(COLLECTION, tx=tx)
            with unique("phone_identifier", "email", "google_sub", "number"):
                await self._users.insert_one(user, session=tx)
            await self._directory.add([user], tx=tx)
        return user

    def _within(self, tx: Tx) -> AbstractAsyncContextManager[Tx]:
        """The transaction that is open, or one of its own."""
        transaction: AbstractAsyncContextManager[Tx] = (
            self._storage.transaction() if tx is None else nullcontext(tx)
        )
        return transaction

    async def find(self, user_id: ObjectId, *, tx: Tx = None) -> Document | None:
        """The account with this id."""
        return await self._users.find_one({"_id": user_id}, session=tx)

    async def lock(self, user_id: ObjectId, *, tx: Tx) -> Document | None:
        """The account, which stays as it is until the transaction ends."""
        found: Document | None = await self._storage.lock(COLLECTION, user_id, tx=tx)
        return found

    async def has_any_with_role(self, roles: Sequence[str]) -> bool:
        """Whether any account has one of these roles."""
        found = await self._users.find_one({"roles": {"$in": list(roles)}}, {"_id": 1})
        return found is not None

    async def page(self, which: UserFilter, offset: int, limit: int) -> tuple[list[Document], int]:
        """Some accounts that a filter means, newest first, and how many there are in all.

        What it costs depends on how many are on the page (see `UserDirectory`).
        """
        numbers = await self._numbers(which)
        some = number_sets.highest(numbers, offset, limit)
        found = await self._users.find({"number": {"$in": some}}).to_list(None)
        found.sort(key=lambda user: user["number"], reverse=True)
        return found, number_sets.count(numbers)

    async def count(self, which: UserFilter) -> int:
        """How many accounts a filter means."""
        return number_sets.count(await self._numbers(which))

    async def count_with_role(self, role: str) -> int:
        """How many accounts have a default role."""
        return await self._users.count_documents({"roles": role})

    async def count_created(self, since: datetime, before: datetime) -> int:
        """How many accounts there are that were made from a moment on, and before another."""
        return await self._users.count_documents({"created_at": {"$gte": since, "$lt": before}})

    async def _numbers(self, which: UserFilter) -> Chunks:
        numbers = await self._directory.starting_with(which.prefix)
        if which.role is not None:
            with_role = self._users.find({"roles": which.role}, {"number": 1})
            some = [user["number"] for user in await with_role.to_list(None)]
            numbers = number_sets.intersection(numbers, number_sets.chunks_of(some))
        if which.is_child is not None:
            children = await self._directory.in_state(CHILDREN)
            numbers = _narrowed(numbers, children, is_within=which.is_child)
        if which.is_active is not None:
            inactive = await self._directory.in_state(INACTIVE)
            numbers = _narrowed(numbers, inactive, is_within=not which.is_active)
        return numbers

    async def ensure_listed(self) -> None:
        """List the accounts that an older version kept without lists; for the start."""
        if await self._directory.is_complete():
            return
        last = 0
        while some := await self._after(last, _SLICE):
            async with self._storage.transaction() as tx:
                await self._directory.add_missing(some, tx=tx)
            last = some[-1]["number"]
        await self._directory.set_complete()

    async def _after(self, number: int, limit: int) -> list[Document]:
        found = self._users.find({"number": {"$gt": number}}).sort("number", ASCENDING)
        return await found.limit(limit).to_list(limit)

    async def with_ids(self, user_ids: Sequence[ObjectId]) -> list[Document]:
        """The accounts with these ids, in no order."""
        return await self._users.find({"_id": {"$in": list(user_ids)}}).to_list(None)

    async def with_any_role(self, roles: Sequence[str]) -> list[Document]:
        """The accounts that have one of these default roles, oldest first."""
        found = self._users.find({"roles": {"$in": list(roles)}})
        return await found.sort("number", ASCENDING).to_list(None)

    async def find_by_phone_identifier(self, identifier: str) -> Document | None:
        """The account that signs in with this phone number or other forum identifier."""
        return await self._users.find_one({"phone_identifier": identifier})

    async def find_by_email(self, email: str) -> Document | None:
        """The account with this address."""
        return await self._users.find_one({"email": email})

    async def ids_of_children(
        self, parent_id: ObjectId, limit: int, *, tx: Tx = None
    ) -> list[ObjectId]:
        """The ids of an account's oldest children, oldest first."""
        found = self._users.find({"parent_id": parent_id}, {"_id": 1}, session=tx)
        some = await found.sort("number", ASCENDING).limit(limit).to_list(limit)
        return [child["_id"] for child in some]

    async def children_with_role(
        self, parent_id: ObjectId, role: str, *, tx: Tx = None
    ) -> list[Document]:
        """The children of an account that have a default role other than `user`."""
        # By the role alone: few have it, and an account may have thousands of children.
        found = await self._users.find({"roles": role}, session=tx).to_list(None)
        return [user for user in found if user.get("parent_id") == parent_id]

    async def page_of_children(
        self, parent_id: ObjectId, *, offset: int, limit: int
    ) -> list[Document]:
        """A page of an account's children, oldest first."""
        found = self._users.find({"parent_id": parent_id}).sort("number", ASCENDING)
        return await found.skip(offset).limit(limit).to_list(limit)

    async def count_children(self, parent_id: ObjectId, *, tx: Tx = None) -> int:
        """How many children an account has."""
        return await self._users.count_documents({"parent_id": parent_id}, session=tx)

    async def update_child(
        self, parent_id: ObjectId, child_id: ObjectId, changes: Document, *, at: datetime
    ) -> Document | None:
        """Like `update`, for a child of this parent; None for any other account."""
        which = {"_id": child_id, "parent_id": parent_id}
        return await self._set(which, {**changes, "updated_at": at}, tx=None)

    async def find_by_google_sub(self, google_sub: str) -> Document | None:
        """The account that is bound to this subject of Google's."""
        return await self._users.find_one({"google_sub": google_sub})

    async def update(
        self, user_id: ObjectId, changes: Document, *, at: datetime, tx: Tx = None
    ) -> Document | None:
        """Set `changes` and answer the account as it is then, or as None when it is gone.

        Raises Taken of a changed field that is unique.
        """
        return await self._set({"_id": user_id}, {**changes, "updated_at": at}, tx=tx)

    async def _set(self, which: Document, changes: Document, *, tx: Tx) -> Document | None:
        """Set `changes`; an account that is found by one of them is listed anew."""
        if FIELDS.isdisjoint(changes):
            return await self._set_fields(which, changes, tx)
        async with self._within(tx) as tx:
            before = await self._users.find_one(which, session=tx)
            after = await self._set_fields(which, changes, tx)
            if before is not None and after is not None:
                await self._directory.update(before, after, tx=tx)
        return after

    async def _set_fields(self, which: Document, changes: Document, tx: Tx) -> Document | None:
        with unique("email", "google_sub"):
            return await self._users.find_one_and_update(
                which, {"$set": changes}, return_document=ReturnDocument.AFTER, session=tx
            )

    async def set_active(
        self, user: Document, is_active: bool, *, at: datetime, tx: Tx
    ) -> Document:
        """Shut an account that `tx` holds out, or let it in; the account as it is then."""
        changes = {"is_active": is_active, "updated_at": at}
        await self._users.update_one({"_id": user["_id"]}, {"$set": changes}, session=tx)
        changed = {**user, **changes}
        await self._directory.update(user, changed, tx=tx)
        return changed

    async def claim_email_verification(
        self, user_id: ObjectId, email: str, *, at: datetime
    ) -> bool:
        """Mark the account's address as verified; False if it is already, or is another."""
        result = await self._users.update_one(
            {"_id": user_id, "email": email, "email_verified": False},
            {"$set": {"email_verified": True, "updated_at": at}},
        )
        return bool(result.modified_count)

    async def reset_password(
        self, user: Document, password_hash: bytes, *, at: datetime, tx: Tx
    ) -> None:
        """Set a password by way of the account's address, which is verified by that.

        Whoever registered an address that was not yet verified may not be its owner: their
        Google account no longer signs in.
        """
        changes = {"password_hash": password_hash, "email_verified": True, "updated_at": at}
        dropped = {} if user["email_verified"] else {"$unset": {"google_sub": ""}}
        await self._users.update_one({"_id": user["_id"]}, {"$set": changes, **dropped}, session=tx)

    async def replace_avatar(
        self, user_id: ObjectId, changes: Document, *, at: datetime, tx: Tx
    ) -> Document | None:
        """Like `update`, but answers the account as it was before, with its old avatar."""
        return await self._users.find_one_and_update(
            {"_id": user_id}, {"$set": {**changes, "updated_at": at}}, session=tx
        )

    async def delete(self, user_id: ObjectId, *, tx: Tx) -> bool:
        """Delete the account; tells whether it was there."""
        deleted = await self._users.find_one_and_delete({"_id": user_id}, session=tx)
        if deleted is None:
            return False
        await self._directory.update(deleted, None, tx=tx)
        return True


def _narrowed(numbers: Chunks, listed: Chunks, *, is_within: bool) -> Chunks:
    """Those of some accounts that are on a list, or those that are not."""
    if is_within:
        return number_sets.intersection(numbers, listed)
    return number_sets.difference(numbers, listed)
