"""P14: answers that differ by account are told apart, those that count down are not."""

import pytest

from scripts.prove.http_client import Reply
from scripts.prove.p14_enumeration import _Sample

LIMITED = {"ratelimit": '"login";r=9;t=900', "retry-after": "899", "date": "now"}


@pytest.mark.parametrize(
    ("headers", "content", "answers"),
    [
        ({"ratelimit": '"login";r=10;t=7', "retry-after": "60", "date": "then"}, b"No.", 1),
        ({"ratelimit": '"login";r=9', "retry-after": "899"}, b"No.", 2),
        ({"retry-after": "899"}, b"No.", 2),
        (LIMITED, b"No!", 2),
        ({**LIMITED, "x-known": "yes"}, b"No.", 2),
    ],
)
def test_what_differs_in_more_than_numbers_is_another_answer(headers, content, answers):
    sample = _Sample()
    sample.add("known", 1.0, Reply(429, LIMITED, b"No."))
    sample.add("unknown", 1.0, Reply(429, headers, content))
    assert len({answer for kind in sample.answers.values() for answer in kind}) == answers
