"""What the driver makes of transactions on MongoDB, as far as it shows without a replica set."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from bson import ObjectId
from gridfs.errors import FileExists, NoFile
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import WriteConcern

from repositories.embedded import EmbeddedStore
from repositories.errors import StorageUnavailable
from repositories.pictures import BUCKET, CHUNKS_INDEXES, PictureRepository
from repositories.storage import MongoStorage, _CommandTimes, _MotorBucket

DURABLE = WriteConcern("majority", j=True)
METADATA = {"owner_id": ObjectId(), "used_by": None}


@pytest.fixture
def silent() -> Iterator[MongoStorage]:
    """A replica set that never answers, at a URL that asks for less than is promised."""
    client: Any = AsyncIOMotorClient(
        "mongodb://127.0.0.1:1/?replicaSet=rs0&w=1", serverSelectionTimeoutMS=50
    )
    database = client["agora"].with_options(write_concern=DURABLE)
    yield MongoStorage(client, database, _CommandTimes(), has_transactions=True)
    client.close()


async def _keep(storage: MongoStorage) -> None:
    async with storage.transaction() as tx:
        await PictureRepository(storage).insert(ObjectId(), "a.png", b"picture", METADATA, tx=tx)


async def _delete(storage: MongoStorage) -> None:
    async with storage.transaction() as tx:
        await storage.bucket(BUCKET).delete(ObjectId(), session=tx)


@pytest.mark.parametrize("deed", [_keep, _delete])
async def test_pictures_are_kept_and_deleted_in_transactions(
    silent: MongoStorage, deed: Callable[[MongoStorage], Awaitable[None]]
):
    """PyMongo's bucket refuses that before it asks any server; here none answers."""
    with pytest.raises(StorageUnavailable):
        await deed(silent)


async def test_a_transaction_is_as_durable_as_other_writes(silent: MongoStorage):
    async with silent.transaction() as tx:
        assert tx.delegate._transaction.opts.write_concern == DURABLE


async def test_files_have_the_layout_of_gridfs():
    store = EmbeddedStore.in_memory()
    reader = store.bucket("files")
    bucket = _MotorBucket(reader, store["files.files"], store["files.chunks"])
    try:
        content = bytes(range(256)) * 2100
        ids = [ObjectId(), ObjectId()]
        async with store.transaction() as tx:
            for file_id, data in zip(ids, (content, b""), strict=True):
                await bucket.upload_from_stream_with_id(
                    file_id, f"{file_id}.png", data, metadata=METADATA, session=tx
                )
        for file_id, data in zip(ids, (content, b""), strict=True):
            download = await bucket.open_download_stream(file_id)
            assert (download.length, download.metadata) == (len(data), METADATA)
            assert await download.read() == data
        assert await store.check() == []
        assert await store["files.chunks"].count_documents({}) == 3
        await bucket.delete(ids[0])
        with pytest.raises(NoFile):
            await bucket.delete(ids[0])
        assert await store["files.chunks"].count_documents({}) == 0
    finally:
        await store.close()


async def test_the_same_file_is_not_kept_twice():
    store = EmbeddedStore.in_memory()
    bucket = _MotorBucket(store.bucket("files"), store["files.files"], store["files.chunks"])
    try:
        await store["files.chunks"].create_indexes(CHUNKS_INDEXES)
        file_id = ObjectId()
        await bucket.upload_from_stream_with_id(file_id, "a.png", b"first")
        with pytest.raises(FileExists):
            await bucket.upload_from_stream_with_id(file_id, "a.png", b"second")
        download = await bucket.open_download_stream(file_id)
        assert await download.read() == b"first"
    finally:
        await store.close()
