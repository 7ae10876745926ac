"""Deleting pictures that nothing shows, and pieces of uploads that were never finished."""

from datetime import timedelta

from bson import ObjectId

from repositories.picture_chunks import PictureChunkRepository
from repositories.types import Transaction
from services.checking import Progress
from services.clock import Clock
from services.pictures.pictures import PictureService
from services.upkeep import Outcome

_UPLOAD_LIFETIME = timedelta(days=1)


class PictureUpkeep:
    """Deletes uploads that nothing took into use for a day, and chunks without a file."""

    def __init__(
        self,
        pictures: PictureService,
        chunks: PictureChunkRepository,
        transaction: Transaction,
        clock: Clock,
    ):
        self._pictures = pictures
        self._chunks = chunks
        self._transaction = transaction
        self._clock = clock

    async def run(self, progress: Progress, *, dry_run: bool) -> list[Outcome]:
        """Outcomes for both."""
        delete_unused = self._pictures.count_unused if dry_run else self._pictures.delete_unused
        return [
            Outcome("unused pictures", "deleted", await delete_unused()),
            Outcome("loose chunks of pictures", "deleted", await self._loose(progress, dry_run)),
        ]

    async def _loose(self, progress: Progress, dry_run: bool) -> int:
        total, last = 0, None
        # An upload writes its file last: young chunks are of one that is under way.
        written_before = self._clock() - _UPLOAD_LIFETIME
        while found := await self._chunks.next_file(last):
            last, written_at = found
            if written_at < written_before and await self._chunks.is_loose(last):
                total += await self._delete(last, dry_run)
            progress()
        return total

    async def _delete(self, file_id: ObjectId, dry_run: bool) -> int:
        if dry_run:
            return await self._chunks.count_of(file_id)
        async with self._transaction() as tx:
            if await self._chunks.is_loose(file_id, tx=tx):
                return await self._chunks.delete_of(file_id, tx=tx)
        return 0
