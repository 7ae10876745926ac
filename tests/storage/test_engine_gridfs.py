"""Files: MongoDB's layout, written whole or not at all, read piece by piece."""

import io
from datetime import UTC, datetime

import pytest
from bson import ObjectId
from gridfs.errors import CorruptGridFile, FileExists, NoFile
from pymongo.errors import DuplicateKeyError

from tests.storage.engine import in_memory, run

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
CHUNK = 255 * 1024
CONTENT = bytes(range(256)) * 2100  # 2 chunks and a piece


def test_a_file_has_the_layout_of_gridfs():
    async def body(store):
        bucket = store.bucket("pictures")
        file_id = await bucket.upload_from_stream("a.png", CONTENT, metadata={"owner": 1})
        file = await store["pictures.files"].find_one({})
        chunks = await store["pictures.chunks"].find().sort("n").to_list()
        indexes = await store["pictures.chunks"].index_information()
        return file_id, file, chunks, indexes

    file_id, file, chunks, indexes = in_memory(body, clock=lambda: NOW)
    assert file == {
        "_id": file_id,
        "filename": "a.png",
        "metadata": {"owner": 1},
        "chunkSize": CHUNK,
        "length": len(CONTENT),
        "uploadDate": NOW,
    }
    assert [(c["files_id"], c["n"], len(c["data"])) for c in chunks] == [
        (file_id, 0, CHUNK),
        (file_id, 1, CHUNK),
        (file_id, 2, len(CONTENT) - 2 * CHUNK),
    ]
    assert b"".join(chunk["data"] for chunk in chunks) == CONTENT
    assert indexes["files_id_1_n_1"] == {"v": 2, "key": [("files_id", 1), ("n", 1)], "unique": True}


def test_a_file_is_read_by_chunk_by_size_and_as_a_whole():
    async def body(store):
        bucket = store.bucket("fs")
        file_id = await bucket.upload_from_stream("a", CONTENT)
        by_chunk = [data async for data in await bucket.open_download_stream(file_id)]
        stream = await bucket.open_download_stream(file_id)
        first, rest = await stream.read(1000), await stream.read()
        at_end = await stream.read(10), await stream.readchunk(), stream.tell()
        target = io.BytesIO()
        await bucket.download_to_stream(file_id, target)
        return by_chunk, first + rest, at_end, target.getvalue()

    by_chunk, in_two, at_end, copied = in_memory(body)
    assert list(map(len, by_chunk)) == [CHUNK, CHUNK, len(CONTENT) - 2 * CHUNK]
    assert b"".join(by_chunk) == in_two == copied == CONTENT
    assert at_end == (b"", b"", len(CONTENT))


def test_a_file_is_written_piece_by_piece():
    async def body(store):
        bucket = store.bucket("fs")
        stream = bucket.open_upload_stream("a", metadata={"x": 1})
        for start in range(0, 5 * len(CONTENT), 100_000):
            await stream.write((CONTENT * 5)[start : start + 100_000])
        unfinished = await store["fs.files"].count_documents({})
        await stream.close()
        out = await bucket.open_download_stream(stream._id)
        return unfinished, await out.read() == CONTENT * 5, out.metadata, await store.check()

    assert in_memory(body) == (0, True, {"x": 1}, [])


def test_an_upload_that_is_given_up_leaves_nothing():
    async def body(store):
        async def fail():
            async with store.bucket("fs").open_upload_stream("a") as stream:
                await stream.write(CONTENT * 5)
                raise LookupError

        with pytest.raises(LookupError):
            await fail()
        return [await store[f"fs.{kind}"].count_documents({}) for kind in ("files", "chunks")]

    assert in_memory(body) == [0, 0]


def test_a_source_is_read_in_pieces():
    class Source(io.BytesIO):
        largest = 0

        def read(self, size=-1):
            Source.largest = max(Source.largest, size)
            assert size > 0
            return super().read(size)

    async def body(store):
        file_id = await store.bucket("fs").upload_from_stream("a", Source(CONTENT * 6))
        return await (await store.bucket("fs").open_download_stream(file_id)).read()

    assert in_memory(body) == CONTENT * 6
    assert Source.largest < len(CONTENT) * 6


