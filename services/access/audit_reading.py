"""Reading the audit log: page by page, with the people in it as they are called now."""

from dataclasses import dataclass

from bson import ObjectId

from repositories.access.audit_entries import AuditEntryRepository, AuditFilter
from repositories.accounts.users import UserRepository
from repositories.types import Document
from services.access.audit import AuditAction
from services.access.texts import parse_id
from services.filters import InvalidFilter, read_account_id, read_choice, read_from, read_to
from services.pagination import Page, PageRequest

_ACCOUNTS = ("user", "admin")


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some entries, and the accounts they name by id, without those that are gone."""

    page: Page
    accounts: dict[str, Document]


class AuditReader:
    """Answers who did what, newest first."""

    def __init__(self, entries: AuditEntryRepository, users: UserRepository):
        self._entries = entries
        self._users = users

    async def page(self, which: AuditFilter, page: PageRequest) -> AuditPage:
        """A page of the entries that a filter means."""
        items = await self._entries.page(which, page.offset, page.size)
        total = await self._entries.count(which)
        ids = {entry["actor_id"] for entry in items} | {
            ObjectId(entry["target_id"]) for entry in items if _is_of_account(entry)
        }
        accounts = {str(user["_id"]): user for user in await self._users.with_ids(sorted(ids))}
        return AuditPage(Page(items, total, page), accounts)


def read_audit_filter(
    *, actor: str | None, action: str | None, target: str | None, since: str | None, to: str | None
) -> AuditFilter:
    """The filter that a query names; None asks for all. Raises InvalidFilter."""
    if target is not None and not target:
        raise InvalidFilter("target must be the id of what was acted on")
    return AuditFilter(
        actor_id=None if actor is None else read_account_id(actor, "actor"),
        action=None if action is None else read_choice(action, "action", AuditAction),
        target_id=target,
        done_from=None if since is None else read_from(since),
        done_before=None if to is None else read_to(to),
    )


def _is_of_account(entry: Document) -> bool:
    return entry["target_kind"] in _ACCOUNTS and parse_id(entry["target_id"]) is not None
