"""The profile: display name and avatar; and deleting one's own account."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.accounts.erasure import AccountErasure
from services.accounts.sessions import InvalidAccessToken
from services.clock import Clock
from services.errors import Invalid, NotFound
from services.pictures.pictures import PictureService

_USERNAME_LENGTH = 32


class UserNotFound(NotFound):
    """There is no such account, or not any more."""

    code = "user_not_found"

    def __init__(self) -> None:
        super().__init__("User not found")


class UsernameTooLong(Invalid):
    """A display name has at most 32 characters."""

    code = "username_too_long"

    def __init__(self) -> None:
        super().__init__("Username too long")


class UsernameRequired(Invalid):
    """A display name has at least one visible character."""

    code = "username_required"

    def __init__(self) -> None:
        super().__init__("Username is required")


class Renamer(Protocol):
    """A part of the product that shows an account's display name."""

    async def rename(self, user_id: ObjectId, name: str, *, tx: Tx) -> None:
        """Show the new one."""
        ...


@dataclass(frozen=True, slots=True)
class Profile:
    """What an account shows of itself; `avatar` is plain base64 or None."""

    number: int
    phone_identifier: str | None
    username: str
    avatar: str | None


class ProfileService:
    """Shows and changes profiles, and deletes an account for its owner."""

    def __init__(
        self,
        users: UserRepository,
        pictures: PictureService,
        erasure: AccountErasure,
        renamers: Sequence[Renamer],
        transaction: Transaction,
        clock: Clock,
    ):
        self._users = users
        self._pictures = pictures
        self._erasure = erasure
        self._renamers = renamers
        self._transaction = transaction
        self._clock = clock

    async def get(self, *, actor: Actor) -> Profile:
        """The caller's own profile."""
        missed: ObjectId | None = None
        while user := await self._users.find(actor.id):
            avatar_id = user["avatar_id"]
            if avatar_id == missed:
                return _profile(user, None)
            avatar = await self._pictures.find_data(avatar_id)
            if avatar is not None:
                return _profile(user, avatar)
            # Another avatar took its place in between: the account is read anew.
            missed = avatar_id
        raise InvalidAccessToken

    async def get_user(self, *, actor: Actor) -> Document:
        """The caller's own account. Raises UserNotFound when it goes at this moment."""
        user = await self._users.find(actor.id)
        if user is None:
            raise UserNotFound
        return user

    async def change(
        self,
        *,
        username: str | None = None,
        avatar: str | None = None,
        removes_avatar: bool = False,
        actor: Actor,
    ) -> Profile:
        """Change what is given: the display name, the avatar (base64), or none any more.

        All is checked before anything changes. Raises UsernameRequired,
        UsernameTooLong, or what `PictureService.keep` raises.
        """
        changes: Document = {} if username is None else {"username": _accepted(username)}
        checked = None if avatar is None else await self._pictures.check_avatar(avatar)
        now = self._clock()
        async with self._transaction() as tx:
            if checked is not None:
                changes["avatar_id"] = await self._pictures.keep_avatar(checked, actor=actor, tx=tx)
            elif removes_avatar:
                changes["avatar_id"] = None
            before = await self._users.replace_avatar(actor.id, changes, at=now, tx=tx)
            if before is None:
                raise InvalidAccessToken
            if username is not None and username != before["username"]:
                for renamer in self._renamers:
                    await renamer.rename(actor.id, username, tx=tx)
            if "avatar_id" in changes and before["avatar_id"] is not None:
                await self._pictures.delete([before["avatar_id"]], tx=tx)
        return await self.get(actor=actor)

    async def delete(self, *, actor: Actor) -> None:
        """Delete the caller's account and everything that is theirs (CONTRACT section 4).

        Raises LastSuperadmin.
        """
        async with self._transaction() as tx:
            if not await self._erasure.erase(actor.id, tx=tx):
                raise InvalidAccessToken


def _profile(user: Document, avatar: bytes | None) -> Profile:
    return Profile(
        number=user["number"],
        phone_identifier=user.get("phone_identifier"),
        username=user["username"],
        avatar=None if avatar is None else base64.b64encode(avatar).decode(),
    )


def _accepted(username: str) -> str:
    if not username.strip():
        raise UsernameRequired
    if len(username) > _USERNAME_LENGTH:
        raise UsernameTooLong
    return username
