"""Whether every message of an outbox was delivered, in order, or given up as it had to be."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from repositories.types import Document
from scripts.prove.receivers import REFUSED, UNTOLD, Inbox, Taken

#: A process records within an attempt's time what it was answered, unless it is killed.
_RECORDED_SECONDS = 5.0


@dataclass
class Deliveries:
    """What came of all messages."""

    messages: int = 0
    lost: int = 0
    duplicates: int = 0
    after_kill: int = 0
    dead: int = 0
    unscripted: int = 0
    recipients: int = 0
    misordered: int = 0
    problems: list[str] = field(default_factory=list)


def look_at(
    messages: Sequence[Document], inbox: Inbox, killed_at: Mapping[str, float]
) -> Deliveries:
    """Hold the outbox's documents against what was taken.

    `killed_at` goes by the names under which the receivers know a process.
    """
    taken: dict[str, list[Taken]] = defaultdict(list)
    for each in inbox.taken:
        taken[each.message_id].append(each)
    found = Deliveries(messages=len(messages))
    for message in messages:
        _look_at_one(message, taken, inbox, found)
    for message_id, times in taken.items():
        _look_at_duplicates(message_id, times, killed_at, found)
    _look_at_order(messages, taken, found)
    return found


def _look_at_one(
    message: Document, taken: Mapping[str, Sequence[Taken]], inbox: Inbox, found: Deliveries
) -> None:
    message_id, status = message["message_id"], message["status"]
    is_hopeless = inbox.gives_up(message_id) or message["to"].startswith(REFUSED)
    if status == "dead":
        found.dead += 1
        if not is_hopeless:
            found.unscripted += 1
            found.problems.append(f"{message_id} was given up: {message['last_error']}")
        elif not message["last_error"]:
            found.problems.append(f"{message_id} was given up without a word")
    elif is_hopeless:
        found.problems.append(f"{message_id} can't be delivered, and is {status}")
    elif message_id not in taken:
        found.lost += 1
        found.problems.append(f"{message_id} is {status}, and nobody got it")
    elif status != "sent":
        found.problems.append(f"{message_id} was taken, and is {status}")


def _look_at_duplicates(
    message_id: str, times: Sequence[Taken], killed_at: Mapping[str, float], found: Deliveries
) -> None:
    found.duplicates += len(times) - 1
    for first, _ in pairwise(times):
        if first.step in UNTOLD:
            continue
        # Killed before it was taken too: it was on its way by then.
        if killed_at.get(first.sender, math.inf) - first.at <= _RECORDED_SECONDS:
            found.after_kill += 1
        else:
            found.problems.append(f"{message_id} was sent twice, with neither a kill nor a cut")


def _look_at_order(
    messages: Sequence[Document], taken: Mapping[str, Sequence[Taken]], found: Deliveries
) -> None:
    """The first time that each message was taken, along each recipient's line."""
    lines: dict[tuple[str, str], list[str]] = defaultdict(list)
    for message in sorted(messages, key=lambda each: (each["created_at"], each["_id"])):
        if message["message_id"] in taken:
            lines[message["channel"], message["to"]].append(message["message_id"])
    found.recipients = len(lines)
    for (_, to), line in lines.items():
        moments = [taken[message_id][0].at for message_id in line]
        if moments != sorted(moments):
            found.misordered += 1
            found.problems.append(f"{to} got messages in another order")
