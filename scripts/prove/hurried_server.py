"""The server, with an outbox that is in a hurry: `python -m scripts.prove.hurried_server`.

Its own times are minutes and hours (`services/messaging/attempts.py`); these are as many
seconds, in the same order, so that a run sees leases expire and messages given up.
"""

import asyncio
import sys
from functools import partial

from config.bootstrap import bootstrap
from config.http_client import HttpClient
from config.settings import Settings
from server import serve
from services.messaging.attempts import AttemptRules
from services.messaging.backoff import RetryPolicy
from services.messaging.delivery import Channel, Sender
from services.messaging.mail import MailSender, parse_mail_from, parse_smtp_url
from services.messaging.sms import SmsSender

_ANSWER_SECONDS = 4.0
RULES = AttemptRules(
    policy=RetryPolicy(first_delay_seconds=0.05, longest_delay_seconds=0.4, attempts=10),
    attempt_seconds=5.0,
    lease_seconds=6.0,
)


async def _serve(settings: Settings) -> int:
    http_client = HttpClient(request_seconds=_ANSWER_SECONDS)
    mail_from = parse_mail_from(settings.mail_from)
    senders: dict[Channel, Sender] = {
        "mail": MailSender(
            parse_smtp_url(settings.smtp_url), mail_from, timeout_seconds=_ANSWER_SECONDS
        ),
        "sms": SmsSender(settings.sms_url, http_client.post_json),
    }
    try:
        return await serve(
            settings, start=partial(bootstrap, senders=senders, delivery_rules=RULES)
        )
    finally:
        http_client.close()


if __name__ == "__main__":
    sys.exit(asyncio.run(_serve(Settings.load(sys.argv[1:]))))
