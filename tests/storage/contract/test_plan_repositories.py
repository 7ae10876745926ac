"""The queries of plans, as the repository makes them, and their numbers, on every engine."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from bson import ObjectId

from repositories.errors import Taken
from repositories.indexes import ensure_indexes
from repositories.sociox.plans import PlanRepository
from repositories.types import Document

NOON = datetime(2025, 1, 18, 12, 0, tzinfo=UTC)
FEATURES: dict[str, Any] = {
    "teamMembers": 5,
    "large": 2**40,
    "larger": Decimal(10**20),
    "precise": Decimal("0.1000000000000000055511151231257827"),
    "written": [Decimal("29.90"), {"deep": Decimal("-0.0")}],
}


def plan(name: str, minutes: int = 0, **fields: object) -> Document:
    """A plan made so many minutes after noon."""
    return {
        "_id": ObjectId(),
        "name": name,
        "features": {},
        "category": "basic",
        "status": "active",
        "is_deleted": False,
        "created_at": NOON + timedelta(minutes=minutes),
        **fields,
    }


@pytest.mark.differs(nx=114)
async def test_numbers_of_features_come_back_to_the_last_digit(storage):
    plans = PlanRepository(storage)
    kept = plan("premium", features=FEATURES)
    await plans.insert(kept, tx=None)
    found = await plans.find(kept["_id"])
    assert found == kept
    assert str(found["features"]) == str(FEATURES)
    await plans.update(kept["_id"], {"features": {"a": Decimal("1.50")}}, tx=None)
    found = await plans.lock(kept["_id"], tx=None)
    assert found is not None
    assert str(found["features"]) == "{'a': Decimal('1.50')}"
    assert await plans.find(ObjectId()) is None
    assert await plans.lock(ObjectId(), tx=None) is None


@pytest.mark.differs(nx=117)
async def test_live_plans_by_what_they_are_the_oldest_first(storage):
    await ensure_indexes(storage)
    plans = PlanRepository(storage)
    for each in (
        plan("c", 3),
        plan("a", 1),
        plan("b", 2, category="other"),
        plan("d", 4, status="inactive"),
        plan("e", 5, is_deleted=True),
    ):
        await plans.insert(each, tx=None)
    for wanted, names in (
        ({}, ["a", "b", "c", "d"]),
        ({"category": "basic"}, ["a", "c", "d"]),
        ({"category": "basic", "status": "active"}, ["a", "c"]),
        ({"status": "inactive"}, ["d"]),
        ({"name": "b", "category": "other"}, ["b"]),
        ({"name": "e"}, []),
    ):
        assert [each["name"] for each in await plans.live(wanted)] == names
    assert await plans.count_live(tx=None) == 4


@pytest.mark.differs(nx=117)
async def test_a_name_is_free_again_when_its_plan_is_deleted(storage):
    await ensure_indexes(storage)
    plans = PlanRepository(storage)
    first, other = plan("premium"), plan("other")
    for each in (first, other):
        await plans.insert(each, tx=None)
    with pytest.raises(Taken):
        await plans.insert(plan("premium"), tx=None)
    with pytest.raises(Taken):
        await plans.update(other["_id"], {"name": "premium"}, tx=None)
    await plans.update(first["_id"], {"is_deleted": True}, tx=None)
    await plans.update(other["_id"], {"name": "premium"}, tx=None)
    found = await plans.find(first["_id"])
    assert found is not None
    assert (found["name"], found["is_deleted"]) == ("premium", True)
