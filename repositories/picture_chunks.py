"""The pieces of pictures, as far as they matter by themselves: those that no file has."""

from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING

from repositories.pictures import CHUNKS_COLLECTION, COLLECTION
from repositories.types import Tx


class PictureChunkRepository:
    """Goes from file to file by the index of the chunks, and deletes what has no file."""

    def __init__(self, storage: Any):
        self._files = storage[COLLECTION]
        self._chunks = storage[CHUNKS_COLLECTION]

    async def next_file(self, after: ObjectId | None) -> tuple[ObjectId, datetime] | None:
        """The file that the next chunks are of, and when the first of them was written."""
        query = {} if after is None else {"files_id": {"$gt": after}}
        chunk = await self._chunks.find_one(
            query, {"files_id": 1}, sort=[("files_id", ASCENDING), ("n", ASCENDING)]
        )
        return None if chunk is None else (chunk["files_id"], chunk["_id"].generation_time)

    async def is_loose(self, file_id: ObjectId, *, tx: Tx = None) -> bool:
        """Whether there is no file for chunks of this one."""
        return await self._files.find_one({"_id": file_id}, {"_id": 1}, session=tx) is None

    async def delete_of(self, file_id: ObjectId, *, tx: Tx) -> int:
        """Delete the chunks of a file; how many they were."""
        result = await self._chunks.delete_many({"files_id": file_id}, session=tx)
        return int(result.deleted_count)

    async def count_of(self, file_id: ObjectId) -> int:
        """How many chunks of a file there are."""
        return await self._chunks.count_documents({"files_id": file_id})
