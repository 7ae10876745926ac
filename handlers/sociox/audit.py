"""What staff did: the audit log, for admins without limits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from handlers.base import Answer
from handlers.pagination import Meta, PagedHandler, PageQuery
from handlers.sociox.base import SocioxHandler
from handlers.timestamps import as_timestamp
from repositories.types import Document
from services.access.audit_reading import read_audit_filter


class PersonView(Answer, frozen=True, kw_only=True):
    """An account by its id; `name` and `email` as they are now, null once it is deleted."""

    id: str
    name: str | None
    email: str | None

    @classmethod
    def of(cls, user_id: str, accounts: Mapping[str, Document]) -> "PersonView":
        """The account with this id among `accounts`, if it is there."""
        return cls(id=user_id, **_called(accounts.get(user_id)))


class TargetView(Answer, frozen=True, kw_only=True):
    """What was acted on; `name` and `email` for an account that is still there."""

    kind: str
    id: str
    name: str | None
    email: str | None


class AuditEntryView(Answer, frozen=True, kw_only=True):
    """Who did what, on what, when, from which network address, and what is worth knowing."""

    id: str
    at: datetime
    actor: PersonView
    action: str
    target: TargetView
    address: str
    details: dict[str, Any]

    @classmethod
    def of(cls, entry: Document, accounts: Mapping[str, Document]) -> "AuditEntryView":
        """A stored entry, with the accounts that it names."""
        target_id = entry["target_id"]
        return cls(
            id=str(entry["_id"]),
            at=as_timestamp(entry["at"]),
            actor=PersonView.of(str(entry["actor_id"]), accounts),
            action=entry["action"],
            target=TargetView(
                kind=entry["target_kind"], id=target_id, **_called(accounts.get(target_id))
            ),
            address=entry["address"],
            details=entry["details"],
        )


class AuditQuery(PageQuery, frozen=True, kw_only=True):
    """Which entries; `from` and `to` are days or times, both inclusive."""

    actor: str | None = None
    action: str | None = None
    target: str | None = None
    since: str | None = msgspec.field(default=None, name="from")
    to: str | None = None


class AuditLogHandler(PagedHandler, SocioxHandler):
    """See what staff did, filtered by who, what, on what and when."""

    async def get(self) -> None:
        """Added (issue 4): newest first; `from` and `to` are days or times, both inclusive."""
        query = self.read_query(AuditQuery)
        which = read_audit_filter(
            actor=query.actor,
            action=query.action,
            target=query.target,
            since=query.since,
            to=query.to,
        )
        found = await self.services.access.audit.page(which, self.page_request())
        self.render_message(
            "Audit log retrieved successfully",
            [AuditEntryView.of(entry, found.accounts) for entry in found.page.items],
            meta=Meta.of(found.page),
        )


def _called(user: Document | None) -> dict[str, str | None]:
    if user is None:
        return {"name": None, "email": None}
    name = f"{user.get('first_name', '')} {user.get('last_name', '')}".strip()
    return {"name": name or user["username"], "email": user.get("email")}
