"""Which of everybody's orders are asked for, read from text."""

import re
from datetime import UTC, datetime, timedelta

from repositories.shop.orders import OrderFilter
from services.filters import InvalidFilter, read_account_id, read_choice
from services.shop.order_statuses import OrderStatus

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


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
        user_id=None if user_id is None else read_account_id(user_id, "user_id"),
        status=None if status is None else read_status(status).value,
        order_number=order_number,
        placed_from=None if first_day is None else _day(first_day, "from"),
        placed_before=before,
    )


def read_status(text: str) -> OrderStatus:
    """The status with this name. Raises InvalidFilter."""
    return OrderStatus(read_choice(text, "status", OrderStatus))


def _day(text: str, name: str) -> datetime:
    problem = InvalidFilter(f"{name} must be a day as YYYY-MM-DD")
    if not _DATE.fullmatch(text) or text == "9999-12-31":  # which has no day after it
        raise problem
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise problem from None
