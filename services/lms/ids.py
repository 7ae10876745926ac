"""Ids as they come in."""

from bson import ObjectId

from services.errors import NotFound
from services.lms.errors import InvalidField


def path_id(text: str, not_found: type[NotFound]) -> ObjectId:
    """The id in a path. Raises `not_found` for one that nothing can have."""
    if not ObjectId.is_valid(text):
        # Each of LMS's NotFound has its own message.
        raise not_found()  # type: ignore[call-arg]
    return ObjectId(text)


def given_id(text: str, field: str) -> ObjectId:
    """The id in a body or a query. Raises InvalidField for one that nothing can have."""
    if not ObjectId.is_valid(text):
        raise InvalidField(field, "must be an id of 24 hex digits")
    return ObjectId(text)
