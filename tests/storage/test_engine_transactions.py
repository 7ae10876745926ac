"""Transactions: all or nothing, seen by nobody before, and bounded in time."""

import asyncio

import pytest
from pymongo.errors import DuplicateKeyError, InvalidOperation, OperationFailure

from repositories.embedded import StoreError, TransactionExpired
from tests.storage.engine import run


async def ids(store, session=None):
    """The `_id`s of all documents."""
    return [d["_id"] for d in await store.docs.find(session=session).sort("_id").to_list()]


def test_a_transaction_is_seen_by_itself_only_until_it_is_committed(tmp_path):
    async def body(store):
        await store.docs.insert_one({"_id": 1})
        async with store.transaction() as tx:
            await store.docs.insert_one({"_id": 2}, session=tx)
            await store.docs.delete_one({"_id": 1}, session=tx)
            inside, outside = await ids(store, tx), await ids(store)
        return inside, outside, await ids(store)

    assert run(body, tmp_path) == ([2], [1], [2])


def test_an_error_undoes_all_of_a_transaction(tmp_path):
    async def body(store):
        await store.docs.insert_one({"_id": 1, "n": 1})

        async def fail():
            async with store.transaction() as tx:
                await store.docs.update_one({"_id": 1}, {"$set": {"n": 2}}, session=tx)
                await store.docs.insert_many([{"_id": n} for n in range(2, 90)], session=tx)
                raise LookupError

        with pytest.raises(LookupError):
            await fail()
        return await store.docs.find().to_list(), await store.check()

    assert run(body, tmp_path) == ([{"_id": 1, "n": 1}], [])


def test_an_operation_that_fails_aborts_its_transaction(tmp_path):
    async def body(store):
        await store.docs.insert_one({"_id": 1})

        async def go_on():
            async with store.transaction() as tx:
                await store.docs.insert_one({"_id": 2}, session=tx)
                with pytest.raises(DuplicateKeyError):
                    await store.docs.insert_one({"_id": 1}, session=tx)
                await store.docs.insert_one({"_id": 3}, session=tx)

        with pytest.raises(OperationFailure) as refused:
            await go_on()
        return refused.value.code, await ids(store)

    assert run(body, tmp_path) == (251, [1])


def test_transactions_at_once_come_one_after_the_other(tmp_path):
    async def body(store):
        await store.docs.insert_one({"_id": "stock", "left": 10})

        async def take():
            async with store.transaction() as tx:
                stock = await store.docs.find_one({"_id": "stock"}, session=tx)
                await asyncio.sleep(0)
                if stock["left"] == 0:
                    return False
                left = {"$set": {"left": stock["left"] - 1}}
                await store.docs.update_one({"_id": "stock"}, left, session=tx)
                return True

        taken = await asyncio.gather(*(take() for _ in range(32)))
        return sum(taken), await store.docs.find_one({"_id": "stock"})

    assert run(body, tmp_path) == (10, {"_id": "stock", "left": 0})


def test_writes_outside_wait_for_the_transaction(tmp_path):
    async def body(store):
        async with store.transaction() as tx:
            await store.docs.insert_one({"_id": 1}, session=tx)
            other = asyncio.ensure_future(store.docs.insert_one({"_id": 2}))
            await asyncio.sleep(0.02)
            waiting = not other.done()
        await other
        return waiting, await ids(store)

    assert run(body, tmp_path) == (True, [1, 2])


def test_a_write_without_the_session_inside_its_transaction_is_refused(tmp_path):
    async def body(store):
        async with store.transaction() as tx:
            await store.docs.insert_one({"_id": 1}, session=tx)
            with pytest.raises(InvalidOperation, match="Pass the transaction's session"):
                await store.docs.insert_one({"_id": 2})
        return await ids(store)

    assert run(body, tmp_path) == [1]


def test_a_transaction_that_takes_too_long_is_undone_and_frees_the_writer(tmp_path):
    async def body(store):
        async def stuck():
            async with store.transaction(max_seconds=0.02) as tx:
                await store.docs.insert_one({"_id": 1}, session=tx)
                await asyncio.sleep(0.2)

        async def late():
            async with store.transaction(max_seconds=0.02) as tx:
                await store.docs.insert_one({"_id": 2}, session=tx)
                await asyncio.sleep(0.1)
                await store.docs.insert_one({"_id": 3}, session=tx)

        tasks = [asyncio.ensure_future(stuck()), asyncio.ensure_future(late())]
        await asyncio.sleep(0)
        await asyncio.wait_for(store.docs.insert_one({"_id": 4}), 5)
        errors = await asyncio.gather(*tasks, return_exceptions=True)
        return [type(error) for error in errors], str(errors[0]), await ids(store)

    kinds, message, left = run(body, tmp_path)
    assert kinds == [TransactionExpired, TransactionExpired]
    assert message.startswith("The transaction was rolled back: it held the store's writer for")
    assert left == [4]
    assert issubclass(TransactionExpired, StoreError)


