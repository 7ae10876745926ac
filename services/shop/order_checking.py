"""Looking for orders whose sums are wrong, and promotions whose uses are miscounted."""

from collections.abc import AsyncIterator

from bson import ObjectId

from repositories.shop.checking import OrderCheckingRepository
from repositories.types import Document, Transaction, Tx
from services.checking import Progress
from services.shop.order_statuses import OrderStatus

_Use = tuple[ObjectId, ObjectId]
_LIVE = [status.value for status in OrderStatus if status is not OrderStatus.CANCELLED]


class OrderCheck:
    """Compares orders with themselves, and with what is counted of them."""

    def __init__(self, repository: OrderCheckingRepository, transaction: Transaction):
        self._repository = repository
        self._transaction = transaction

    async def find_problems(self, progress: Progress) -> list[str]:
        """One sentence for each problem."""
        problems = []
        async for order in self._repository.orders():
            problems += sums_that_differ(order)
            for user_id, promotion_id in await self._uncounted(order):
                problems += await self._problems_of_user(user_id, promotion_id)
            progress()
        async for promotion in self._repository.promotions():
            problems += await self._problems_of_promotion(promotion["_id"])
            progress()
        async for use in self._miscounted(progress):
            problems += await self._problems_of_user(*use)
        return problems

    async def suspicious_uses(self, progress: Progress) -> set[_Use]:
        """Accounts, each with a promotion of which it may have used more or less than is kept."""
        found = {use async for use in self._miscounted(progress)}
        async for order in self._repository.orders():
            found.update(await self._uncounted(order))
            progress()
        return found

    async def _miscounted(self, progress: Progress) -> AsyncIterator[_Use]:
        async for use in self._repository.uses():
            user_id, promotion_id = use["user_id"], use["promotion_id"]
            used = await self._repository.orders_with(promotion_id, _LIVE, user_id=user_id, tx=None)
            if used != use["count"]:
                yield user_id, promotion_id
            progress()

    async def _uncounted(self, order: Document) -> list[_Use]:
        """Uses of which the account has no count at all."""
        user_id = order["user_id"]
        if user_id is None or order["status"] not in _LIVE:
            return []
        return [
            (user_id, promotion["id"])
            for promotion in order["promotions"]
            if not await self._repository.count_of(user_id, promotion["id"], tx=None)
        ]

    async def uses_in_all(self, promotion_id: ObjectId, *, tx: Tx) -> tuple[int, int]:
        """How often a promotion was used, as is kept and as orders say."""
        promotion = await self._repository.find_promotion(promotion_id, tx=tx)
        used = await self._repository.orders_with(promotion_id, _LIVE, tx=tx)
        return used if promotion is None else promotion["uses"], used

    async def _problems_of_promotion(self, promotion_id: ObjectId) -> list[str]:
        async with self._transaction() as tx:
            promotion = await self._repository.find_promotion(promotion_id, tx=tx)
            used = await self._repository.orders_with(promotion_id, _LIVE, tx=tx)
        if promotion is None or promotion["uses"] == used:
            return []
        said = f"promotions: {promotion['code']} says that it was used {promotion['uses']} times"
        return [f"{said}; {used} orders did that are not cancelled."]

    async def _problems_of_user(self, user_id: ObjectId, promotion_id: ObjectId) -> list[str]:
        async with self._transaction() as tx:
            counted, used = await self.uses_of(user_id, promotion_id, tx=tx)
        if counted == used:
            return []
        said = f"promotion_uses: {counted} uses of {promotion_id} are counted for {user_id}"
        return [f"{said}; {used} orders did that are not cancelled."]

    async def uses_of(
        self, user_id: ObjectId, promotion_id: ObjectId, *, tx: Tx
    ) -> tuple[int, int]:
        """How often an account used a promotion, as is kept and as orders say."""
        used = await self._repository.orders_with(promotion_id, _LIVE, user_id=user_id, tx=tx)
        return await self._repository.count_of(user_id, promotion_id, tx=tx), used


def sums_that_differ(order: Document) -> list[str]:
    """What of an order's sums does not follow from its lines; they never change."""
    items = order["items"]
    sums = {
        "subtotal_minor": sum(item["unit_price_minor"] * item["quantity"] for item in items),
        "discount_minor": sum(item["discount_minor"] for item in items),
        "tax_minor": sum(item["tax_minor"] for item in items),
        "total_minor": sum(item["total_minor"] for item in items) + order["shipping_minor"],
    }
    problems = [
        f"{name} is {order[name]}, and its lines come to {wanted}"
        for name, wanted in sums.items()
        if order[name] != wanted
    ]
    for item in items:
        price = item["unit_price_minor"] * item["quantity"]
        wanted = price - item["discount_minor"] + item["tax_minor"]
        if item["total_minor"] != wanted:
            problems.append(f"{item['sku']} is {item['total_minor']}, and comes to {wanted}")
    return [f"orders: of {order['order_number']}, {problem}." for problem in problems]
