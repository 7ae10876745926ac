"""What P4 finds wrong after a sale (its pieces: test_bench_shop.py)."""

import asyncio
from pathlib import Path

import pytest
from bson import ObjectId

from repositories.storage import open_storage
from scripts.prove.sale import Findings, Sale

ANN, BOB = ObjectId(), ObjectId()
SALE = Sale("the-last", pieces=4, code="SALE")


def look(customers, *, uses, counts) -> Findings:
    """What is found when these customers have ordered a piece each by the promotion."""

    async def scenario():
        storage = await open_storage("memory", Path())
        try:
            await storage["products"].insert_one({"_id": "the-last", "stock": 4 - len(customers)})
            promotion = {"_id": 7, "code": "SALE", "uses": uses}
            promotion |= {"max_uses": 3, "max_uses_per_user": 2}
            await storage["promotions"].insert_one(promotion)
            for customer, count in counts.items():
                use = {"user_id": customer, "promotion_id": 7, "count": count}
                await storage["promotion_uses"].insert_one(use)
            for customer in customers:
                items = [{"product_id": "the-last", "quantity": 1}]
                order = {"user_id": customer, "items": items, "promotions": [{"code": "SALE"}]}
                await storage["orders"].insert_one(order)
            return await SALE.look(storage, is_over=False)
        finally:
            await storage.close()

    return asyncio.run(scenario())


@pytest.mark.parametrize(
    ("customers", "uses", "counts", "overruns", "problems"),
    [
        ([ANN, ANN, BOB], 3, {ANN: 2, BOB: 1}, 0, []),
        ([ANN, ANN, ANN], 3, {ANN: 3}, 1, ["SALE was used 1 times too often"]),
        ([ANN, ANN, BOB, BOB], 4, {ANN: 2, BOB: 2}, 1, ["SALE was used 1 times too often"]),
        ([ANN], 2, {ANN: 1}, 0, ["SALE: 2 uses counted of 1"]),
        ([ANN], 1, {ANN: 2}, 0, ["SALE: uses by customer are counted wrong"]),
    ],
)
def test_a_use_too_many_or_not_counted_is_told(customers, uses, counts, overruns, problems):
    found = look(customers, uses=uses, counts=counts)
    assert (found.overruns, found.problems, found.oversold, found.lost) == (
        overruns,
        problems,
        0,
        0,
    )
