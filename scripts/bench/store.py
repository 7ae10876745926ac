"""The embedded store alone: reads at two sizes, durable inserts from many writers at once.

`python -m scripts.bench.store [--documents N] [--dir DIRECTORY]`
"""

import argparse
import asyncio
import json
import random
import resource
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from pymongo import IndexModel

from repositories.embedded import Collection, EmbeddedStore

WRITERS = 32
SMALL = 2_000
_READS = 5_000
_ROUNDS = 5
_START = datetime(2025, 1, 1, tzinfo=UTC)
INDEXES = (
    IndexModel([("email", 1)], unique=True),
    IndexModel([("postid", 1)], unique=True),
    IndexModel([("author", 1), ("postid", -1)]),
)


def document(number: int) -> dict[str, Any]:
    """A document of the size of a post, about 400 bytes, with fields for three indexes."""
    return {
        "postid": number,
        "email": f"{number * 7919 % 1_000_003:07d}.{number}@example.org",
        "author": number % 50,
        "created_at": _START + timedelta(seconds=number),
        "content": "A few words about sleep, tea and the weather. " * 5,
        "likes": 0,
        "replies": number % 7,
        "pictures": [],
    }


async def measure_store(path: Path, documents: int) -> dict[str, Any]:
    """Figures of a store of `documents` documents in `path`, times in microseconds.

    `ratio` is the cost of a read there to that at 2,000 documents. The page of ten is a feed's:
    documents that were written one after the other; scattered ones are of one author, and lie
    on ten pages of the file.
    """
    small = await _measure_reads(path / "small", SMALL)
    store = await _filled(path / "large", documents)
    try:
        large = await _reads(store.posts, documents)
        writes = await _measure_inserts(store, documents)
        transactions = await _transaction_rate(store, documents + 2_000_000)
        lone = await _insert_rate(store, documents + 1_000_000, writers=1, each=500)
    finally:
        await store.close()
    return {
        "documents": documents,
        "find_one_us": large["find_one"],
        "find_one_ratio": large["find_one"] / small["find_one"],
        "page_of_ten_us": large["page"],
        "page_of_ten_ratio": large["page"] / small["page"],
        "scattered_ten_us": large["scattered"],
        "scattered_ten_ratio": large["scattered"] / small["scattered"],
        "find_by_id_us": large["find_by_id"],
        **writes,
        "inserts_per_second_1_writer": lone,
        f"transactions_per_second_{WRITERS}_writers": transactions,
        "rss_peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


async def _filled(path: Path, documents: int) -> EmbeddedStore:
    store = await EmbeddedStore.open(path)
    await store.posts.create_indexes(list(INDEXES))
    for start in range(0, documents, 5_000):
        end = min(start + 5_000, documents)
        await store.posts.insert_many([document(number) for number in range(start, end)])
    return store


async def _measure_reads(path: Path, documents: int) -> dict[str, float]:
    store = await _filled(path, documents)
    try:
        return await _reads(store.posts, documents)
    finally:
        await store.close()


async def _reads(posts: Collection, documents: int) -> dict[str, float]:
    pick = random.Random(7)
    some = [document(pick.randrange(documents)) for _ in range(_READS)]
    keys = [(post["email"], post["author"], post["postid"]) for post in some]
    wanted = {"email": {"$in": [email for email, _, _ in keys[:1000]]}}
    ids = [post["_id"] for post in await posts.find(wanted).to_list()]

    async def find_one(number: int) -> None:
        await posts.find_one({"email": keys[number][0]})

    async def find_by_id(number: int) -> None:
        await posts.find_one({"_id": ids[number % len(ids)]})

    async def page(number: int) -> None:
        older = {"postid": {"$lt": max(keys[number][2], 10)}}
        await posts.find(older).sort("postid", -1).limit(10).to_list(10)

    async def scattered(number: int) -> None:
        older = {"author": keys[number][1], "postid": {"$lt": max(keys[number][2], 500)}}
        await posts.find(older).sort("postid", -1).limit(10).to_list(10)

    return {
        "find_one": await _microseconds(find_one),
        "find_by_id": await _microseconds(find_by_id),
        "page": await _microseconds(page),
        "scattered": await _microseconds(scattered),
    }


async def _microseconds(read: Callable[[int], Awaitable[None]]) -> float:
    """The cost of one read: the median of several rounds over the same keys."""
    rounds = []
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        for number in range(_READS):
            await read(number)
        rounds.append((time.perf_counter() - began) / _READS * 1e6)
    return median(rounds)


async def _measure_inserts(store: EmbeddedStore, documents: int) -> dict[str, Any]:
    """Acknowledged durable inserts a second, and how long the loop was held meanwhile."""
    lags: list[float] = []
    watch = asyncio.ensure_future(_watch_loop(lags))
    rate = await _insert_rate(store, documents, writers=WRITERS, each=600)
    watch.cancel()
    return {
        f"inserts_per_second_{WRITERS}_writers": rate,
        "loop_held_max_ms": max(lags) * 1e3,
        "loop_held_p99_ms": sorted(lags)[int(len(lags) * 0.99)] * 1e3,
    }


async def _insert_rate(store: EmbeddedStore, first: int, *, writers: int, each: int) -> float:
    async def write(writer: int) -> None:
        for number in range(each):
            await store.posts.insert_one(document(first + writer * each + number))

    began = time.perf_counter()
    await asyncio.gather(*(write(writer) for writer in range(writers)))
    return writers * each / (time.perf_counter() - began)


async def _transaction_rate(store: EmbeddedStore, first: int) -> float:
    """Durable transactions a second: a look, an insert and a counter, as a like is."""
    each = 100

    async def like(number: int) -> None:
        async with store.transaction() as tx:
            post = {"postid": number % 1000}
            await store.posts.find_one(post, session=tx)
            await store.posts.insert_one(document(first + number), session=tx)
            await store.posts.update_one(post, {"$inc": {"likes": 1}}, session=tx)

    async def client(writer: int) -> None:
        for number in range(each):
            await like(writer * each + number)

    began = time.perf_counter()
    await asyncio.gather(*(client(writer) for writer in range(WRITERS)))
    return WRITERS * each / (time.perf_counter() - began)


async def _watch_loop(lags: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        lags.append(max(time.perf_counter() - began - 0.001, 0.0))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the embedded store.")
    parser.add_argument("--documents", type=int, default=200_000)
    parser.add_argument("--dir", type=Path, help="where to put the stores (default: temporary)")
    options = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="agora-bench-", dir=options.dir))
    try:
        figures = asyncio.run(measure_store(directory, options.documents))
    finally:
        shutil.rmtree(directory)
    rounded = {name: round(value, 2) for name, value in figures.items()}
    print(json.dumps(rounded, indent=2))


if __name__ == "__main__":
    main()
