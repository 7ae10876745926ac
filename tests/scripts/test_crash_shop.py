"""Carts and orders in the kill -9 rounds: what is sent, sent again, and taken for wrong."""

import random
from typing import cast

import msgspec
import pytest

from scripts.crash.ledger import Facts, Found, Ledger
from scripts.crash.repeating import repeat_orders
from scripts.crash.shopping import Shopping
from scripts.crash.showing import Shown
from scripts.server_process import Process, ServerFailed

ACCOUNT = "crash-customer-0"
CART = ("cart", ACCOUNT)
LINES = (("goods-few", 2),)


class OneAnswer:
    """In the place of a server: the same answer to whatever is sent."""

    def __init__(self, status, answer):
        self.answer = status, msgspec.json.encode(answer)
        self.sent = []

    def send(self, method, path, content, *, token, headers):
        self.sent.append((method, path, token, headers["Idempotency-Key"]))
        return self.answer


class RepeatsAll(random.Random):
    """The chance by which everything that was not answered is sent again."""

    def random(self):
        return 0.9


class Answers:
    """In the place of a server: an answer for each path, without its query."""

    def __init__(self, answers):
        self.answers = answers

    def call(self, method, path, body=None, *, token=None):
        answer = self.answers.get(path.partition("?")[0])
        return (404, b"") if answer is None else (200, msgspec.json.encode(answer))


@pytest.fixture
def ledger():
    """A customer with a full cart."""
    ledger = Ledger()
    add = ledger.begin("add_to_cart", 0, {CART: LINES}, at=0.0)
    ledger.acknowledge(add, 200, at=1.0)
    return ledger


def placed(ledger):
    """An order of what is in the cart, as it is sent."""
    shopping = Shopping(0, ledger, random.Random(1))
    request = next(r for r in (shopping.next() for _ in range(99)) if r.name == "place_order")
    return ledger.begin("place_order", 0, request.changes, at=2.0), request


def repeated(server, operation, request, ledger):
    tokens = {ACCOUNT: "token"}
    return repeat_orders(server, tokens, [(operation, request)], ledger, RepeatsAll())


def test_an_order_empties_the_cart_or_is_not_there(ledger):
    _, request = placed(ledger)
    (order,) = request.changes.keys() - {CART}
    cases: list[tuple[Facts, int]] = [
        ({CART: LINES}, 0),
        ({order: request.changes[order]}, 0),
        ({CART: LINES, order: request.changes[order]}, 1),
        ({}, 1),
    ]
    for facts, problems in cases:
        assert ledger.compare(Found(facts)).problems == problems


def test_an_order_that_is_sent_again_has_to_be_the_first_one(ledger):
    operation, request = placed(ledger)
    ledger.acknowledge(operation, 201, at=3.0)
    ledger.numbers[request.numbered[0]] = "first"
    for order_id, problems in (
        ("first", []),
        ("second", [f"{operation} was answered first, and again 201 second"]),
    ):
        server = OneAnswer(201, {"data": {"id": order_id}})
        assert repeated(server, operation, request, ledger) == problems
        assert server.sent == [
            ("POST", "/api/v1/orders", "token", request.headers["Idempotency-Key"])
        ]


@pytest.mark.parametrize(
    ("status", "acknowledged", "refused", "problems"),
    [(201, 2, 0, 0), (400, 1, 1, 0), (409, 1, 0, 1)],
)
def test_an_order_without_an_answer_is_settled_by_sending_it_again(
    ledger, status, acknowledged, refused, problems
):
    operation, request = placed(ledger)
    server = OneAnswer(status, {"data": {"id": "its id"}})
    assert len(repeated(server, operation, request, ledger)) == problems
    assert (ledger.acknowledged, ledger.refused) == (acknowledged, refused)
    (order,) = request.changes.keys() - {CART}
    assert (order in ledger.facts, CART in ledger.facts) == (status == 201, status != 201)
    assert ledger.numbers.get(order) == ("its id" if status == 201 else None)


def test_a_customer_who_is_refused_begins_a_new_cart(ledger):
    shopping = Shopping(0, ledger, random.Random(1))
    shopping.refused()
    assert shopping.next().name == "clear_cart"


@pytest.mark.parametrize(
    ("cart", "order", "total", "problem"),
    [
        (2, "pending", 1, None),
        (3, "pending", 1, "the cart of crash-customer-0 is shown as (('goods-few', 3),)"),
        (2, "cancelled", 1, "an order is shown as ('an id', 'crash-customer-0'"),
        (2, "pending", 2, "crash-customer-0 is shown 2 orders, and has 1"),
    ],
)
def test_what_a_customer_is_shown_is_compared_with_the_store(cart, order, total, problem):
    key = ("order", "an order")
    held = Found({CART: LINES, key: (ACCOUNT, LINES, (), "pending")}, {key: "an id"})
    item = {"product_id": "goods-few", "quantity": 2}
    shown = {"id": "an id", "notes": "an order", "items": [item], "status": order}
    answers = {
        "/api/v1/cart": {"data": {"items": [{**item, "quantity": cart}]}},
        "/api/v1/orders": {"data": [shown], "meta": {"total_items": total}},
        "/api/forum/posts/": {"posts": []},
    }
    problems = Shown(cast(Process, Answers(answers)), {ACCOUNT: "token"}, held).check(
        since_postid=1
    )
    assert len(problems) == (problem is not None)
    assert all(each.startswith(problem) for each in problems)


def test_a_route_that_fails_after_the_crash_is_told():
    with pytest.raises(ServerFailed, match="GET /api/v1/cart was answered 404"):
        Shown(cast(Process, Answers({})), {ACCOUNT: "token"}, Found()).check(since_postid=1)
