"""Whether a copy of a store is what it was at one moment, by what its clients were told.

A client sends one request after the other, so that what a copy holds of a client's is what the
first so many of its operations made. The last of those was sent, and the first of the others was
not answered, before the moment of the copy. There must be one moment for all clients, and it must
not lie before the copy was begun.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from scripts.crash.ledger import Facts, Found, Key, Operation

_DONE = (200, 201)


@dataclass
class Moment:
    """What is wrong with a copy."""

    missing: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    #: Operations that were acknowledged before the copy began.
    acknowledged_before: int = 0


Span = tuple[float, float]


def find_moment(
    before: Facts, history: Sequence[Operation], found: Found, *, began: float, ended: float
) -> Moment:
    """Compare a copy that was made from `began` to `ended` with what clients did to `before`."""
    moment = Moment(torn=list(found.problems))
    by_client: dict[int, list[Operation]] = defaultdict(list)
    # What was refused has changed nothing; what is not answered may have changed something.
    for operation in [each for each in history if each.status in (None, *_DONE)]:
        by_client[operation.client].append(operation)
        is_before = operation.answered_at is not None and operation.answered_at < began
        moment.acknowledged_before += is_before
    spans: dict[int, list[Span]] = {}
    for client, operations in by_client.items():
        possible = list(_spans(before, operations, found.facts))
        spans[client] = [span for span in possible if span[1] > began]
        if not possible:
            moment.torn.append(_half(client, before, operations, found.facts))
        elif not spans[client]:
            moment.missing.append(f"client {client} was answered before it began, and misses it")
    moment.torn += _untouched(before, history, found.facts)
    if not (moment.missing or moment.torn) and not _have_common(
        [*spans.values(), [(began, ended)]]
    ):
        moment.torn.append("there is no moment at which all clients had what it holds")
    return moment


def _spans(before: Facts, operations: Sequence[Operation], found: Facts) -> Iterator[Span]:
    """When a client had exactly what was found, as far as is known from outside."""
    keys = {key for operation in operations for key in operation.changes}
    differing = {key for key in keys if before.get(key) != found.get(key)}
    sent_at = -math.inf
    for operation in operations:
        if not differing:
            yield sent_at, _answered(operation)
        for key, value in operation.changes.items():
            (differing.discard if value == found.get(key) else differing.add)(key)
        sent_at = operation.sent_at
    if not differing:
        yield sent_at, math.inf


def _answered(operation: Operation) -> float:
    return math.inf if operation.answered_at is None else operation.answered_at


def _have_common(spans: Sequence[Sequence[Span]]) -> bool:
    """Whether a moment lies in a span of each; if one does, so does one right after a begin."""
    begins = {begin for each in spans for begin, _ in each}
    return any(
        all(any(low <= begin < high for low, high in each) for each in spans) for begin in begins
    )


def _untouched(before: Facts, history: Sequence[Operation], found: Facts) -> Iterator[str]:
    """What differs although no operation changes it."""
    touched: set[Key] = {key for operation in history for key in operation.changes}
    for key in (before.keys() | found.keys()) - touched:
        if before.get(key) != found.get(key):
            yield f"{key} is {found.get(key)}, was {before.get(key)}, and nobody changed it"


def _half(client: int, before: Facts, operations: Sequence[Operation], found: Facts) -> str:
    """The fewest differences that any number of the operations leaves."""
    now: dict[Key, Any] = {key: before.get(key) for each in operations for key in each.changes}
    fewest = _differences(now, found)
    for operation in operations:
        now |= operation.changes
        fewest = min(fewest, _differences(now, found), key=len)
    return f"client {client} never had what it holds; closest but for {fewest[:3]}"


def _differences(now: dict[Key, Any], found: Facts) -> list[Key]:
    return [key for key, value in now.items() if value != found.get(key)]
