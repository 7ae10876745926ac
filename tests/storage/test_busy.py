"""Another process writes to the same file: writes wait for it, reads and the loop do not."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from repositories.embedded import EmbeddedStore, StoreBusy
from repositories.errors import is_unavailable
from tests.storage.faults import error_of


@contextmanager
def written_by_another(path: Path) -> Iterator[None]:
    """The write lock, held on a connection of its own, as another process would hold it."""
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


async def test_a_write_waits_for_another_process_while_reads_go_on(tmp_path):
    store = await EmbeddedStore.open(tmp_path)
    await store["notes"].insert_one({"_id": 1})
    with written_by_another(store.path):
        waiting = asyncio.create_task(store["notes"].insert_one({"_id": 2}))
        for _ in range(20):
            await asyncio.sleep(0.005)
            assert await store["notes"].distinct("_id") == [1]
        assert not waiting.done()
    await waiting
    assert await store["notes"].distinct("_id") == [1, 2]
    await store.close()


async def test_waiting_too_long_is_an_error_that_says_why_and_nothing_is_written(tmp_path):
    store = await EmbeddedStore.open(tmp_path)
    store.writer.busy_seconds = 0.05
    with written_by_another(store.path):
        problems = await asyncio.gather(
            *(error_of(store["notes"].insert_one({"_id": number})) for number in range(3))
        )
        for problem in problems:
            assert type(problem) is StoreBusy
            assert is_unavailable(problem)
            assert str(problem) == (
                "Another process has been writing to the store for 0.05 seconds; nothing of this "
                "was written. Try again when it is done."
            )
        async with asyncio.timeout(10):
            problem = await error_of(_transact(store))
        assert type(problem) is StoreBusy
        assert await store["notes"].count_documents({}) == 0
    await store["notes"].insert_one({"_id": 9})
    assert await store["notes"].distinct("_id") == [9]
    await store.close()


async def _transact(store: EmbeddedStore) -> None:
    async with store.transaction() as tx:
        await store["notes"].insert_one({"_id": "in a transaction"}, session=tx)


async def test_closing_does_not_wait_for_another_process(tmp_path):
    store = await EmbeddedStore.open(tmp_path)
    await store["notes"].insert_one({"_id": 1})
    with written_by_another(store.path):
        waiting = asyncio.create_task(error_of(store["notes"].insert_one({"_id": 2})))
        await asyncio.sleep(0.02)
        async with asyncio.timeout(10):
            await store.close()
        assert type(await waiting) is StoreBusy


async def test_what_another_process_wrote_is_read_and_built_upon(tmp_path):
    ours = await EmbeddedStore.open(tmp_path)
    theirs = await EmbeddedStore.open(tmp_path)
    await ours["notes"].create_index("text", unique=True)
    await theirs["notes"].insert_one({"_id": 1, "text": "theirs"})
    assert await ours["notes"].find_one({"text": "theirs"}) == {"_id": 1, "text": "theirs"}
    await ours["notes"].insert_one({"_id": 2, "text": "ours"})
    await theirs["notes"].create_index("kind")
    await asyncio.gather(
        *(
            store["notes"].insert_one({"kind": kind, "text": f"{kind} {number}"})
            for kind, store in (("ours", ours), ("theirs", theirs))
            for number in range(20)
        )
    )
    assert await ours["notes"].count_documents({"kind": "theirs"}) == 20
    assert await theirs["notes"].count_documents({"kind": "ours"}) == 20
    assert (await ours["notes"].explain({"kind": "ours"}))["indexName"] == "kind_1"
    assert await ours.check() == []
    await ours.close()
    await theirs.close()
