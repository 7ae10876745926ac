"""A process that delivers what is in the outbox until it is killed.

python -m tests.messaging.delivering_process DATA_DIR SMTP_PORT
"""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from repositories.messaging.outbox import OutboxRepository
from repositories.storage import open_storage
from services.messaging.attempts import AttemptRules
from services.messaging.backoff import RetryPolicy
from services.messaging.mail import MailSender, parse_mail_from, parse_smtp_url
from services.messaging.worker import DeliveryWorker
from tests.messaging.support import QUICK


async def deliver(data_dir: Path, smtp_port: int) -> None:
    worker = DeliveryWorker(
        OutboxRepository(await open_storage("embedded", data_dir)),
        {
            "mail": MailSender(
                parse_smtp_url(f"smtp://127.0.0.1:{smtp_port}"),
                parse_mail_from("no-reply@agora.example"),
            )
        },
        clock=lambda: datetime.now(UTC),
        # Short, so that the next process soon takes over what this one held.
        rules=AttemptRules(
            policy=RetryPolicy(first_delay_seconds=0.05, attempts=1000),
            attempt_seconds=0.4,
            lease_seconds=0.5,
        ),
        pace=QUICK,
    )
    worker.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(deliver(Path(sys.argv[1]), int(sys.argv[2])))
