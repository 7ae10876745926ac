"""`python -m scripts.check` on roles, orders, promotions, and the lists of products."""

import asyncio
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from repositories.seeding import seed_id
from repositories.shop.postings import PostingRepository
from repositories.shop.promotions import PromotionRepository
from repositories.storage import open_storage
from scripts.seeding.shop import keep_missing
from services.shop.listing import Listing, announcement
from services.shop.product_editing import new_product
from tests.scripts.checking import change, checked

AT = datetime(2025, 1, 18, 10, 0, tzinfo=UTC)
USER, OTHER = ObjectId("65a8f0000000000000000001"), ObjectId("65a8f0000000000000000002")
SAVE10, LIMITED1 = seed_id("promotion SAVE10"), seed_id("promotion LIMITED1")
FINE = (0, ["No problems were found."])


def order(number: int, user_id: ObjectId | None, *used: ObjectId, **fields: Any) -> dict[str, Any]:
    """Two pieces of one product, with what the check looks at."""
    item = {
        "sku": "MOUSE-001",
        "unit_price_minor": 1000,
        "quantity": 2,
        "discount_minor": 200,
        "tax_minor": 158,
        "total_minor": 1958,
    }
    return {
        "number": number,
        "order_number": f"ORD-{number:08}",
        "user_id": user_id,
        "status": "pending",
        "items": [item],
        "subtotal_minor": 2000,
        "discount_minor": 200,
        "tax_minor": 158,
        "shipping_minor": 1500,
        "total_minor": 3458,
        "promotions": [{"id": each, "code": str(each)} for each in used],
        "created_at": AT,
        **fields,
    }


async def take_uses(storage, user_id: ObjectId, promotion_id: ObjectId, count: int) -> None:
    promotions = PromotionRepository(storage)
    async with storage.transaction() as tx:
        for _ in range(count):
            await promotions.take_use(promotion_id, None, tx=tx)
            await promotions.take_use_by(user_id, promotion_id, None, tx=tx)


def test_uses_are_those_of_orders_that_are_not_cancelled(data_dir, capsys):
    async def shop(storage):
        await storage["orders"].insert_many(
            [
                order(1, USER, SAVE10, LIMITED1),
                order(2, USER, SAVE10, status="delivered"),
                order(3, USER, SAVE10, status="cancelled"),
                order(4, OTHER),
            ]
        )
        await take_uses(storage, USER, SAVE10, 2)
        await take_uses(storage, USER, LIMITED1, 1)
        # Of an account that is gone, only the total is left.
        await storage["orders"].insert_one(order(5, None, SAVE10))
        await storage["promotions"].update_one({"_id": SAVE10}, {"$inc": {"uses": 1}})

    change(data_dir, shop)
    assert checked(data_dir, capsys) == FINE


def test_uses_that_are_counted_wrong(data_dir, capsys):
    async def miscount(storage):
        await storage["orders"].insert_many([order(1, USER, SAVE10), order(2, OTHER, LIMITED1)])
        await take_uses(storage, USER, SAVE10, 3)

    change(data_dir, miscount)
    assert checked(data_dir, capsys) == (
        1,
        [
            f"promotion_uses: 0 uses of {LIMITED1} are counted for {OTHER}; "
            "1 orders did that are not cancelled.",
            "promotions: LIMITED1 says that it was used 0 times; "
            "1 orders did that are not cancelled.",
            "promotions: SAVE10 says that it was used 3 times; "
            "1 orders did that are not cancelled.",
            f"promotion_uses: 3 uses of {SAVE10} are counted for {USER}; "
            "1 orders did that are not cancelled.",
        ],
    )


def test_sums_of_an_order_that_do_not_follow_from_its_lines(data_dir, capsys):
    async def miscalculate(storage):
        wrong = order(1, USER, total_minor=3459, tax_minor=159)
        wrong["items"][0]["total_minor"] = 1959
        await storage["orders"].insert_one(wrong)

    change(data_dir, miscalculate)
    assert checked(data_dir, capsys) == (
        1,
        [
            "orders: of ORD-00000001, tax_minor is 159, and its lines come to 158.",
            "orders: of ORD-00000001, MOUSE-001 is 1959, and comes to 1958.",
        ],
    )


