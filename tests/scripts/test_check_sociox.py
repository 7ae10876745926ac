"""`python -m scripts.check` on subscriptions and their ledger."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from repositories.storage import Storage, open_storage
from tests import harness
from tests.scripts.checking import change, checked
from tests.sociox.subscribing import add_plan, add_subscriber

FINE = (0, ["No problems were found."])
STRANGER = ObjectId("65a8f0000000000000000001")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a subscription in its fourth period, after a change in the second."""
    path = tmp_path_factory.mktemp("filled")

    async def fill() -> None:
        api = await harness.start(await open_storage("embedded", path))
        plan_id, ann = await add_plan(api), await add_subscriber(api)
        await ann.subscribe(plan_id)
        api.clock.advance(days=40)
        await ann.update(plan_id)
        api.clock.advance(days=31)
        assert (await ann.ledger()).status == 200
        await api.close()

    asyncio.run(fill())
    return path


@pytest.fixture
def data_dir(filled: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(filled, tmp_path / "data"))


async def the_one(storage: Storage) -> dict[str, Any]:
    """The subscription."""
    found = await storage["subscriptions"].find_one({})
    assert found is not None
    return found


def set_in(collection: str, which: dict[str, Any], **changes: Any) -> Any:
    """Change one document, and answer the subscription as it was before."""

    async def body(storage: Storage) -> dict[str, Any]:
        before = await the_one(storage)
        result = await storage[collection].update_one(which, {"$set": changes})
        assert result.modified_count == 1
        return before

    return body


def test_subscriptions_of_every_kind_fit_together(data_dir: Path, capsys):
    assert checked(data_dir, capsys) == FINE


LEDGER = "ledger_entries"
CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any], list[str]]] = {
    "ended and live": (
        "subscriptions",
        {},
        {"status": "expired"},
        ["is live and expired"],
    ),
    "not live and active": (
        "subscriptions",
        {},
        {"is_live": False},
        ["is not live and active"],
    ),
    "another anchor": (
        "subscriptions",
        {},
        {"anchor_period": 2},
        [
            "has period 4 be 2025-03-27 10:00:00 to 2025-04-27 10:00:00, and it is "
            "2025-04-27 10:00:00 to 2025-05-27 10:00:00"
        ],
    ),
    "no account": (
        "subscriptions",
        {},
        {"user_id": STRANGER},
        [f"is of the account {STRANGER}, which is not there"],
    ),
    "a period without a charge": (
        LEDGER,
        {"type": "charge", "period": 2},
        {"period": 7},
        ["was not charged for period 2", "was charged for period 7, which has not begun"],
    ),
    "too large a credit": (
        LEDGER,
        {"type": "credit"},
        {"amount_minor": 3000},
        ["was credited more than it was charged for period 2"],
    ),
    "another price": (
        LEDGER,
        {"period": 4},
        {"amount_minor": 2998},
        ["was not charged its price for period 4"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_subscription_says_is_held_against_the_rest(case: str, data_dir: Path, capsys):
    collection, which, changes, faults = CASES[case]
    subscription = change(data_dir, set_in(collection, which, **changes))
    expected = [f"subscriptions: {subscription['_id']} {fault}." for fault in faults]
    assert checked(data_dir, capsys) == (1, expected)


def test_entries_of_no_subscription(data_dir: Path, capsys):
    async def lose(storage: Storage) -> dict[str, Any]:
        lost = await the_one(storage)
        await storage["subscriptions"].delete_many({})
        return lost

    lost = change(data_dir, lose)
    assert checked(data_dir, capsys) == (
        1,
        [f"ledger_entries: 5 are of {lost['_id']}, which is not there."],
    )


def test_entries_of_a_deleted_account_are_of_no_subscription_any_more(data_dir: Path, capsys):
    async def erase(storage: Storage) -> None:
        await storage["subscriptions"].delete_many({})
        await storage[LEDGER].update_many({}, {"$set": {"user_id": None}})

    change(data_dir, erase)
    assert checked(data_dir, capsys) == FINE
