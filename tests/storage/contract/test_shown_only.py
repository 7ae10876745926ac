"""Documents that are only shown: their dates come without a time zone, and mean the same."""

from datetime import UTC, datetime, timedelta

import pytest
from pymongo import ASCENDING, DESCENDING, IndexModel

from repositories.types import SHOWN_ONLY

FIRST = datetime(2025, 1, 18, 10, 0, 0, 123000, tzinfo=UTC)
MOMENTS = [FIRST + timedelta(hours=hours) for hours in range(4)]
NAIVE = [moment.replace(tzinfo=None) for moment in MOMENTS]


@pytest.fixture
def samples(storage, io_loop):
    collection = storage["samples"]
    io_loop.run_sync(lambda: collection.create_indexes([IndexModel([("indexed", ASCENDING)])]))
    documents = [
        {"_id": number, "indexed": moment, "plain": moment, "in": {"list": [moment]}}
        for number, moment in enumerate(MOMENTS)
    ]
    io_loop.run_sync(lambda: collection.insert_many(documents))
    return collection


@pytest.mark.differs(nx=115)
async def test_dates_come_without_a_time_zone_wherever_they_are(samples):
    shown = samples.with_options(SHOWN_ONLY)
    expected = {"_id": 1, "indexed": NAIVE[1], "plain": NAIVE[1], "in": {"list": [NAIVE[1]]}}
    assert await shown.find_one({"_id": 1}) == expected
    assert (await shown.find({}).to_list(None))[1] == expected
    assert [each async for each in shown.find({"_id": 1})] == [expected]


@pytest.mark.differs(nx=115)
@pytest.mark.parametrize("field", ["indexed", "plain", "in.list"])
async def test_they_are_found_and_sorted_like_any_others(samples, field):
    shown = samples.with_options(SHOWN_ONLY)
    wanted = {field: {"$gt": MOMENTS[0], "$lt": MOMENTS[3]}}
    found = await shown.find(wanted).sort([(field, DESCENDING)]).to_list(None)
    assert [document["plain"] for document in found] == [NAIVE[2], NAIVE[1]]
    assert await shown.find_one({field: MOMENTS[2]}) == found[0]


@pytest.mark.differs(nx=115)
async def test_the_collection_itself_stays_as_it_was(samples):
    samples.with_options(SHOWN_ONLY)
    assert (await samples.find_one({"_id": 1}))["plain"] == MOMENTS[1]
