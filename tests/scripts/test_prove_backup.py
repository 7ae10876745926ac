"""P17: which copies are one moment of what clients were told, and which are not."""

import pytest

from scripts.crash.ledger import Facts, Found, Operation
from scripts.prove.one_moment import Moment, find_moment

OLD, POST, PICTURE, CART, ORDER = ("old",), ("post",), ("picture",), ("cart",), ("order",)
BEFORE: Facts = {OLD: 1, PICTURE: "upload"}


def operation(number, client, changes, sent_at, answered_at=None, status=200):
    status = None if answered_at is None else status
    return Operation(number, "write", client, changes, sent_at, answered_at, status)


HISTORY = [
    operation(0, 1, {POST: "text", PICTURE: "post"}, 1.0, 2.0),
    operation(1, 2, {CART: "three"}, 1.5, 3.0),
    operation(2, 2, {ORDER: "three", CART: None}, 4.0, 6.0),
    operation(3, 1, {POST: None, PICTURE: None}, 7.0, 8.0),
    operation(4, 2, {CART: "never"}, 7.0, 7.5, status=400),
    operation(5, 2, {CART: "two"}, 7.5),
]
AT_3: Facts = {OLD: 1, POST: "text", PICTURE: "post", CART: "three"}
AT_6: Facts = {OLD: 1, POST: "text", PICTURE: "post", ORDER: "three"}
AT_8: Facts = {OLD: 1, ORDER: "three"}


def moment(facts, began=3.5, ended=9.0, problems=()) -> Moment:
    return find_moment(
        BEFORE, HISTORY, Found(dict(facts), {}, list(problems)), began=began, ended=ended
    )


@pytest.mark.parametrize(
    ("facts", "began"),
    [(AT_3, 3.5), (AT_3, 5.0), (AT_6, 5.0), (AT_6, 6.5), (AT_8, 8.5), ({**AT_8, CART: "two"}, 8.5)],
)
def test_a_copy_of_one_moment_is_neither_torn_nor_missing_anything(facts, began):
    found = moment(facts, began)
    assert (found.torn, found.missing) == ([], [])


@pytest.mark.parametrize(("began", "count"), [(1.0, 0), (2.5, 1), (3.5, 2), (9.0, 4)])
def test_what_was_answered_before_it_began_is_counted(began, count):
    assert moment(AT_3, began).acknowledged_before == count


@pytest.mark.parametrize(("facts", "began"), [(BEFORE, 2.5), (AT_3, 6.5), (AT_6, 8.5)])
def test_what_was_answered_before_it_began_and_is_not_there_is_missing(facts, began):
    assert len(moment(facts, began).missing) >= 1


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({**AT_3, PICTURE: "upload"}, "client 1 never had what it holds"),
        ({**AT_6, CART: "three"}, "client 2 never had what it holds"),
        ({**AT_6, CART: "never"}, "client 2 never had what it holds"),
        ({**AT_6, OLD: 2}, "('old',) is 2, was 1, and nobody changed it"),
        ({**AT_6, ("new",): 1}, "('new',) is 1, was None, and nobody changed it"),
        ({OLD: 1, CART: "three"}, "there is no moment at which all clients had what it holds"),
    ],
    ids=["half a post", "half an order", "a refused one", "changed", "invented", "two moments"],
)
def test_what_is_of_no_moment_is_torn(facts, told):
    found = moment(facts)
    assert found.missing == []
    assert [sentence[: len(told)] for sentence in found.torn] == [told]


def test_a_copy_of_a_moment_after_it_ended_is_torn():
    assert moment(AT_8, began=3.5, ended=5.0).torn == [
        "there is no moment at which all clients had what it holds"
    ]


def test_what_is_wrong_in_itself_is_torn():
    assert moment(AT_6, problems=["a like is left"]).torn == ["a like is left"]
