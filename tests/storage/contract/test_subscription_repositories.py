"""The queries of subscriptions and of their ledger, as the repositories make them."""

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from repositories.errors import Taken, WriteConflict
from repositories.indexes import ensure_indexes
from repositories.sociox.ledger import LedgerRepository
from repositories.sociox.subscriptions import HISTORY_LENGTH, SubscriptionRepository
from repositories.types import Document

NOON = datetime(2025, 1, 18, 12, 0, tzinfo=UTC)
ANN, BOB = ObjectId(), ObjectId()


def subscription(user_id: ObjectId, days: int = 30, **fields: object) -> Document:
    """As much of a live subscription as is asked for, which ends so many days after noon."""
    return {
        "_id": ObjectId(),
        "user_id": user_id,
        "is_live": True,
        "version": 1,
        "end_at": NOON + timedelta(days=days),
        "history": [],
        "created_at": NOON,
        **fields,
    }


def entry(subscription_id: ObjectId, period: int, kind: str = "charge") -> Document:
    """As much of an entry of ann's as is asked for."""
    return {
        "_id": ObjectId(),
        "user_id": ANN,
        "subscription_id": subscription_id,
        "type": kind,
        "period": period,
        "created_at": NOON + timedelta(days=period // 2),
    }


@pytest.mark.differs(nx=116)
async def test_an_account_has_one_live_subscription_and_any_number_of_past_ones(storage):
    await ensure_indexes(storage)
    subscriptions = SubscriptionRepository(storage)
    past = [subscription(ANN, is_live=False) for _ in range(2)]
    live = subscription(ANN, created_at=NOON + timedelta(days=1))
    for each in (*past, live, subscription(BOB)):
        await subscriptions.insert(each, tx=None)
    with pytest.raises(Taken):
        await subscriptions.insert(subscription(ANN), tx=None)
    assert await subscriptions.find_newest(ANN) == live
    assert await subscriptions.find_newest(ObjectId()) is None
    await subscriptions.delete_of(ANN, tx=None)
    assert await subscriptions.find_newest(ANN) is None
    assert await subscriptions.find(live["_id"], tx=None) is None
    assert await subscriptions.find_newest(BOB) is not None


@pytest.mark.differs(nx=116)
async def test_those_that_are_due_come_in_the_order_of_their_ends(storage):
    await ensure_indexes(storage)
    subscriptions = SubscriptionRepository(storage)
    kept = [subscription(ObjectId(), days) for days in (3, 1, 2, 4)]
    for each in (*kept, subscription(ObjectId(), 1, is_live=False)):
        await subscriptions.insert(each, tx=None)
    third, first, second, _ = (each["_id"] for each in kept)
    at = NOON + timedelta(days=3)
    assert await subscriptions.due(at, 10) == [first, second, third]
    assert await subscriptions.due(at, 2) == [first, second]
    assert await subscriptions.due(NOON, 10) == []


@pytest.mark.differs(nx=116)
async def test_a_subscription_is_changed_by_those_who_saw_it_as_it_is(storage):
    await ensure_indexes(storage)
    subscriptions, live = SubscriptionRepository(storage), subscription(ANN)
    await subscriptions.insert(live, tx=None)
    changed = await subscriptions.claim_change(live, {"period": 2}, None, tx=None)
    assert changed == {**live, "period": 2, "version": 2}
    with pytest.raises(WriteConflict):
        await subscriptions.claim_change(live, {"period": 9}, None, tx=None)
    for number in range(HISTORY_LENGTH + 2):
        changed = await subscriptions.claim_change(
            changed, {"period": number}, {"event": number}, tx=None
        )
    assert [each["event"] for each in changed["history"]] == list(range(2, HISTORY_LENGTH + 2))
    assert await subscriptions.lock(live["_id"], tx=None) == changed


@pytest.mark.differs(nx=116)
async def test_a_period_is_charged_once_and_credited_once(storage):
    await ensure_indexes(storage)
    ledger, one = LedgerRepository(storage), ObjectId()
    kept = [entry(one, 1), entry(one, 1, "credit"), entry(one, 2), entry(one, 3)]
    await ledger.insert(kept, tx=None)
    with pytest.raises(WriteConflict):
        await ledger.insert([entry(one, 2)], tx=None)
    await ledger.insert([entry(ObjectId(), 2)], tx=None)
    page = await ledger.page(ANN, 0, 2)
    assert [each["period"] for each in page] == [3, 2]
    assert (await ledger.page(ANN, 3, 10))[-2:] == [kept[1], kept[0]]
    assert await ledger.count(ANN) == 5
    await ledger.forget_holder(ANN, tx=None)
    assert (await ledger.count(ANN), await ledger.page(ANN, 0, 10)) == (0, [])
