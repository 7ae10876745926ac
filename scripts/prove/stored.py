"""What is looked for in documents: messages that wait to go out, and texts anywhere."""

import re
from collections.abc import Iterator
from typing import Any

from repositories.storage import Storage
from scripts.server_process import ServerFailed

OUTBOX = "outbox"


async def newest_message(storage: Storage, to: str) -> str:
    """What the newest message to somebody says."""
    (message,) = await storage[OUTBOX].find({"to": to}).sort("_id", -1).limit(1).to_list(1)
    return str(message.get("text") or message["body"])


def found_in(message: str, pattern: str) -> str:
    """What the pattern's group finds in a message. Raises ServerFailed when it is not there."""
    found = re.search(pattern, message, re.MULTILINE)
    if found is None:
        raise ServerFailed(f"{pattern} is not in {message!r}")
    return found[1]


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts_in(each)
