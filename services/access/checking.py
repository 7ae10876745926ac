"""Looking for roles and permissions that somebody has and that are not there."""

from bson import ObjectId

from repositories.access.checking import AccessCheckingRepository
from repositories.types import Document, Transaction, Tx
from services.checking import Progress


class AccessCheck:
    """Finds accounts with roles, and roles with permissions, that do not exist."""

    def __init__(self, repository: AccessCheckingRepository, transaction: Transaction):
        self._repository = repository
        self._transaction = transaction

    async def find_problems(self, progress: Progress) -> list[str]:
        """One sentence for each problem."""
        problems = []
        async for user in self._repository.users():
            if await self._missing_roles(user, tx=None):
                problems += await self._problems_of_user(user["_id"])
            progress()
        async for role in self._repository.roles():
            if await self._missing_permissions(role, tx=None):
                problems += await self._problems_of_role(role["_id"])
            progress()
        return problems

    async def _problems_of_user(self, user_id: ObjectId) -> list[str]:
        async with self._transaction() as tx:
            user = await self._repository.find_user(user_id, tx=tx)
            missing = [] if user is None else await self._missing_roles(user, tx=tx)
        return [f"users: {user_id} has the role {each}, which is not there." for each in missing]

    async def _problems_of_role(self, role_id: ObjectId) -> list[str]:
        async with self._transaction() as tx:
            role = await self._repository.find_role(role_id, tx=tx)
            if role is None:
                return []
            missing = await self._missing_permissions(role, tx=tx)
        name = role["name"]
        return [
            f"roles: {name} grants the permission {each}, which is not there." for each in missing
        ]

    async def _missing_roles(self, user: Document, *, tx: Tx) -> list[ObjectId]:
        return await self._repository.missing_roles(user.get("role_ids", ()), tx=tx)

    async def _missing_permissions(self, role: Document, *, tx: Tx) -> list[ObjectId]:
        return await self._repository.missing_permissions(role["permission_ids"], tx=tx)
