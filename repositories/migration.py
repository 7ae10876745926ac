"""Copying everything from one storage to another, and comparing the two.

Documents are copied as they are, and files of GridFS with their chunks. Nothing is remembered
of how far it came: what the target has already is left out, so that it may be cut off and begun
again at any moment. That a document which is there is the right one, the comparison tells.
"""

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
from pymongo import ASCENDING

from repositories.expiry import lifetimes
from repositories.indexes import INDEXES, ensure_indexes
from repositories.types import Document

_MARK = "migration"
_FILES, _CHUNKS = ".files", ".chunks"
_BATCH_DOCUMENTS = 500
_BATCH_BYTES = 4 << 20
_MODULUS = 1 << 256
_COMPARING_TAKES = timedelta(hours=1)

Progress = Callable[[int], object]
"""Called with how many documents were gone through since the last time."""


@dataclass(frozen=True, slots=True)
class Summary:
    """How many documents a collection has, and a checksum of them all, in whatever order."""

    count: int
    checksum: str


class Migration:
    """One copy of `source` to `target`; nobody else may write to either meanwhile."""

    def __init__(self, source: Any, target: Any):
        self._source = source
        self._target = target

    async def counts(self) -> dict[str, int]:
        """The collections of the source that are not empty; a file's chunks are part of it."""
        return await _counts(self._source)

    async def has_anything(self) -> bool:
        """Whether the target is not empty."""
        return bool(await _counts(self._target))

    async def find_mark(self) -> str | None:
        """From where the target is being copied to, if that was begun and not finished."""
        mark = await self._target[_MARK].find_one({"_id": 1})
        return None if mark is None else str(mark["source"])

    async def mark(self, source: str) -> None:
        """Mark the target as unfinished."""
        await self._target[_MARK].insert_one({"_id": 1, "source": source})
        # Early, because chunks are looked up and deleted by file; the others are quicker later.
        for collection, indexes in INDEXES.items():
            if collection.endswith(_CHUNKS):
                await self._target[collection].create_indexes(list(indexes))

    async def finish(self) -> None:
        """Take the mark away."""
        await self._target[_MARK].drop()

    async def make_indexes(self) -> None:
        """Make every index of the product in the target."""
        await ensure_indexes(self._target)

    async def copy(self, collection: str, progress: Progress) -> None:
        """Copy what the target does not have."""
        async for batch in _batches(self._source[collection]):
            missing = await self._missing(collection, batch)
            if collection.endswith(_FILES):
                for file in missing:
                    await self._copy_chunks(collection.removesuffix(_FILES) + _CHUNKS, file)
            if missing:
                # A file after its chunks: where it is, all of it is.
                await self._target[collection].insert_many(missing, ordered=False)
            progress(len(batch))

    async def _missing(self, collection: str, batch: Sequence[Document]) -> list[Document]:
        ids = [document["_id"] for document in batch]
        found = self._target[collection].find({"_id": {"$in": ids}}, {"_id": 1})
        known = {bson.encode({"_id": each["_id"]}) for each in await found.to_list(None)}
        return [each for each in batch if bson.encode({"_id": each["_id"]}) not in known]

    async def _copy_chunks(self, chunks: str, file: Document) -> None:
        # Those of a copy that was cut off; of some that are there, none can be told to be whole.
        await self._target[chunks].delete_many({"files_id": file["_id"]})
        async for chunk in _chunks_of(self._source, chunks, file):
            await self._target[chunks].insert_one(chunk)

    async def compared(self, collection: str, progress: Progress) -> tuple[Summary, Summary]:
        """The collection as it is in the source, and as it is in the target.

        Without what expires within the hour: MongoDB deletes that by itself, at any moment.
        """
        expires_by = datetime.now(UTC) + _COMPARING_TAKES
        of_source = await _summary(self._source, collection, progress, expires_by)
        return of_source, await _summary(self._target, collection, progress, expires_by)


def _is_over(value: Any, at: datetime) -> bool:
    return isinstance(value, datetime) and value <= at


async def _counts(storage: Any) -> dict[str, int]:
    counts = {}
    for name in sorted(await storage.collection_names()):
        if not name.endswith(_CHUNKS) and name != _MARK:
            counts[name] = await storage[name].count_documents({})
    return {name: count for name, count in counts.items() if count}


async def _batches(collection: Any) -> AsyncIterator[list[Document]]:
    batch: list[Document] = []
    size = 0
    async for document in collection.find({}):
        batch.append(document)
        size += len(bson.encode(document))
        if len(batch) == _BATCH_DOCUMENTS or size > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _chunks_of(storage: Any, chunks: str, file: Document) -> AsyncIterator[Document]:
    found = storage[chunks].find({"files_id": file["_id"]}).sort("n", ASCENDING)
    return aiter(found)


async def _summary(
    storage: Any, collection: str, progress: Progress, expires_by: datetime
) -> Summary:
    """The documents' hashes are added up, so that their order does not matter."""
    count = total = 0
    expiring = lifetimes().get(collection, {})
    async for document in storage[collection].find({}):
        progress(1)
        if any(
            _is_over(document.get(field), expires_by - each) for field, each in expiring.items()
        ):
            continue
        digest = hashlib.sha256(bson.encode(document))
        if collection.endswith(_FILES):
            chunks = collection.removesuffix(_FILES) + _CHUNKS
            async for chunk in _chunks_of(storage, chunks, document):
                # Not the chunk's own _id, by which nothing knows it.
                digest.update(b"%d %d:" % (chunk["n"], len(chunk["data"])))
                digest.update(chunk["data"])
        total = (total + int.from_bytes(digest.digest(), "big")) % _MODULUS
        count += 1
    return Summary(count, f"{total:064x}")
