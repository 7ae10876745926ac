"""P13: a stop has to end well, and in time."""

import pytest

from scripts.prove.p13_stop import _judge
from scripts.prove.promise import Proof


@pytest.mark.parametrize(
    ("ended", "seconds", "told"),
    [
        (0, 10.9, []),
        (-9, 1.0, ["a stop ended with -9"]),
        (0, 14.0, ["a stop took 14.0 s; what is in flight has 10"]),
    ],
)
def test_a_stop_that_fails_or_takes_too_long_is_told(ended, seconds, told):
    proof = Proof()
    _judge(proof, "a stop", ended, seconds)
    assert proof.examples == told
