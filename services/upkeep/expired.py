"""Deleting sessions, codes, links, throttles and messages whose time is over."""

from repositories.expiry import ExpiryRepository
from services.checking import Progress
from services.clock import Clock
from services.upkeep import Outcome


class ExpiredUpkeep:
    """Deletes what has expired, like housekeeping, and says how much that was."""

    def __init__(self, repository: ExpiryRepository, clock: Clock):
        self._repository = repository
        self._clock = clock

    async def run(self, progress: Progress, *, dry_run: bool) -> list[Outcome]:
        """An outcome for each collection."""
        return [
            Outcome(f"expired {name}", "deleted", await self._in(name, progress, dry_run))
            for name in self._repository.collections
        ]

    async def _in(self, collection: str, progress: Progress, dry_run: bool) -> int:
        at, total = self._clock(), 0
        if dry_run:
            return await self._repository.count(collection, at=at)
        while deleted := await self._repository.delete_some(collection, at=at):
            total += deleted
            progress()
        return total
