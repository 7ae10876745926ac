"""The one user object of SHOP and SOCIOX (CONTRACT section 3)."""

from datetime import datetime

from handlers.base import Answer
from handlers.timestamps import as_timestamp
from repositories.types import Document
from services.access.actor import Role


class UserView(Answer, frozen=True, kw_only=True):
    """An account.

    `phone_number` is shown to its owner and to admins, and is null to anybody else. `name` is
    `first_name` and `last_name` in one; a phone account has neither, and no `email`. `roles`
    are all it has, those that staff made too. `permissions` are an admin's limits, or
    what a parent lets its child do; null where nothing limits or grants any.
    """

    id: str
    email: str | None
    email_verified: bool
    phone_number: str | None
    name: str
    first_name: str
    last_name: str
    type: str
    parent_id: str | None
    roles: list[str]
    permissions: list[str] | None
    active: bool
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, user: Document, roles: list[str], *, shows_phone_number: bool = True) -> "UserView":
        """A stored account as its owner or an admin sees it, with the names of its roles.

        For anybody else, such as a child's parent, without `shows_phone_number`.
        """
        first_name, last_name = user.get("first_name", ""), user.get("last_name", "")
        parent_id = user.get("parent_id")
        return cls(
            id=str(user["_id"]),
            email=user.get("email"),
            email_verified=user.get("email_verified", False),
            phone_number=user.get("phone_identifier") if shows_phone_number else None,
            name=f"{first_name} {last_name}".strip(),
            first_name=first_name,
            last_name=last_name,
            type=user["type"],
            parent_id=None if parent_id is None else str(parent_id),
            roles=roles,
            permissions=_permissions(user, roles),
            active=user["is_active"],
            created_at=as_timestamp(user["created_at"]),
            updated_at=as_timestamp(user["updated_at"]),
        )


def _permissions(user: Document, roles: list[str]) -> list[str] | None:
    # Apart from each other: no parent can make its child an admin with limits.
    return user.get("permissions" if Role.ADMIN in roles else "child_permissions")