def test_roles_and_permissions_that_are_not_there(data_dir, capsys):
    async def lose(storage):
        granted, known = ObjectId(), ObjectId()
        await storage["roles"].insert_one(
            {"_id": known, "name": "Packer", "name_key": "packer", "permission_ids": [granted]}
        )
        user = await storage["users"].find_one_and_update(
            {"roles": "user"}, {"$set": {"role_ids": [known, USER]}}
        )
        return granted, user["_id"]

    granted, user_id = change(data_dir, lose)
    assert checked(data_dir, capsys) == (
        1,
        [
            f"users: {user_id} has the role {USER}, which is not there.",
            f"roles: Packer grants the permission {granted}, which is not there.",
        ],
    )


def test_products_that_lists_and_searches_miss_or_show_wrongly(data_dir, capsys):
    async def mix_up(storage):
        numbers = {
            product["_id"]: product["number"] async for product in storage["products"].find({})
        }
        cable, mouse, retired = (1 << numbers[f"prod-{each}"] for each in (3, 2, 5))
        async with storage.transaction() as tx:
            await PostingRepository(storage).change(
                {"usb": {0: mouse}, "@": {0: retired}, "@category:cat-1": {0: 1 << 99}},
                {"cabl": {0: cable}, "@category:cat-3": {0: cable}},
                tx=tx,
            )

    change(data_dir, mix_up)
    code, problems = checked(data_dir, capsys)
    assert code == 1
    assert sorted(problems) == [
        "postings: prod-2 is under 'usb'.",
        "postings: prod-3 is not under '@category:cat-3'.",
        "postings: prod-3 is not under 'cabl'.",
        "postings: prod-5 is under '@'.",
        "postings: product 99 is under '@category:cat-1'.",
    ]


def test_products_that_an_import_is_still_to_keep_are_no_problem(data_dir, capsys):
    async def announce(storage):
        listing = Listing(PostingRepository(storage))
        product = {**_product(50), "number": 50}
        for part in announcement([product]):
            async with storage.transaction() as tx:
                await listing.announce(part, tx=tx)

    change(data_dir, announce)
    assert checked(data_dir, capsys) == FINE


async def test_a_shop_that_sells_meanwhile_is_no_problem(data_dir, capsys):
    server = await open_storage("embedded", data_dir)
    promotions = PromotionRepository(server)
    checks = asyncio.get_running_loop().run_in_executor(
        None, lambda: [checked(data_dir, capsys) for _ in range(2)]
    )

    async def sell(user_id: ObjectId, first: int) -> int:
        number = first
        while not checks.done():
            async with server.transaction() as tx:
                placed = order(number, user_id, SAVE10)
                await server["orders"].insert_one(placed, session=tx)
                await promotions.take_use(SAVE10, None, tx=tx)
                await promotions.take_use_by(user_id, SAVE10, None, tx=tx)
            if number % 3 == 0:
                async with server.transaction() as tx:
                    cancelled = {"$set": {"status": "cancelled"}}
                    await server["orders"].update_one({"_id": placed["_id"]}, cancelled, session=tx)
                    await promotions.return_use(user_id, SAVE10, tx=tx)
            await keep_missing(server, [_product(number)], clock=lambda: AT)
            number += 1
        return number - first

    counts = await asyncio.gather(sell(USER, 1_000_000), sell(OTHER, 2_000_000))
    assert await checks == [FINE] * 2
    assert all(counts)
    await server.close()


def _product(number: int) -> dict[str, Any]:
    return new_product(
        {
            "_id": f"new-{number}",
            "sku": f"NEW-{number}",
            "name": f"Folding chair {number}",
            "base_price": {"amount": 100, "currency": "USD"},
            "category_id": "cat-2",
        }
    )
