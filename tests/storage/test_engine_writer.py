"""Writing: shared commits, turns in order, and other processes at the same file."""

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pymongo import IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError, InvalidOperation

from repositories.embedded import EmbeddedStore, StoreBusy
from tests.storage.engine import in_memory, run

ROOT = Path(__file__).parents[2]


def test_writers_at_once_share_commits_and_none_is_lost(tmp_path):
    async def body(store):
        commits = []
        store.writer.on_commit = lambda: commits.append(1)

        async def write(writer):
            for number in range(20):
                await store.docs.insert_one({"_id": writer * 100 + number})

        await asyncio.gather(*(write(writer) for writer in range(32)))
        return len(commits)

    commits = run(body, tmp_path)
    assert run(lambda store: store.docs.count_documents({}), tmp_path) == 640
    assert commits < 320


def test_a_write_is_answered_although_what_follows_its_commit_fails():
    async def body(store):
        told = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))

        def fail():
            raise KeyError("no such collection")

        on_commit, store.writer.on_commit = store.writer.on_commit, fail
        await asyncio.wait_for(store.docs.insert_one({"_id": 1}), 5)
        store.writer.on_commit = on_commit
        await asyncio.wait_for(store.docs.insert_one({"_id": 2}), 5)
        return await store.docs.count_documents({}), [str(each["exception"]) for each in told]

    assert in_memory(body) == (2, ["'no such collection'"])


def test_of_many_claims_on_a_unique_value_one_wins(tmp_path):
    async def body(store):
        await store.users.create_index("email", unique=True)
        claims = [store.users.insert_one({"email": "a@b.c", "n": n}) for n in range(32)]
        answers = await asyncio.gather(*claims, return_exceptions=True)
        return [type(answer) for answer in answers], await store.users.count_documents({})

    kinds, count = run(body, tmp_path)
    assert count == 1
    assert kinds.count(DuplicateKeyError) == 31


def test_increments_at_once_are_all_counted(tmp_path):
    async def body(store):
        await store.numbers.insert_one({"_id": "n", "last": 0})

        async def next_number():
            counted = await store.numbers.find_one_and_update(
                {"_id": "n"}, {"$inc": {"last": 1}}, return_document=ReturnDocument.AFTER
            )
            return counted["last"]

        return await asyncio.gather(*(next_number() for _ in range(50)))

    assert sorted(run(body, tmp_path)) == list(range(1, 51))


def test_a_failed_write_leaves_the_others_of_its_batch_alone(tmp_path):
    async def body(store):
        await store.docs.create_index([("a", 1), ("b", 1)])
        writes = [store.docs.insert_one({"_id": n % 3, "a": n}) for n in range(6)]
        await asyncio.gather(*writes, return_exceptions=True)
        return await store.docs.find().sort("_id").to_list(), await store.check()

    found, problems = run(body, tmp_path)
    assert found == [{"_id": n, "a": n} for n in range(3)]
    assert problems == []


def test_a_cancelled_writer_does_not_disturb_the_others(tmp_path):
    async def body(store):
        tasks = [asyncio.ensure_future(store.docs.insert_one({"_id": n})) for n in range(30)]
        await asyncio.sleep(0)
        for task in tasks[::3]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        found = {document["_id"] for document in await store.docs.find().to_list()}
        return found, await store.check()

    found, problems = run(body, tmp_path)
    assert found >= {n for n in range(30) if n % 3}
    assert problems == []


def test_a_heavy_write_takes_its_turn_among_the_others(tmp_path):
    async def body(store):
        writes = [
            store.docs.insert_one({"_id": 0}),
            store.docs.insert_many([{"_id": n} for n in range(1, 200)]),
            store.docs.update_many({}, {"$set": {"seen": True}}),
            store.docs.insert_one({"_id": 200}),
        ]
        await asyncio.gather(*writes)
        return await store.docs.count_documents({"seen": True})

    assert run(body, tmp_path) == 200


def test_an_update_of_more_documents_than_the_loop_can_bear_is_complete(tmp_path):
    async def body(store):
        await store.docs.create_index("n")
        await store.docs.insert_many([{"n": n} for n in range(3000)])
        changed = await store.docs.update_many({"n": {"$gte": 0}}, {"$inc": {"n": 3000}})
        deleted = await store.docs.delete_many({"n": {"$lt": 4500}})
        return changed.modified_count, deleted.deleted_count, await store.check()

    assert run(body, tmp_path) == (3000, 1500, [])


def test_a_reader_sees_nothing_of_a_batch_before_its_commit(tmp_path):
    async def body(store):
        write = asyncio.ensure_future(store.docs.insert_one({"_id": 1}))
        await asyncio.sleep(0)
        before = await store.docs.find_one({"_id": 1})
        await write
        return before, await store.docs.find_one({"_id": 1})

    assert run(body, tmp_path) == (None, {"_id": 1})


