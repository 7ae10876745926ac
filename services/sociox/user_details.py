"""All about one user, for admins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bson import ObjectId

from repositories.accounts.sessions import SessionRepository
from repositories.accounts.users import UserRepository
from repositories.types import Document
from services.access.actor import Actor
from services.access.authority import is_admin
from services.access.errors import InsufficientPermissions
from services.access.texts import parse_id
from services.accounts.counting import AccountCounter
from services.clock import Clock
from services.sociox.errors import UnknownUser

MOST_CHILDREN = 100
"""So many children are shown; how many there are is counted besides."""


class SubscriptionSummaries(Protocol):
    """Who knows the subscription of an account."""

    async def summary_of(self, user_id: ObjectId) -> Document | None:
        """The newest one as it is now, None if there never was one."""
        ...


@dataclass(frozen=True, slots=True)
class UserDetails:
    """An account with its subscription, children, counts and sign-ins.

    `subscription` of a child is its parent's. `last_sign_in_at` is None when no session is
    left to tell.
    """

    user: Document
    subscription: Document | None
    children: Sequence[Document]
    counts: Mapping[str, int]
    sessions: int
    last_sign_in_at: datetime | None


class UserDetailsService:
    """Gathers what all parts of the product know of an account."""

    def __init__(
        self,
        users: UserRepository,
        sessions: SessionRepository,
        subscriptions: SubscriptionSummaries,
        counters: Sequence[AccountCounter],
        clock: Clock,
    ):
        self._users = users
        self._sessions = sessions
        self._subscriptions = subscriptions
        self._counters = counters
        self._clock = clock

    async def get(self, user_id: str, *, actor: Actor) -> UserDetails:
        """All about an account; admins are shown to admins without limits only.

        Raises UnknownUser or InsufficientPermissions.
        """
        parsed = parse_id(user_id)
        user = None if parsed is None else await self._users.find(parsed)
        if user is None:
            raise UnknownUser
        if is_admin(user) and not actor.is_full_admin:
            raise InsufficientPermissions
        counts = {"children": await self._users.count_children(user["_id"])}
        for counter in self._counters:
            counts |= await counter.counts_of(user["_id"])
        sessions = await self._sessions.live_of(user["_id"], at=self._clock())
        return UserDetails(
            user=user,
            subscription=await self._subscriptions.summary_of(user.get("parent_id") or user["_id"]),
            children=await self._users.page_of_children(user["_id"], offset=0, limit=MOST_CHILDREN),
            counts=counts,
            sessions=len(sessions),
            last_sign_in_at=max((each["created_at"] for each in sessions), default=None),
        )
