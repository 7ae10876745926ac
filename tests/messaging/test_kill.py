"""The outbox when its process is killed at any moment: nothing lost, little twice, all in order."""

import asyncio
import random
import sys
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from repositories.indexes import ensure_indexes
from repositories.storage import open_storage
from tests.messaging.smtp_server import Mailbox, smtp_server
from tests.messaging.support import Outbox, run, until

ROOT = Path(__file__).parents[2]
KILLS = 4
PEOPLE = [f"user{n}@example.com" for n in range(8)]
TEXTS = [str(n) for n in range(8)]


def test_killed_processes_lose_no_message_and_keep_the_order_per_recipient(tmp_path):
    async def scenario():
        await _enqueue_all(tmp_path)
        # Some refusals and cuts, so that the kills meet retries as well.
        trouble = ["250 OK", "451 busy", "250 OK", "cut", "250 OK"] * 6
        async with smtp_server(Mailbox(data_answers=trouble)) as mailbox:
            chance = random.Random(4711)
            for _ in range(KILLS):
                async with _delivering(tmp_path, mailbox.port):
                    enough = len(mailbox.mails) + chance.randint(1, 12)
                    await until(partial(_holds, mailbox, enough))
            async with _delivering(tmp_path, mailbox.port):
                await until(lambda: _is_empty(tmp_path))
        return mailbox

    mailbox = run(scenario())
    times_seen = Counter(mail["Message-ID"] for mail in mailbox.mails)
    assert len(times_seen) == len(PEOPLE) * len(TEXTS)
    # Twice only what was in flight at a kill, at most four at a time, or was cut off.
    assert times_seen.total() - len(times_seen) <= 4 * KILLS + mailbox.cuts
    for person in PEOPLE:
        texts = [m.get_content().strip() for m in mailbox.mails if m["To"] == person]
        assert list(dict.fromkeys(texts)) == TEXTS


async def _enqueue_all(data_dir):
    storage = await open_storage("embedded", data_dir)
    await ensure_indexes(storage)
    outbox = Outbox(database=storage, clock=lambda: datetime.now(UTC))
    for text in TEXTS:
        for person in PEOPLE:
            await outbox.mail(person, text=text)
    await storage.close()


@asynccontextmanager
async def _delivering(data_dir, smtp_port):
    """A process that delivers inside the block, and is killed at its end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.messaging.delivering_process",
        str(data_dir),
        str(smtp_port),
        cwd=ROOT,
    )
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def _holds(mailbox, number):
    return len(mailbox.mails) >= number


async def _is_empty(data_dir):
    storage = await open_storage("embedded", data_dir)
    summary = await Outbox(database=storage, clock=lambda: datetime.now(UTC)).service.summary()
    await storage.close()
    return summary.pending["mail"] == 0
