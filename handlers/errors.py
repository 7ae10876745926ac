"""What a domain error becomes over HTTP: its status here, its envelope in the family's handler."""

from collections.abc import Mapping

from repositories.errors import is_unavailable
from services.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Invalid,
    NotFound,
    Throttled,
    Unauthenticated,
    Unavailable,
)


class UnknownRoute(DomainError):
    """Nothing is served at this path."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__("Nothing is served at this path")


class MethodNotAllowed(DomainError):
    """The path is served, but not for this method."""

    code = "method_not_allowed"

    def __init__(self, allowed: tuple[str, ...]):
        super().__init__(f"Method not allowed; this path takes {', '.join(allowed)}")
        self.allowed = allowed


class BodyTooLarge(DomainError):
    """The body has more bytes than the route takes."""

    code = "body_too_large"

    def __init__(self, limit_bytes: int):
        super().__init__(f"The body must be at most {limit_bytes} bytes")


class TooManyBodies(Unavailable):
    """So much is being received that this body has no room beside it."""

    def __init__(self) -> None:
        super().__init__("The server is receiving too much at once; try again in a moment")


class UnsupportedMediaType(DomainError):
    """The body is of a kind that is not read."""

    code = "unsupported_media_type"

    def __init__(self, kind: str):
        super().__init__(f"Send the body as plain JSON, not as {kind}")


class MalformedRequest(DomainError):
    """The request can't be read as HTTP asks for."""

    code = "bad_request"

    def __init__(self) -> None:
        super().__init__("The request is malformed")


class InternalError(DomainError):
    """Something nobody foresaw; the log has it under the request's id."""

    code = "internal_error"

    def __init__(self) -> None:
        super().__init__("Internal server error")


STATUSES: dict[type[DomainError], int] = {
    Invalid: 400,
    MalformedRequest: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    UnknownRoute: 404,
    MethodNotAllowed: 405,
    Conflict: 409,
    BodyTooLarge: 413,
    UnsupportedMediaType: 415,
    Throttled: 429,
    InternalError: 500,
    Unavailable: 503,
}


def status_of(error: type[DomainError], special: Mapping[type[DomainError], int]) -> int:
    """The status of a kind of error: what the route says, else what its own kind says."""
    for statuses in (special, STATUSES):
        for kind in error.__mro__:
            if kind in statuses:
                return statuses[kind]
    return 500


def as_domain_error(error: BaseException | None) -> DomainError:
    """What the caller is told of any exception."""
    if isinstance(error, DomainError):
        return error
    if is_unavailable(error):
        return Unavailable("The storage can't answer now; try again in a moment")
    return InternalError()
