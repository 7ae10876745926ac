"""What P9 takes for a guess that was let through, and what it finds wrong."""

import asyncio
import random
from collections.abc import Iterator

import pytest

from scripts.prove.guessing import Guesses, Target, forged_headers
from scripts.prove.history import History
from scripts.prove.http_client import HttpClient, Reply
from services.accounts.identifiers import as_identifier
from services.messaging.addresses import parse_email

PHONE, EMAIL = Target("8613800138000"), Target("owner@example.com")


class Scripted(HttpClient):
    """A client whose server answers as it is told."""

    def __init__(self, *answers: tuple[int, dict[str, str]]):
        super().__init__(0)
        self._answers = iter(answers)

    async def call(self, *_, **__) -> Reply:
        return Reply(*next(self._answers), b"")


@pytest.fixture
def guesses(tmp_path) -> Iterator[Guesses]:
    """None yet."""
    history = History(tmp_path / "history")
    yield Guesses(history)
    history.close()


def test_refused_passwords_were_let_through_and_429_was_not(guesses):
    client = Scripted((400, {}), (401, {}), (429, {"retry-after": "900"}))
    asyncio.run(guesses.guess_all([client], iter([PHONE] * 3), random.Random(1), dict))
    assert (guesses.let_through, guesses.throttled, guesses.problems) == ({PHONE.name: 2}, 1, [])


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((429, {}), "429 with Retry-After ''"),
        ((429, {"retry-after": "0"}), "429 with Retry-After '0'"),
        ((429, {"retry-after": "901"}), "429 with Retry-After '901'"),
        ((404, {}), "a guess was answered 404 b''"),
        ((200, {}), "a guess was answered 200 b''"),
    ],
)
def test_any_other_answer_is_told(guesses, answer, problem):
    asyncio.run(guesses.guess_all([Scripted(answer)], iter([EMAIL]), random.Random(1), dict))
    assert guesses.problems == [problem]


def test_every_spelling_is_the_same_account():
    chance = random.Random(1)
    spellings = {target: {target.spelled(chance) for _ in range(50)} for target in (PHONE, EMAIL)}
    assert min(map(len, spellings.values())) > 40
    assert {as_identifier(text) for text in spellings[PHONE]} == {"+8613800138000"}
    assert {parse_email(text) for text in spellings[EMAIL]} == {"owner@example.com"}


def test_forged_headers_are_what_a_request_can_carry():
    chance = random.Random(1)
    for _ in range(100):
        headers = forged_headers(chance)
        assert headers
        assert all(value.isascii() and "\n" not in value for value in headers.values())
