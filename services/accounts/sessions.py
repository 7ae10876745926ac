"""Sessions: opened by a sign-in, kept alive by the refresh token, ended by logging out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bson import ObjectId

from repositories.accounts.sessions import SessionRepository
from repositories.accounts.users import UserRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.accounts.standing import is_shut_out
from services.accounts.tokens import BadToken, TokenSigner, new_opaque, opaque_hash
from services.clock import Clock
from services.errors import Unauthenticated

REFRESH_LIFETIME = timedelta(days=30)


class TokenRequired(Unauthenticated):
    """No access token came with the request."""

    code = "authentication_required"

    def __init__(self) -> None:
        super().__init__("Authentication required")


class InvalidAccessToken(Unauthenticated):
    """The access token is not ours, has expired, or its session or account is gone."""

    code = "invalid_token"

    def __init__(self) -> None:
        super().__init__("Invalid or expired access token")


class InvalidRefreshToken(Unauthenticated):
    """The refresh token is unknown, has expired or was used before."""

    code = "invalid_refresh_token"

    def __init__(self) -> None:
        super().__init__("Invalid refresh token")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a sign-in gives: `access` until `expires_at`, `refresh` for 30 days."""

    access: str
    refresh: str
    expires_at: datetime


class SessionService:
    """Opens, checks, refreshes and ends sessions (CONTRACT section 3)."""

    def __init__(
        self,
        sessions: SessionRepository,
        users: UserRepository,
        signer: TokenSigner,
        transaction: Transaction,
        clock: Clock,
    ):
        self._sessions = sessions
        self._users = users
        self._signer = signer
        self._transaction = transaction
        self._clock = clock

    async def open(self, user_id: ObjectId, *, tx: Tx = None) -> Tokens:
        """Sign an account in."""
        now = self._clock()
        session_id, refresh = ObjectId(), new_opaque()
        await self._sessions.insert(
            {
                "_id": session_id,
                "user_id": user_id,
                "refresh_hash": opaque_hash(refresh),
                "created_at": now,
                "expires_at": now + REFRESH_LIFETIME,
            },
            tx=tx,
        )
        access, expires_at = self._signer.sign_access(user_id, session_id)
        return Tokens(access, refresh, expires_at)

    async def authenticate(self, access: str, *, address: str = "") -> Actor:
        """Who an access token stands for, with the roles of this moment, calling from `address`.

        Raises InvalidAccessToken, also once the session has ended or the account
        is deactivated or gone, or its parent is: each is looked up at every request.
        """
        try:
            claims = self._signer.verify_access(access)
        except BadToken:
            raise InvalidAccessToken from None
        session = await self._sessions.find(claims.session_id)
        if session is None or session["user_id"] != claims.user_id:
            raise InvalidAccessToken
        user = await self._users.find(claims.user_id)
        if user is None or await is_shut_out(user, self._users):
            raise InvalidAccessToken
        permissions = user.get("permissions")
        return Actor(
            id=user["_id"],
            number=user["number"],
            username=user["username"],
            session_id=claims.session_id,
            roles=frozenset(user["roles"]),
            permissions=None if permissions is None else frozenset(permissions),
            role_ids=tuple(user.get("role_ids", ())),
            address=address,
            parent_id=user.get("parent_id"),
        )

    async def renew_access(self, refresh: str) -> str:
        """A new access token; the refresh token stays as it is.

        Raises InvalidRefreshToken.
        """
        session = await self._live_session(refresh)
        access, _ = self._signer.sign_access(session["user_id"], session["_id"])
        return access

    async def rotate(self, refresh: str) -> Tokens:
        """New tokens for a session, in place of those it had; the new ones live as long as any.

        Raises InvalidRefreshToken.
        """
        session = await self._live_session(refresh)
        now, new_refresh, old_hash = self._clock(), new_opaque(), opaque_hash(refresh)
        async with self._transaction() as tx:
            is_ours = await self._sessions.claim_rotation(
                session["_id"],
                old_hash=old_hash,
                new_hash=opaque_hash(new_refresh),
                expires_at=now + REFRESH_LIFETIME,
                at=now,
                tx=tx,
            )
        if not is_ours:
            await self._end_if_rotated(old_hash)
            raise InvalidRefreshToken
        access, expires_at = self._signer.sign_access(session["user_id"], session["_id"])
        return Tokens(access, new_refresh, expires_at)

    async def end_all(self, *, actor: Actor) -> None:
        """Log the caller out everywhere."""
        await self._sessions.delete_of(actor.id)

    async def end(self, *, access: str | None = None, refresh: str | None = None) -> None:
        """Log out the session of a refresh token, which wins, or of an access token.

        Raises InvalidRefreshToken or InvalidAccessToken.
        """
        if refresh is not None:
            session = await self._live_session(refresh)
            await self._sessions.delete(session["_id"])
            return
        actor = await self.authenticate(access or "")
        await self._sessions.delete(actor.session_id)

    async def _live_session(self, refresh: str) -> Document:
        """The session of a current refresh token of an active account.

        A token that was rotated away and comes back was stolen, before or after:
        its session ends. Raises InvalidRefreshToken.
        """
        refresh_hash = opaque_hash(refresh)
        session = await self._sessions.find_by_refresh(refresh_hash)
        if session is None:
            await self._end_if_rotated(refresh_hash)
            raise InvalidRefreshToken
        user = await self._users.find(session["user_id"])
        if session["expires_at"] <= self._clock() or user is None:
            raise InvalidRefreshToken
        if await is_shut_out(user, self._users):
            raise InvalidRefreshToken
        return session

    async def _end_if_rotated(self, refresh_hash: bytes) -> None:
        stolen = await self._sessions.find_by_rotated(refresh_hash)
        if stolen is not None:
            await self._sessions.delete(stolen["_id"])