OTHER_PROCESS = """
import asyncio, sys
from pathlib import Path
from repositories.embedded import EmbeddedStore

async def main():
    store = await EmbeddedStore.open(Path(sys.argv[1]))
    await store.docs.create_index("n", unique=True)
    for number in range(200):
        document = {"_id": f"other-{number}", "n": 1_000_000 + number, "tags": ["a"]}
        await store.docs.insert_one(document)
    await store.docs.create_index("tags")
    await store.close()

asyncio.run(main())
"""


def test_two_processes_write_at_once_and_keep_each_others_indexes(tmp_path):
    async def body(store):
        await store.docs.insert_one({"_id": "first", "n": -1})
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", OTHER_PROCESS, str(tmp_path), cwd=ROOT
        )
        number = 0
        while process.returncode is None:
            await store.docs.insert_one({"_id": number, "n": number, "tags": ["b", "c"]})
            number += 1
            await asyncio.sleep(0)
        assert await process.wait() == 0
        with pytest.raises(DuplicateKeyError):
            await store.docs.insert_one({"n": 1_000_005})
        await store.docs.insert_one({"_id": "last", "n": -2, "tags": ["b"]})
        plan = await store.docs.explain({"tags": "b"})
        by_tag = await store.docs.count_documents({"tags": "b"})
        return number, await store.docs.count_documents({}), by_tag, plan, await store.check()

    number, count, by_tag, plan, problems = run(body, tmp_path)
    assert count == number + 202
    assert by_tag == number + 1
    assert plan["indexName"] == "tags_1"
    assert problems == []


def test_an_index_that_becomes_multikey_elsewhere_misleads_no_reader(tmp_path):
    async def body(store):
        await store.docs.create_index("tags")
        await store.docs.insert_many([{"_id": n, "tags": n} for n in range(10)])
        before = [d["_id"] for d in await store.docs.find({"tags": {"$gte": 0}}).to_list()]
        other = await EmbeddedStore.open(tmp_path)
        await other.docs.insert_one({"_id": 10, "tags": [1, 2, 3]})
        await other.close()
        after = [d["_id"] for d in await store.docs.find({"tags": {"$gte": 0}}).to_list()]
        return before, sorted(after), await store.docs.count_documents({"tags": {"$gte": 0}})

    assert run(body, tmp_path) == (list(range(10)), list(range(11)), 11)


HOLD_THE_LOCK = """
import sys, time, apsw
connection = apsw.Connection(sys.argv[1])
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
"""


async def locked_elsewhere(store):
    """Have another process hold the store's write lock; the result lets go of it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        HOLD_THE_LOCK,
        str(store.path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"locked\n"

    async def release():
        await process.communicate(b"\n")

    return release


def test_a_writer_waits_for_another_process_without_holding_the_loop(tmp_path):
    async def body(store):
        release = await locked_elsewhere(store)
        writes = [asyncio.ensure_future(store.docs.insert_one({"_id": n})) for n in range(3)]
        for _ in range(5):
            await asyncio.sleep(0.01)
            assert await store.docs.find_one({}) is None
        waiting = [write.done() for write in writes]
        await release()
        await asyncio.gather(*writes)
        return waiting, await store.docs.count_documents({})

    assert run(body, tmp_path) == ([False] * 3, 3)


def test_a_lock_held_too_long_is_an_error_and_then_over(tmp_path):
    async def body(store):
        store.writer.busy_seconds = 0.05
        release = await locked_elsewhere(store)
        with pytest.raises(StoreBusy, match=r"for 0.05 seconds; nothing of this was written"):
            await store.docs.insert_one({"_id": 1})
        await release()
        await store.docs.insert_one({"_id": 2})
        return await store.docs.find().to_list()

    assert run(body, tmp_path) == [{"_id": 2}]


def test_what_is_queued_is_written_before_the_store_is_closed(tmp_path):
    async def body(store):
        writes = [asyncio.ensure_future(store.docs.insert_one({"_id": n})) for n in range(20)]
        await asyncio.sleep(0)
        await store.close()
        await asyncio.gather(*writes)
        with pytest.raises(InvalidOperation, match="after close"):
            await store.docs.insert_one({"_id": 99})
        with pytest.raises(InvalidOperation, match="after close"):
            await store.docs.find_one({})

    run(body, tmp_path)
    assert run(lambda store: store.docs.count_documents({}), tmp_path) == 20


def test_opening_and_closing_leaves_no_thread_and_no_file_open(tmp_path):
    def resources():
        return threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))

    async def body(store):
        await store.docs.insert_one({})
        await store.check()

    run(body, tmp_path)
    before = resources()
    for _ in range(5):
        run(body, tmp_path)
        in_memory(body)
    assert resources() == before


def test_indexes_made_at_once_are_made_once(tmp_path):
    async def body(store):
        models = [IndexModel("a"), IndexModel([("b", -1)], unique=True)]
        await asyncio.gather(*(store.docs.create_indexes(models) for _ in range(5)))
        return sorted(await store.docs.index_information())

    assert run(body, tmp_path) == ["_id_", "a_1", "b_-1"]
