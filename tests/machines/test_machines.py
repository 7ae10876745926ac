"""What the application does is what a model of a few lines says, also when two act at once."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st

from tests.harness import Api
from tests.machines.machine import Action, Subject, Tally, act, run_machine
from tests.machines.subjects import SUBJECTS

_START = datetime(2025, 1, 18, 10, tzinfo=UTC)


@pytest.mark.parametrize("name", sorted(SUBJECTS))
def test_the_application_does_what_the_model_says(name: str):
    tally = Tally()
    run_machine(SUBJECTS[name], runs=8, steps=25, tally=tally)
    assert tally.pairs > 10


@dataclass
class CounterModel:
    """A counter that answers how far it is."""

    now: datetime
    count: int = 0

    def named(self, action: Action) -> Action:
        return action

    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def add(self, number: int) -> int:
        self.count += number
        return self.count

    def seen(self) -> Any:
        return self.count


class CounterWorld:
    """A counter that loses what is added while it adds."""

    def __init__(self, api: Api):
        self._count = 0

    async def begin(self, now: datetime) -> CounterModel:
        self._count = 0
        return CounterModel(now)

    async def time_passed(self) -> None:
        """Nobody is signed in."""

    async def add(self, number: int) -> int:
        count = self._count
        await asyncio.sleep(0)
        self._count = count + number
        return self._count

    async def seen(self) -> Any:
        return self._count


def test_what_two_at_once_lose_is_found():
    counter = Subject(
        name="counter",
        world=CounterWorld,
        actions=act("add", number=st.integers(1, 9)),
        events=act("time_passes", seconds=st.integers(0, 9)),
        starts=(_START,),
    )
    tally = Tally()
    with pytest.raises(AssertionError):
        run_machine(counter, runs=20, steps=10, tally=tally)
    assert tally.was_pair
    assert "beside ('add'" in str(tally.divergence)
    assert "expected of ('add'" in str(tally.divergence)
    assert len(tally.way) > 1
