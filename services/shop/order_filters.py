"""Which of everybody's orders are asked for, read from text."""

import re
from datetime import UTC, datetime, timedelta

from bson import ObjectId

from repositories.shop.orders import OrderFilter
from services.errors import Invalid
from services.shop.order_statuses import OrderStatus

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class InvalidFilter(Invalid):
    """A filter takes something else; the message says what."""

    code = "invalid_filter"


def read_order_filter(
    *,
    status: str | None,
    user_id: str | None,
    order_number: str | None,
    first_day: str | None,
    last_day: str | None,
) -> OrderFilter:
    """The filter that a query names; days are UTC's, both inclusive. Raises InvalidFilter."""
    before = None if last_day is None else _day(last_day, "to") + timedelta(days=1)
    return OrderFilter(
        user_id=None if user_id is None else _account_id(user_id),
        status=None if status is None else read_status(status).value,
        order_number=order_number,
        placed_from=None if first_day is None else _day(first_day, "from"),
        placed_before=before,
    )


def read_status(text: str) -> OrderStatus:
    """The status with this name. Raises InvalidFilter."""
    try:
        return OrderStatus(text)
    except ValueError:
        raise InvalidFilter(f"status must be one of {', '.join(OrderStatus)}") from None


def _account_id(text: str) -> ObjectId:
    if not ObjectId.is_valid(text):
        raise InvalidFilter("user_id must be an account's id")
    return ObjectId(text)


def _day(text: str, name: str) -> datetime:
    problem = InvalidFilter(f"{name} must be a day as YYYY-MM-DD")
    if not _DATE.fullmatch(text) or text == "9999-12-31":  # which has no day after it
        raise problem
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise problem from None
