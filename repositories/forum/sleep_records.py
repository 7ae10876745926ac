"""Sleep records: one document a record, each an account's own."""

from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, IndexModel

from repositories.types import Document, Tx

COLLECTION = "sleep_records"
INDEXES = (
    IndexModel(
        [("user_id", ASCENDING), ("date", ASCENDING), ("number", ASCENDING)],
        name="user_id_date_number",
        unique=True,
    ),
    IndexModel([("number", ASCENDING)], name="number", unique=True),
)


class SleepRecordRepository:
    """Finds and keeps sleep records."""

    def __init__(self, storage: Any):
        self._storage = storage
        self._records = storage[COLLECTION]

    async def insert(self, record: Document, *, tx: Tx) -> None:
        """Keep a new record, giving it the next number."""
        record["number"] = await self._storage.take_numbers(COLLECTION, tx=tx)
        await self._records.insert_one(record, session=tx)

    async def of_user(self, user_id: ObjectId) -> list[Document]:
        """All records of an account, by date, then number."""
        found = self._records.find({"user_id": user_id})
        return await found.sort(
            [("user_id", ASCENDING), ("date", ASCENDING), ("number", ASCENDING)]
        ).to_list(None)

    async def count_of_user(self, user_id: ObjectId) -> int:
        """How many records an account has."""
        return await self._records.count_documents({"user_id": user_id})

    async def delete(self, number: int, *, user_id: ObjectId) -> bool:
        """Delete an account's own record; tells whether it was there."""
        result = await self._records.delete_one({"number": number, "user_id": user_id})
        return bool(result.deleted_count)

    async def delete_of_user(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Delete every record of an account."""
        await self._records.delete_many({"user_id": user_id}, session=tx)