@pytest.mark.parametrize("steps", range(8))
def test_a_cancelled_transaction_is_undone_wherever_it_was(tmp_path, steps):
    async def body(store):
        async def work(number):
            async with store.transaction() as tx:
                await store.docs.insert_one({"_id": number}, session=tx)
                await store.docs.insert_many(
                    [{"_id": number + n} for n in range(1, 60)], session=tx
                )
                await asyncio.sleep(0)

        tasks = [asyncio.ensure_future(work(100 * number)) for number in range(4)]
        for _ in range(steps):
            await asyncio.sleep(0)
        tasks[0].cancel()
        tasks[2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        found = await ids(store)
        return {number: sum(n // 100 == number for n in found) for number in range(4)}, (
            await store.check()
        )

    counts, problems = run(body, tmp_path)
    assert (counts[1], counts[3]) == (60, 60)
    assert {counts[0], counts[2]} <= {0, 60}
    assert problems == []


def test_motors_way_to_write_a_transaction(tmp_path):
    async def body(store):
        async with await store.start_session() as session:
            async with session.start_transaction():
                await store.docs.insert_one({"_id": 1}, session=session)
            session.start_transaction()
            await store.docs.insert_one({"_id": 2}, session=session)
            await session.abort_transaction()
            session.start_transaction()
            await store.docs.insert_one({"_id": 3}, session=session)
            await session.commit_transaction()
            await store.docs.insert_one({"_id": 4}, session=session)
            assert await session.with_transaction(lambda s: ids(store, s)) == [1, 3, 4]
        with pytest.raises(InvalidOperation, match="ended session"):
            await store.docs.insert_one({"_id": 5}, session=session)
        return await ids(store)

    assert run(body, tmp_path) == [1, 3, 4]


def test_a_transaction_within_a_transaction_is_refused(tmp_path):
    async def body(store):
        async with await store.start_session() as session, session.start_transaction():
            await store.docs.insert_one({"_id": 1}, session=session)
            with pytest.raises(InvalidOperation, match="already in progress"):
                session.start_transaction()
        return await ids(store)

    assert run(body, tmp_path) == [1]


def test_indexes_are_not_made_in_a_transaction(tmp_path):
    async def body(store):
        async with store.transaction() as tx:
            with pytest.raises(InvalidOperation, match="cannot be made or removed"):
                await store.docs.create_index("a", session=tx)
            await store.docs.insert_one({"_id": 1}, session=tx)
        return await ids(store)

    assert run(body, tmp_path) == [1]


def test_a_transaction_open_at_close_is_undone(tmp_path):
    async def body(store):
        session = await store.start_session()
        session.start_transaction()
        await store.docs.insert_one({"_id": 1}, session=session)
        await asyncio.wait_for(store.close(), 5)
        with pytest.raises((InvalidOperation, OperationFailure)):
            await session.commit_transaction()

    run(body, tmp_path)
    assert run(ids, tmp_path) == []


def test_a_transaction_changes_more_than_the_loop_can_bear(tmp_path):
    async def body(store):
        await store.docs.insert_many([{"_id": n, "n": 1} for n in range(2000)])
        async with store.transaction() as tx:
            await store.docs.insert_one({"_id": "new", "n": 1}, session=tx)
            changed = await store.docs.update_many({"n": 1}, {"$inc": {"n": 1}}, session=tx)
            inside = await store.docs.count_documents({"n": 2}, session=tx)
            outside = await store.docs.count_documents({"n": 2})
        return changed.modified_count, inside, outside, await store.check()

    assert run(body, tmp_path) == (2001, 2001, 0, [])


def test_a_cursor_ends_with_its_transaction(tmp_path):
    async def body(store):
        await store.docs.insert_many([{"_id": n} for n in range(1000)])
        session = await store.start_session()
        session.start_transaction(max_seconds=0.02)
        cursor = store.docs.find(session=session)
        first = await cursor.next()
        await asyncio.sleep(0.05)
        with pytest.raises(TransactionExpired):
            await cursor.to_list()
        await store.docs.insert_one({"_id": "after"})
        return first

    assert run(body, tmp_path) == {"_id": 0}


def test_a_transaction_does_not_share_the_worker_with_itself(tmp_path):
    async def body(store):
        async with store.transaction() as tx:
            many = [{"_id": n} for n in range(200)]
            heavy = asyncio.ensure_future(store.docs.insert_many(many, session=tx))
            await asyncio.sleep(0)
            with pytest.raises(InvalidOperation, match="in the middle of another operation"):
                await store.docs.insert_one({"_id": "beside"}, session=tx)
            await heavy
        return len(await ids(store))

    assert run(body, tmp_path) == 200
