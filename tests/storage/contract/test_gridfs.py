"""Files in a bucket."""

import pytest
from bson import ObjectId
from gridfs.errors import FileExists, NoFile

CHUNK = 255 * 1024


class Stop(Exception):
    """Raised inside a transaction."""


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
async def test_a_file_comes_back_byte_for_byte(size, storage):
    content = (bytes(range(251)) * (size // 251 + 1))[:size]
    bucket, file_id = storage.bucket("papers"), ObjectId()
    await bucket.upload_from_stream_with_id(file_id, "paper", content)
    download = await bucket.open_download_stream(file_id)
    assert download.length == size
    assert await download.read() == content


async def test_a_file_is_read_piece_by_piece(storage):
    content = bytes(2 * CHUNK + 5)
    bucket, file_id = storage.bucket("papers"), ObjectId()
    await bucket.upload_from_stream_with_id(file_id, "paper", content)
    download = await bucket.open_download_stream(file_id)
    pieces = []
    while piece := await download.readchunk():
        pieces.append(piece)
    assert [len(piece) for piece in pieces] == [CHUNK, CHUNK, 5]
    assert b"".join(pieces) == content


@pytest.mark.differs(nx=110)
async def test_a_file_is_described_as_gridfs_says(storage):
    bucket, file_id, owner_id = storage.bucket("papers"), ObjectId(), ObjectId()
    metadata = {"owner_id": owner_id, "used_by": None}
    await bucket.upload_from_stream_with_id(file_id, "paper", bytes(CHUNK + 1), metadata=metadata)
    file = await storage["papers.files"].find_one({"_id": file_id})
    assert file == {
        "_id": file_id,
        "filename": "paper",
        "length": CHUNK + 1,
        "chunkSize": CHUNK,
        "uploadDate": file["uploadDate"],
        "metadata": metadata,
    }
    chunks = await storage["papers.chunks"].find({"files_id": file_id}).sort("n", 1).to_list(None)
    assert [(chunk["n"], len(chunk["data"])) for chunk in chunks] == [(0, CHUNK), (1, 1)]
    assert (await bucket.open_download_stream(file_id)).metadata == metadata


@pytest.mark.differs(nx=110)
async def test_a_deleted_file_is_gone_with_its_chunks(storage):
    bucket, kept, gone = storage.bucket("papers"), ObjectId(), ObjectId()
    for file_id in (kept, gone):
        await bucket.upload_from_stream_with_id(file_id, str(file_id), bytes(CHUNK + 1))
    await bucket.delete(gone)
    with pytest.raises(NoFile):
        await bucket.open_download_stream(gone)
    assert await storage["papers.chunks"].count_documents({"files_id": gone}) == 0
    assert await (await bucket.open_download_stream(kept)).read() == bytes(CHUNK + 1)


@pytest.mark.differs(nx=110)
async def test_a_file_that_is_not_there_is_no_file(storage):
    with pytest.raises(NoFile):
        await storage.bucket("papers").open_download_stream(ObjectId())
    with pytest.raises(NoFile):
        await storage.bucket("papers").delete(ObjectId())


@pytest.mark.differs(nx=110)
async def test_the_same_file_is_not_uploaded_twice(storage):
    bucket, file_id = storage.bucket("papers"), ObjectId()
    await bucket.upload_from_stream_with_id(file_id, "paper", b"first")
    with pytest.raises(FileExists):
        await bucket.upload_from_stream_with_id(file_id, "paper", b"second")
    assert await (await bucket.open_download_stream(file_id)).read() == b"first"


@pytest.mark.differs(nx=101)
async def test_an_upload_is_undone_with_its_transaction(storage):
    bucket, file_id = storage.bucket("papers"), ObjectId()

    async def upload_and_stop() -> None:
        content = bytes(CHUNK * 2)
        async with storage.transaction() as tx:
            await bucket.upload_from_stream_with_id(file_id, "paper", content, session=tx)
            download = await bucket.open_download_stream(file_id, session=tx)
            assert await download.read() == content
            raise Stop

    with pytest.raises(Stop):
        await upload_and_stop()
    with pytest.raises(NoFile):
        await bucket.open_download_stream(file_id)
    assert await storage["papers.chunks"].count_documents({}) == 0
