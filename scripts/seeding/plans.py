"""SOCIOX's example plans (CONTRACT section 8): `basic` and `premium`, as the document has them."""

from datetime import UTC, datetime
from decimal import Decimal

from repositories.seeding import SeedRepository, seed_id
from repositories.sociox import plans
from repositories.sociox.decimals import as_stored
from repositories.storage import Storage
from repositories.types import Document
from services.sociox.plan_terms import PlanTerms
from services.sociox.plans import new_plan

_AT = datetime(2025, 1, 18, 10, 0, tzinfo=UTC)
_REPORT_TYPES, _EXPORT_FORMATS = ["basic", "advanced"], ["pdf", "csv"]


def _usd(amount: str, **savings: Decimal) -> Document:
    return {"amount": Decimal(amount), "currency": "USD", **savings}


BASIC = PlanTerms(
    name="basic",
    display_name="Basic Plan",
    price={"monthly": _usd("29.99"), "yearly": _usd("299.99", savings=Decimal("59.89"))},
    features={
        "socialAccounts": {
            "total": 5,
            "perPlatform": {"facebook": 2, "instagram": 2, "twitter": 1},
        },
        "teamMembers": 3,
        "posting": {"postsPerDay": 10, "bulkScheduling": True, "autoScheduling": False},
        "analytics": {
            "reportTypes": _REPORT_TYPES,
            "exportFormats": _EXPORT_FORMATS,
            "retentionDays": 30,
        },
        "support": "email",
        "additional": {
            "customBranding": False,
            "apiAccess": False,
            "contentCalendar": True,
            "hashtagManager": True,
        },
    },
    recommended=False,
    category="basic",
)
PREMIUM = PlanTerms(
    name="premium",
    display_name="Premium Plan",
    price={"monthly": _usd("29.99"), "yearly": _usd("299.99", savings=Decimal(60))},
    features={
        "socialAccounts": {
            "total": 10,
            "perPlatform": {"facebook": 3, "instagram": 3, "twitter": 4},
        },
        "teamMembers": 5,
        "posting": {"postsPerDay": 20, "bulkScheduling": True, "autoScheduling": True},
        "analytics": {
            "reportTypes": _REPORT_TYPES,
            "exportFormats": _EXPORT_FORMATS,
            "retentionDays": 365,
        },
        "support": "24/7",
        "additional": {
            "customBranding": True,
            "apiAccess": True,
            "contentCalendar": True,
            "hashtagManager": True,
        },
    },
    recommended=True,
    category="enterprise",
)


async def seed(repository: SeedRepository, storage: Storage) -> int:
    """Add what is missing and tell how many documents that were.

    One whose name is taken by a plan of somebody's own is not missing, nor is a deleted one.
    """
    taken = {plan["name"] for plan in await plans.PlanRepository(storage).live({})}
    return await repository.insert_missing(
        plans.COLLECTION, [_plan(terms) for terms in (BASIC, PREMIUM) if terms.name not in taken]
    )


def _plan(terms: PlanTerms) -> Document:
    fields = terms.as_document()
    fields["features"] = as_stored(fields["features"])
    return new_plan(seed_id(f"plan {terms.name}"), fields, at=_AT)