def test_an_empty_file_has_no_chunks():
    async def body(store):
        file_id = await store.bucket("fs").upload_from_stream("a", b"")
        stream = await store.bucket("fs").open_download_stream(file_id)
        return await stream.read(), await store["fs.chunks"].count_documents({}), stream.length

    assert in_memory(body) == (b"", 0, 0)


def test_deleting_a_file_deletes_its_chunks_only():
    async def body(store):
        bucket = store.bucket("fs")
        first = await bucket.upload_from_stream("a", CONTENT)
        second = await bucket.upload_from_stream("b", CONTENT)
        await bucket.delete(first)
        with pytest.raises(NoFile):
            await bucket.delete(first)
        with pytest.raises(NoFile):
            await bucket.open_download_stream(first)
        left = await (await bucket.open_download_stream(second)).read()
        return left == CONTENT, await store["fs.chunks"].count_documents({}), await store.check()

    assert in_memory(body) == (True, 3, [])


def test_files_belong_to_transactions(tmp_path):
    async def body(store):
        bucket = store.bucket("fs")
        kept, undone = ObjectId(), ObjectId()
        async with store.transaction() as tx:
            await bucket.upload_from_stream_with_id(kept, "a", CONTENT, session=tx)
            inside = await (await bucket.open_download_stream(kept, session=tx)).read()
            assert await store["fs.files"].count_documents({}) == 0

        async def fail():
            async with store.transaction() as tx:
                await bucket.delete(kept, session=tx)
                await bucket.upload_from_stream_with_id(undone, "b", CONTENT, session=tx)
                raise LookupError

        with pytest.raises(LookupError):
            await fail()
        files = [file._id async for file in bucket.find()]
        return inside == CONTENT, files == [kept], await store.check()

    assert run(body, tmp_path) == (True, True, [])


def test_an_id_is_taken_once_and_a_unique_name_likewise():
    async def body(store):
        bucket = store.bucket("fs")
        await store["fs.files"].create_index("filename", unique=True)
        await bucket.upload_from_stream_with_id(1, "a", CONTENT)
        with pytest.raises(FileExists):
            await bucket.upload_from_stream_with_id(1, "b", CONTENT)
        with pytest.raises(DuplicateKeyError) as taken:
            await bucket.upload_from_stream_with_id(2, "a", CONTENT)
        assert taken.value.details is not None
        pattern = taken.value.details["keyPattern"]
        with pytest.raises(DuplicateKeyError):
            await bucket.upload_from_stream_with_id(3, "a", io.BytesIO(CONTENT * 5))
        return pattern, await store["fs.chunks"].count_documents({}), await store.check()

    assert in_memory(body) == ({"filename": 1}, 3, [])


def test_files_are_found_by_name_and_revision_and_renamed():
    async def body(store):
        bucket = store.bucket("fs")
        ids = []
        for hour in (12, 13, 14):
            moment = NOW.replace(hour=hour)
            store.clock = lambda moment=moment: moment
            ids.append(await bucket.upload_from_stream("a", bytes([hour])))
        latest = await bucket.open_download_stream_by_name("a")
        first = await bucket.open_download_stream_by_name("a", revision=0)
        await bucket.rename(ids[1], "b")
        renamed = await bucket.find({"filename": "b"}).to_list()
        names = [file.filename for file in await bucket.find().sort("uploadDate", -1).to_list()]
        return latest._id == ids[2], first._id == ids[0], renamed[0]._id == ids[1], names

    assert in_memory(body) == (True, True, True, ["a", "b", "a"])


def test_a_missing_chunk_is_said_by_the_reader_and_by_check():
    async def body(store):
        bucket = store.bucket("fs")
        await bucket.upload_from_stream_with_id(7, "a", CONTENT)
        await store["fs.chunks"].delete_one({"files_id": 7, "n": 1})
        stream = await bucket.open_download_stream(7)
        await stream.readchunk()
        with pytest.raises(CorruptGridFile, match="chunk #1 of the file 7 is missing or cut"):
            await stream.readchunk()
        return await store.check()

    assert in_memory(body) == [
        f"fs: the file 7 has {len(CONTENT) - CHUNK} bytes in 2 chunks; it should have "
        f"{len(CONTENT)} in 3."
    ]
