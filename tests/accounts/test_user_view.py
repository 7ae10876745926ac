"""The one user object of SHOP and SOCIOX (CONTRACT section 3)."""

from datetime import UTC, datetime

import pytest
from bson import ObjectId

from handlers.accounts.user_view import UserView

AT = datetime(2025, 1, 18, 10, 0, tzinfo=UTC)
USER = {
    "_id": ObjectId(),
    "phone_identifier": "+13800138000",
    "type": "parent",
    "is_active": True,
    "created_at": AT,
    "updated_at": AT,
}


@pytest.mark.parametrize(
    ("options", "shown"), [({}, "+13800138000"), ({"shows_phone_number": False}, None)]
)
def test_a_phone_number_is_for_its_owner_and_for_admins(
    options: dict[str, bool], shown: str | None
):
    assert UserView.of(USER, ["user"], **options).phone_number == shown
