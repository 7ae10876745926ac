"""The example promotions (CONTRACT section 8)."""

from datetime import UTC, datetime
from typing import Any

from repositories.seeding import SeedRepository, seed_id
from repositories.shop import promotions
from repositories.types import Document

_AT = datetime(2025, 1, 18, 10, 0, tzinfo=UTC)
_LONG_AGO = datetime(2024, 12, 1, tzinfo=UTC)


def promotion(code: str, **terms: Any) -> Document:
    """A promotion without limits, but for the terms given."""
    return {
        "_id": seed_id(f"promotion {code}"),
        "code": code,
        "percent": None,
        "amount": None,
        "minimum_spend": None,
        "starts_at": None,
        "ends_at": None,
        "max_uses": None,
        "max_uses_per_user": None,
        "uses": 0,
        "status": "active",
        "created_at": _AT,
        "updated_at": _AT,
        **terms,
    }


PROMOTIONS = (
    promotion("SAVE10", percent=10),
    promotion("EXPIRED10", percent=10, ends_at=_LONG_AGO),
    promotion("LIMITED1", percent=10, max_uses=1),
    promotion("LIMITED2", percent=10, max_uses=2),
    promotion("MINUS500", amount={"amount": 500, "currency": "USD"}),
)


async def seed(repository: SeedRepository) -> int:
    """Add what is missing and tell how many documents that were."""
    return await repository.insert_missing(promotions.COLLECTION, PROMOTIONS)
