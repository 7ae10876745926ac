"""Making accounts."""

from collections.abc import Sequence
from typing import Any

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.errors import Taken
from repositories.types import Document, Tx
from services.access.actor import Role
from services.accounts.identifiers import first_username, get_new_identifier
from services.accounts.names import Name
from services.accounts.passwords import PasswordHasher
from services.clock import Clock
from services.errors import Conflict
from services.messaging.addresses import parse_email


class PhoneTaken(Conflict):
    """Another account has this phone number or forum identifier."""

    code = "phone_taken"

    def __init__(self) -> None:
        super().__init__("Phone number is already registered")


class EmailTaken(Conflict):
    """Another account has this address."""

    code = "email_taken"

    def __init__(self) -> None:
        super().__init__("Email already exists")


class RegistrationService:
    """Makes accounts; that a name is free is decided by the store, when the account is kept."""

    def __init__(self, users: UserRepository, hasher: PasswordHasher, clock: Clock):
        self._users = users
        self._hasher = hasher
        self._clock = clock

    async def with_phone(self, text: str, password: str) -> Document:
        """Make a forum account. Raises InvalidIdentifier, InvalidPassword or PhoneTaken."""
        identifier = get_new_identifier(text)
        password_hash = await self._hasher.hash(password)
        return await self.insert_with_phone(identifier, password_hash)

    async def insert_with_phone(
        self, identifier: str, password_hash: bytes, *, tx: Tx = None
    ) -> Document:
        """Keep a forum account whose identifier and password were accepted. Raises PhoneTaken."""
        user = self._new_user(
            phone_identifier=identifier,
            username=first_username(identifier),
            password_hash=password_hash,
        )
        try:
            return await self._users.insert(user, tx=tx)
        except Taken:
            raise PhoneTaken from None

    async def as_administrator(self, email: str, password: str, *, is_superadmin: bool) -> Role:
        """Make an administrator's account and answer its role.

        The first one is a superadmin in any case, as nobody else could make another.
        Raises InvalidEmail, InvalidPassword or EmailTaken.
        """
        address = parse_email(email)
        password_hash = await self._hasher.hash(password)
        is_first = not await self._users.has_any_with_role([Role.SUPERADMIN, Role.ADMIN])
        role = Role.SUPERADMIN if is_superadmin or is_first else Role.ADMIN
        await self.insert_with_email(address, Name("Admin", ""), password_hash, roles=[role])
        return role

    async def insert_with_email(
        self,
        email: str,
        name: Name,
        password_hash: bytes | None,
        *,
        roles: Sequence[Role] = (),
        tx: Tx = None,
        **fields: Any,
    ) -> Document:
        """Keep an account whose email, name and password were accepted. Raises EmailTaken.

        Without a password nobody signs in by one. `roles` are what it has beside `user`.
        """
        user = self._new_user(
            **{"email_verified": False, **fields},
            email=email,
            first_name=name.first,
            last_name=name.last,
            username=name.as_username(),
            password_hash=password_hash,
        )
        user["roles"] += [role.value for role in roles]
        try:
            return await self._users.insert(user, tx=tx)
        except Taken:
            raise EmailTaken from None

    def _new_user(self, **fields: Any) -> Document:
        now = self._clock()
        return {
            "_id": ObjectId(),
            "type": "parent",
            "roles": [Role.USER.value],
            "is_active": True,
            "avatar_id": None,
            "created_at": now,
            "updated_at": now,
            **fields,
        }
