"""Looking for children whose parent is gone, and whom no deletion is going to reach."""

from bson import ObjectId

from repositories.accounts.checking import FamilyCheckingRepository
from repositories.types import Transaction
from services.checking import Progress


class FamilyCheck:
    """Compares children with their parents, and with the deletions that go on."""

    def __init__(self, repository: FamilyCheckingRepository, transaction: Transaction):
        self._repository = repository
        self._transaction = transaction

    async def find_problems(self, progress: Progress) -> list[str]:
        """One sentence for each problem."""
        problems = []
        async for child in self._repository.children():
            if not await self._repository.has_parent(child["parent_id"], tx=None):
                problems += await self._look_again(child["_id"])
            progress()
        return problems

    async def _look_again(self, child_id: ObjectId) -> list[str]:
        async with self._transaction() as tx:
            child = await self._repository.find_child(child_id, tx=tx)
            if child is None or await self._repository.has_parent(child["parent_id"], tx=tx):
                return []
        parent = f"the account {child['parent_id']}, which is not there"
        return [f"users: account {child['number']} is a child of {parent}."]
