"""Orders that are sent again after a crash, as a client does that got no answer."""

import random
import time
from collections.abc import Mapping, Sequence

import msgspec

from scripts.crash.ledger import Ledger, Operation
from scripts.crash.requests import Request
from scripts.server_process import Process

_ANSWERED = 10
Sent = tuple[Operation, Request]


def repeat_orders(
    server: Process,
    tokens: Mapping[str, str],
    sent: Sequence[Sent],
    ledger: Ledger,
    chance: random.Random,
) -> list[str]:
    """Send some of the answered orders again and half of the others; what is wrong.

    With its key, an order that was placed is answered as it was then, and one that was not
    is placed or refused now. What is in the store afterwards is for the ledger to compare.
    """
    orders = [each for each in sent if each[1].name == "place_order"]
    answered = [each for each in orders if each[0].status == each[1].status]
    unanswered = [each for each in orders if each[0].status is None]
    problems = []
    for operation, request in chance.sample(answered, min(_ANSWERED, len(answered))):
        status, order_id = _send(server, tokens, request)
        first = _order_id(ledger, request)
        if (status, order_id) != (request.status, first):
            problems.append(f"{operation} was answered {first}, and again {status} {order_id}")
    for operation, request in unanswered:
        if chance.random() < 0.5:
            continue
        status, order_id = _send(server, tokens, request)
        if status == request.status and request.numbered is not None:
            ledger.numbers[request.numbered[0]] = order_id
            ledger.acknowledge(operation, status, at=time.monotonic())
        elif status == request.refusal:
            ledger.refuse(operation, status, at=time.monotonic())
        else:
            problems.append(f"{operation} was sent again, and answered {status}")
    return problems


def _send(server: Process, tokens: Mapping[str, str], request: Request) -> tuple[int, str]:
    """The status, and the id of the order if there is one."""
    content = msgspec.json.encode(request.body)
    token = tokens[request.account]
    status, answer = server.send(
        request.method, request.path, content, token=token, headers=request.headers
    )
    if status != request.status:
        return status, ""
    return status, str(request.content(msgspec.json.decode(answer))["id"])


def _order_id(ledger: Ledger, request: Request) -> int | str:
    return "" if request.numbered is None else ledger.numbers[request.numbered[0]]
