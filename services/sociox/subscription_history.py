"""What a subscription remembers of its changes; renewals are in the ledger. Pure."""

from datetime import datetime
from enum import StrEnum

from repositories.types import Document

_TERMS = ("plan_id", "plan_name", "billing_cycle", "price_minor", "currency")


class By(StrEnum):
    """Who changed it: its holder, an admin, or nobody but time."""

    USER = "user"
    ADMIN = "admin"
    TIME = "time"


def history_entry(
    event: str, terms: Document, *, by: By, at: datetime, reason: str | None = None
) -> Document:
    """An event, and the terms that hold from it on (`terms` has a subscription's fields)."""
    kept = {field: terms[field] for field in _TERMS}
    return {"event": event, "at": at, "by": by.value, **kept, "reason": reason}
