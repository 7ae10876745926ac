"""Which users are asked for, read from a query's text."""

from repositories.accounts.users import UserFilter
from services.access.actor import Role
from services.filters import read_choice

_YES_OR_NO = ("true", "false")


def read_user_filter(
    *, search: str | None, kind: str | None, active: str | None, role: str | None
) -> UserFilter:
    """The filter that a query names; None asks for all. Raises InvalidFilter.

    `search` is what an email address, phone number or a word of a name begins with, in any
    case; `kind` is the query's `type`.
    """
    if kind is not None:
        read_choice(kind, "type", ("parent", "child"))
    if active is not None:
        read_choice(active, "active", _YES_OR_NO)
    if role is not None:
        read_choice(role, "role", Role)
    return UserFilter(
        prefix=(search or "").strip(),
        # Everybody has `user`.
        role=None if role == Role.USER else role,
        is_child=None if kind is None else kind == "child",
        is_active=None if active is None else active == "true",
    )
