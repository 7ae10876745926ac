"""How moments are written in answers (CONTRACT section 2)."""

from datetime import UTC, datetime


def as_timestamp(moment: datetime) -> datetime:
    """In whole seconds; msgspec writes that as `2025-01-18T10:00:00Z`, far faster than Python.

    A moment without a time zone is in UTC (`repositories.types.SHOWN_ONLY`).
    """
    if moment.tzinfo is None:
        return moment.replace(microsecond=0, tzinfo=UTC)
    return moment.replace(microsecond=0) if moment.microsecond else moment
