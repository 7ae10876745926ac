"""Looking for damage: the file, every index against its documents, every file's chunks.

It has its own connection and sees one moment, so that a server may go on writing, in this
process or another.
"""

import asyncio
from collections.abc import Iterator
from typing import Any

import apsw

from repositories.embedded.catalog import CollectionEntry
from repositories.embedded.codec import decode
from repositories.embedded.encoding import encode_value
from repositories.embedded.indexes import Index
from repositories.embedded.opening import Location, connect_reader
from repositories.embedded.view import View
from repositories.embedded.worker import Worker


async def check_beside_loop(location: Location) -> list[str]:
    """What `check_file` finds, without holding the event loop."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def done(problems: Any, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is None:
            answer.set_result(problems)
        else:
            answer.set_exception(error)

    worker = Worker(loop, "agora-check")
    try:
        worker.submit(lambda: check_file(location), done)
        return await answer
    finally:
        worker.close()


def check_file(location: Location) -> list[str]:
    """One sentence for each problem of the store at `location`."""
    try:
        connection = connect_reader(location)
    except apsw.Error as problem:
        return [f"The file cannot be read: {problem}"]
    try:
        connection.execute("BEGIN")
        damage = [row for (row,) in connection.execute("PRAGMA integrity_check") if row != "ok"]
        if damage:
            return [f"The file is damaged: {problem}" for problem in damage]
        view = View(connection)
        return [
            problem
            for entry in view.catalog.collections.values()
            for problem in (*_check_collection(view, entry), *_check_files(view, entry))
        ]
    except apsw.Error as problem:
        return [f"The file cannot be read: {problem}"]
    finally:
        connection.close()


def _documents(view: View, entry: CollectionEntry) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
    sql = f"SELECT rid, id, doc FROM {entry.table}"  # noqa: S608
    for rid, key, data in view.connection.execute(sql):
        yield rid, key, decode(data)


def _check_collection(view: View, entry: CollectionEntry) -> Iterator[str]:
    """Every document has exactly its rows in every index."""
    expected = dict.fromkeys([index.name for index in entry.indexes], 0)
    for rid, key, document in _documents(view, entry):
        if key != encode_value(document["_id"]):
            yield f"{entry.name}: the document {document['_id']!r} is kept under another _id."
        for index in entry.indexes:
            keys, multikey = index.keys_of(document)
            expected[index.name] += len(keys)
            if multikey and not index.multikey:
                yield f"{_name(entry, index)} is not marked as multikey, and is."
            for key in keys:
                if not _has_row(view, index, key, rid):
                    yield f"{_name(entry, index)} lacks the document {document['_id']!r}."
    for index in entry.indexes:
        ((found,),) = view.connection.execute(f"SELECT count(*) FROM {index.table}").fetchall()  # noqa: S608
        if found != expected[index.name]:
            yield (
                f"{_name(entry, index)} has {found} rows; its documents make "
                f"{expected[index.name]}."
            )


def _name(entry: CollectionEntry, index: Index) -> str:
    return f"{entry.name}: the index {index.name}"


def _has_row(view: View, index: Index, key: bytes, rid: int) -> bool:
    sql = f"SELECT 1 FROM {index.table} WHERE key = ? AND rid = ?"  # noqa: S608
    return bool(view.connection.execute(sql, (key, rid)).fetchall())


def _check_files(view: View, entry: CollectionEntry) -> Iterator[str]:
    """Every file of a bucket has its chunks, one after the other, of the right length.

    Chunks without a file are no damage: an upload is under way, or was cut off.
    """
    bucket, _, kind = entry.name.rpartition(".")
    chunks = view.catalog.collections.get(f"{bucket}.chunks")
    if kind != "files" or not bucket:
        return
    sizes: dict[bytes, dict[int, int]] = {}
    if chunks is not None:
        for _, _, chunk in _documents(view, chunks):
            of_file = sizes.setdefault(encode_value(chunk["files_id"]), {})
            of_file[chunk["n"]] = len(chunk["data"])
    for _, key, file in _documents(view, entry):
        found = sizes.get(key, {})
        full, rest = divmod(file["length"], file["chunkSize"])
        wanted = dict.fromkeys(range(full), file["chunkSize"])
        if rest:
            wanted[full] = rest
        if found != wanted:
            yield (
                f"{bucket}: the file {file['_id']!r} has {sum(found.values())} bytes in "
                f"{len(found)} chunks; it should have {file['length']} in {len(wanted)}."
            )
