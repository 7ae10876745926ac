"""What the families tell the console, each by a part that it hands over at start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Accounts:
    """How many accounts there are; `with_role` those of staff, by role.

    `signups_by_day` are the accounts made on each day that are still there.
    """

    total: int
    inactive: int
    children: int
    with_role: Mapping[str, int]
    signups_by_day: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sales:
    """Orders placed on each day, those of them that were cancelled since, and what the others
    come to in minor units, by currency."""

    orders_by_day: tuple[int, ...]
    cancelled_by_day: tuple[int, ...]
    revenue_by_day: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class ReviewQueue:
    """What awaits review: how much, and since when the oldest does (None without any)."""

    kind: str
    waiting: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class PlanSubscriptions:
    """The subscriptions of a plan by status; `is_offered` tells whether it can be subscribed to."""

    name: str
    display_name: str
    is_offered: bool
    active: int
    cancelled: int
    expired: int


class AccountPart(Protocol):
    """What the account base tells."""

    async def accounts(self, days: Sequence[datetime]) -> Accounts:
        """The accounts, and the signups of each day."""
        ...


class ForumPart(Protocol):
    """What the forum tells."""

    async def posts_by_day(self, days: Sequence[datetime]) -> tuple[int, ...]:
        """The posts of each day that are still there."""
        ...


class ShopPart(Protocol):
    """What the shop tells."""

    async def sales(self, days: Sequence[datetime]) -> Sales:
        """The orders of each day."""
        ...


class LmsPart(Protocol):
    """What the LMS tells."""

    async def review_queues(self) -> tuple[ReviewQueue, ...]:
        """What awaits review now."""
        ...


class SocioxPart(Protocol):
    """What the subscriptions tell."""

    async def subscriptions_by_plan(self) -> tuple[PlanSubscriptions, ...]:
        """The subscriptions of every plan that is offered or that somebody has."""
        ...


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of all families."""

    accounts: AccountPart
    forum: ForumPart
    shop: ShopPart
    lms: LmsPart
    sociox: SocioxPart
