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


def _normal(chance: random.Random, mean: float, count: int) -> list[float]:
    return [chance.gauss(mean, 1) for _ in range(count)]


def test_a_shift_is_told_apart_from_none():
    chance = random.Random(1)
    first = _normal(chance, 20, 500)
    assert mann_whitney_p(first, _normal(chance, 20.5, 500)) < 1e-5
    assert mann_whitney_p(first, _normal(chance, 20, 500)) > 0.01


def test_the_interval_holds_the_difference_in_95_of_100_cases():
    chance = random.Random(1)
    holds = 0
    for _ in range(400):
        low, high = median_interval(_normal(chance, 20, 80), _normal(chance, 20.5, 80))
        holds += low < -0.5 < high
    assert 0.92 < holds / 400 < 0.99
