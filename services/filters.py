"""Reading the filters of lists from a query's text, the same way for every list."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bson import ObjectId

from services.errors import Invalid

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


class InvalidFilter(Invalid):
    """A filter takes something else; the message says what."""

    code = "invalid_filter"


def read_account_id(text: str, name: str) -> ObjectId:
    """The id that the filter `name` gives. Raises InvalidFilter."""
    if not ObjectId.is_valid(text):
        raise InvalidFilter(f"{name} must be an account's id")
    return ObjectId(text)


def read_choice(text: str, name: str, choices: Iterable[str]) -> str:
    """The one of `choices` that the filter `name` gives. Raises InvalidFilter."""
    known = list(choices)
    if text not in known:
        raise InvalidFilter(f"{name} must be one of {', '.join(known)}")
    return text


def read_from(text: str, name: str = "from") -> datetime:
    """The moment from which on: a time, or a day's beginning in UTC. Raises InvalidFilter."""
    return _moment(text, name)[0]


def read_to(text: str, name: str = "to") -> datetime:
    """The moment before which: just after the second, or the day, given. Raises InvalidFilter."""
    return _moment(text, name)[1]


def _moment(text: str, name: str) -> tuple[datetime, datetime]:
    """When what is given begins, and when it is over."""
    problem = InvalidFilter(f"{name} must be a day as YYYY-MM-DD, or YYYY-MM-DDThh:mm:ssZ")
    if _DAY.fullmatch(text):
        length = timedelta(days=1)
    elif _TIME.fullmatch(text):
        length = timedelta(seconds=1)
    else:
        raise problem
    try:
        begin = datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
        return begin, begin + length
    except (ValueError, OverflowError):  # no such day, or none after it
        raise problem from None
