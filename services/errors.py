"""What can go wrong in the business, as a small set of kinds.

A service raises a subclass whose name and message tell the caller what to
change. Status and envelope belong to the family (`handlers/errors.py`).
"""

from typing import ClassVar

from services.limits import Quota


class DomainError(Exception):
    """A refusal with a stable `code` and a message for the caller."""

    code: ClassVar[str] = "error"

    quotas: tuple[Quota, ...] = ()
    """What is left of the limits that such requests count against, where they do."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message


class Invalid(DomainError):
    """The request can't be carried out as it stands; the message says what to change."""

    code = "invalid_request"


class Unauthenticated(DomainError):
    """Who asks is not known: sign in and send the access token."""

    code = "unauthenticated"


class Forbidden(DomainError):
    """Who asks is known and may not do this."""

    code = "forbidden"


class NotFound(DomainError):
    """There is no such thing, or none the caller may know of."""

    code = "not_found"


class Conflict(DomainError):
    """The request contradicts what is stored."""

    code = "conflict"


class Throttled(DomainError):
    """Too much of this from the caller; it may be tried again later.

    `exceeded` is the limit that it met.
    """

    code = "too_many_requests"

    def __init__(self, message: str, exceeded: Quota):
        super().__init__(message)
        self.quotas = (exceeded,)
        self.retry_after_seconds = max(1, exceeded.reset_seconds or 0)


class Unavailable(DomainError):
    """The server can't do this now, through no fault of the caller."""

    code = "unavailable"

    def __init__(self, message: str, *, retry_after_seconds: int = 1):
        super().__init__(message)
        self.retry_after_seconds = max(1, retry_after_seconds)
