"""The statistics of times: values that SciPy 1.16 gives, and what the test must tell apart."""

import random

import pytest

from scripts.prove.ranks import mann_whitney_p, median_interval


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [
        (
            [1, 2, 2, 3, 4, 5, 7, 9, 11, 13],
            [2, 4, 6, 8, 8, 10, 12, 14, 16, 18],
            0.08140846893049593,
        ),
        ([1, 1, 1], [1, 1, 1], 1.0),
    ],
)
def test_the_p_value_is_that_of_scipy(first, second, p):
    assert mann_whitney_p(first, second) == pytest.approx(p, rel=1e-12)
    assert mann_whitney_p(second, first) == pytest.approx(p, rel=1e-12)


def test_a_shift_is_told_apart_and_its_size_is_within_the_interval():
    chance = random.Random(1)
    first = [chance.gauss(20, 1) for _ in range(500)]
    second = [chance.gauss(20.5, 1) for _ in range(500)]
    same = [chance.gauss(20, 1) for _ in range(500)]
    assert mann_whitney_p(first, second) < 1e-5
    assert mann_whitney_p(first, same) > 0.01
    low, high = median_interval(first, second)
    assert low < -0.5 < high < 0
    low, high = median_interval(first, same)
    assert low < 0 < high
