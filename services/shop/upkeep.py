"""Counting the uses of promotions anew."""

from bson import ObjectId

from repositories.errors import WriteConflict
from repositories.shop.checking import OrderCheckingRepository
from repositories.shop.promotions import PromotionRepository
from repositories.types import Transaction
from services.checking import Progress
from services.shop.order_checking import OrderCheck
from services.upkeep import Outcome


class PromotionUpkeep:
    """Puts right the counts that `OrderCheck` finds wrong."""

    def __init__(
        self,
        check: OrderCheck,
        checking: OrderCheckingRepository,
        promotions: PromotionRepository,
        transaction: Transaction,
    ):
        self._check = check
        self._checking = checking
        self._promotions = promotions
        self._transaction = transaction

    async def run(self, progress: Progress, *, dry_run: bool) -> list[Outcome]:
        """Outcomes for the uses in all, and for those of each account."""
        in_all = 0
        async for promotion in self._checking.promotions():
            in_all += await self._recount(promotion["_id"], dry_run)
            progress()
        of_accounts = [
            await self._recount_of(user_id, promotion_id, dry_run)
            for user_id, promotion_id in sorted(await self._check.suspicious_uses(progress))
        ]
        return [
            Outcome("promotions with wrong counts", "corrected", in_all),
            Outcome("wrong counts of an account's uses", "corrected", sum(of_accounts)),
        ]

    async def _recount(self, promotion_id: ObjectId, dry_run: bool) -> bool:
        try:
            async with self._transaction() as tx:
                said, used = await self._check.uses_in_all(promotion_id, tx=tx)
                if said == used:
                    return False
                if not dry_run:
                    await self._promotions.set_uses(promotion_id, used, tx=tx)
        except WriteConflict:
            return False  # somebody ordered with it at this moment: the next run finds it
        return True

    async def _recount_of(self, user_id: ObjectId, promotion_id: ObjectId, dry_run: bool) -> bool:
        try:
            async with self._transaction() as tx:
                said, used = await self._check.uses_of(user_id, promotion_id, tx=tx)
                if said == used:
                    return False
                if not dry_run:
                    await self._promotions.set_uses_of(user_id, promotion_id, used, tx=tx)
        except WriteConflict:
            return False
        return True
