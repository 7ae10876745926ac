"""Pictures in GridFS: the bytes as they came in, with whose they are and what they are for."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId
from gridfs.errors import CorruptGridFile, NoFile
from pymongo import ASCENDING, IndexModel, ReturnDocument

from repositories.errors import unique
from repositories.types import Document, Download, Tx

BUCKET = "pictures"
COLLECTION = f"{BUCKET}.files"
CHUNKS_COLLECTION = f"{BUCKET}.chunks"
INDEXES = (
    IndexModel([("filename", ASCENDING)], name="filename", unique=True),
    IndexModel([("metadata.owner_id", ASCENDING)], name="owner_id"),
    # Uploads that no post or profile uses yet, oldest first: found again when forgotten.
    IndexModel(
        [("metadata.used_by", ASCENDING), ("uploadDate", ASCENDING)], name="used_by_uploadDate"
    ),
)
CHUNKS_INDEXES = (
    IndexModel([("files_id", ASCENDING), ("n", ASCENDING)], name="files_id_n", unique=True),
)


class PictureRepository:
    """Finds and keeps pictures. `used_by` is None until something shows the picture."""

    def __init__(self, storage: Any):
        self._bucket = storage.bucket(BUCKET)
        self._files = storage[COLLECTION]

    async def insert(
        self, picture_id: ObjectId, filename: str, data: bytes, metadata: Document, *, tx: Tx
    ) -> None:
        """Keep a picture. Raises Taken("filename")."""
        with unique("filename"):
            await self._bucket.upload_from_stream_with_id(
                picture_id, filename, data, metadata=metadata, session=tx
            )

    async def claim(
        self, filename: str, *, owner_id: ObjectId, used_by: ObjectId, tx: Tx
    ) -> Document | None:
        """Take an owner's unused upload into use; one of several callers at once wins."""
        return await self._files.find_one_and_update(
            {"filename": filename, "metadata.owner_id": owner_id, "metadata.used_by": None},
            {"$set": {"metadata.used_by": used_by}},
            return_document=ReturnDocument.AFTER,
            session=tx,
        )

    async def claim_for_deletion(self, picture_id: ObjectId, *, tx: Tx) -> bool:
        """Mark an unused upload as on its way out, so that no post takes it any more."""
        result = await self._files.update_one(
            {"_id": picture_id, "metadata.used_by": None},
            {"$set": {"metadata.used_by": picture_id}},
            session=tx,
        )
        return bool(result.modified_count)

    async def find(self, picture_id: ObjectId) -> Document | None:
        """What is known of a picture: `length`, `metadata`, `uploadDate`."""
        return await self._files.find_one({"_id": picture_id})

    async def find_download(self, picture_id: ObjectId) -> Download | None:
        """A picture to be read piece by piece; None when it is gone."""
        try:
            return await self._bucket.open_download_stream(picture_id)
        except NoFile:
            return None

    async def find_data(self, picture_id: ObjectId) -> bytes | None:
        """A small picture, whole; None when it is gone, or goes while it is read."""
        download = await self.find_download(picture_id)
        try:
            return None if download is None else await download.read()
        except CorruptGridFile:
            return None

    async def delete(self, picture_ids: Sequence[ObjectId], *, tx: Tx) -> None:
        """Delete pictures with their chunks; those already gone are passed over."""
        for picture_id in picture_ids:
            if await self._files.find_one({"_id": picture_id}, {"_id": 1}, session=tx):
                await self._bucket.delete(picture_id, session=tx)

    async def of_owner(self, owner_id: ObjectId, limit: int, *, tx: Tx) -> list[ObjectId]:
        """Some pictures of an account."""
        found = self._files.find({"metadata.owner_id": owner_id}, {"_id": 1}, session=tx)
        return [picture["_id"] for picture in await found.limit(limit).to_list(limit)]

    async def count_unused_since(self, uploaded_before: datetime) -> int:
        """How many uploads nothing has taken into use."""
        return await self._files.count_documents(
            {"metadata.used_by": None, "uploadDate": {"$lt": uploaded_before}}
        )

    async def unused_since(
        self, uploaded_before: datetime, limit: int, *, but: Collection[ObjectId] = ()
    ) -> list[ObjectId]:
        """Some uploads that nothing has taken into use."""
        unused: Document = {"metadata.used_by": None, "uploadDate": {"$lt": uploaded_before}}
        found = self._files.find({**unused, "_id": {"$nin": list(but)}}, {"_id": 1})
        return [picture["_id"] for picture in await found.limit(limit).to_list(limit)]
