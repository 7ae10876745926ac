"""The pauses between attempts."""

import pytest

from services.messaging.backoff import RetryPolicy

POLICY = RetryPolicy(first_delay_seconds=5, longest_delay_seconds=60, attempts=4)


@pytest.mark.parametrize(
    ("attempts", "chance", "delay_seconds"),
    [
        (1, 0, 5),
        (2, 0, 10),
        (3, 0, 20),
        (4, 0, 40),
        (5, 0, 60),
        (10_000, 0, 60),
        (1, 1, 2.5),
        (2, 0.5, 7.5),
        (5, 1, 30),
    ],
)
def test_pauses_double_up_to_the_longest_and_chance_halves_them_at_most(
    attempts, chance, delay_seconds
):
    assert POLICY.delay_seconds(attempts, chance=chance) == delay_seconds


def test_it_gives_up_after_the_last_attempt():
    assert [POLICY.gives_up_after(n) for n in (1, 3, 4, 5)] == [False, False, True, True]


def test_by_default_a_message_is_tried_for_about_half_a_day():
    policy = RetryPolicy()
    pauses = [policy.delay_seconds(n, chance=0) for n in range(1, policy.attempts)]
    assert sum(pauses) == 5 * (2**10 - 1) + 9 * 3600
