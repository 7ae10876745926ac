"""One machine for all subjects: a model and the running application do the same.

A subject is a model and a world. An action is a name and its facts, and a method of that name on
both: the model's answers what the world's has to, which asks the application over HTTP. Since a
model only needs to be copied, two actions at once are right when what both were answered, and
what is kept then, is what the model says of one order or of the other. Where that is both, and the
models differ in what is not to be seen yet, both go on until one of them is wrong.

What is drawn never depends on what was answered: two at once may come in either order, and
Hypothesis wants the same draws at every try.
"""

import asyncio
import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import permutations
from typing import Any, Protocol

from hypothesis import Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from tests import harness
from tests.harness import Api

Action = tuple[str, dict[str, Any]]
Actions = st.SearchStrategy[Action]


def act(name: str, /, **facts: st.SearchStrategy) -> Actions:
    """An action with facts that are drawn."""
    return st.tuples(st.just(name), st.fixed_dictionaries(facts))


class Model(Protocol):
    """What the contract says, by a method of its own for every action."""

    now: datetime

    def named(self, action: Action) -> Action:
        """The action with what its facts count from the newest on called by its own number."""

    def seen(self) -> Any:
        """What can be read when nothing is under way."""


class World(Protocol):
    """The running application in the hands of some people, by a method for every action."""

    async def begin(self, now: datetime) -> Model:
        """Forget what earlier runs left; the model of what there is then."""

    async def time_passed(self) -> None:
        """The clock was moved: who was signed in signs in again."""

    async def seen(self) -> Any:
        """What the model's `seen` has to say."""


@dataclass(frozen=True)
class Subject:
    """What a machine is about.

    `actions` come one by one and two at once; `events` come alone and are the model's, which
    says by them what time it is. `by_itself` is what any action does first when it is due, on
    its own: beside another action it may come before both.
    """

    name: str
    world: Callable[[Api], World]
    actions: Actions
    events: Actions
    starts: Sequence[datetime]
    by_itself: Action | None = None


@dataclass
class Tally:
    """What was tried: runs of a machine, steps in them, and steps of two actions at once.

    Of the first divergence, what it was, and the steps that led there.
    """

    runs: int = 0
    steps: int = 0
    pairs: int = 0
    divergence: str | None = None
    was_pair: bool = False
    way: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Count what another counted later, and take over how it ended."""
        self.runs += other.runs
        self.steps += other.steps
        self.pairs += other.pairs
        self.divergence, self.was_pair, self.way = other.divergence, other.was_pair, other.way


@dataclass(frozen=True)
class Said:
    """What the model says of actions in one order, and the model then.

    `answers` are in the order in which the actions were given.
    """

    order: tuple[Action, ...]
    answers: list[Any]
    then: Model


def distinct(said: Sequence[Said]) -> list[Model]:
    """The models that something left, each once."""
    models: list[Model] = []
    for each in said:
        if each.then not in models:
            models.append(each.then)
    return models


def orders_of(model: Model, actions: Sequence[Action], by_itself: Action | None) -> list[Said]:
    """What the model says of actions in every order."""
    found = [_said_of(model, actions, order) for order in permutations(range(len(actions)))]
    if by_itself is not None and len(actions) > 1:
        settled = _said_of(model, [by_itself], (0,)).then
        found += orders_of(settled, actions, None)
    return found


def _said_of(model: Model, actions: Sequence[Action], order: tuple[int, ...]) -> Said:
    then, answers = copy.deepcopy(model), [None] * len(actions)
    for place in order:
        name, facts = actions[place]
        answers[place] = getattr(then, name)(**facts)
    return Said(tuple(actions[place] for place in order), answers, then)


def _machine_of(
    subject: Subject, api: Api, run: Callable[[Any], Any], tally: Tally
) -> type[RuleBasedStateMachine]:
    world = subject.world(api)
    one, two = (st.lists(subject.actions, min_size=many, max_size=many) for many in (1, 2))
    steps = st.one_of(one, two, two, subject.events)

    class Machine(RuleBasedStateMachine):
        _models: list[Model]
        _way: list[str]

        @initialize(start=st.sampled_from(subject.starts))
        def begin(self, start: datetime) -> None:
            tally.runs += 1
            api.clock.now = start
            self._way = [f"begin at {start}"]
            self._models = [run(world.begin(start))]
            self._compare([], [], [Said((), [], self._models[0])])

        # One rule for all: of several, Hypothesis leaves some out for a whole run.
        @rule(step=steps)
        def do(self, step: Action | list[Action]) -> None:
            tally.steps += 1
            self._way.append(str(step))
            if isinstance(step, list):
                self._act([self._models[0].named(action) for action in step])
            else:
                self._happen(*step)

        def _happen(self, name: str, facts: dict[str, Any]) -> None:
            for model in self._models:
                getattr(model, name)(**facts)
            api.clock.now = self._models[0].now
            run(world.time_passed())
            self._compare([(name, facts)], [], [Said((), [], model) for model in self._models])

        def _act(self, actions: list[Action]) -> None:
            tally.pairs += len(actions) == 2
            said = [
                each
                for model in self._models
                for each in orders_of(model, actions, subject.by_itself)
            ]
            self._compare(actions, run(_sent(world, actions)), said)

        def _compare(self, actions: list[Action], answers: list[Any], said: list[Said]) -> None:
            """Go on with the models that say what was answered and what is seen."""
            seen = run(world.seen())
            right = [each for each in said if (each.answers, each.then.seen()) == (answers, seen)]
            self._models = distinct(right)
            if self._models:
                return
            if tally.divergence is None:
                tally.divergence = _divergence(actions, answers, seen, said)
                tally.was_pair, tally.way = len(actions) == 2, self._way
            raise AssertionError(tally.divergence)

    Machine.__name__ = subject.name
    return Machine


async def _sent(world: World, actions: Sequence[Action]) -> list[Any]:
    """What actions that are sent at once are answered."""
    sent = (getattr(world, name)(**facts) for name, facts in actions)
    return list(await asyncio.gather(*sent))


def _divergence(
    actions: Sequence[Action], answers: list[Any], seen: Any, said: Sequence[Said]
) -> str:
    """What was asked, what came of it, and what should have."""
    lines = [f"{' beside '.join(map(str, actions))}", f"was answered {answers}", f"and left {seen}"]
    for each in said:
        order = " before ".join(map(str, each.order))
        lines += [f"expected of {order}: {each.answers}", f"leaving {each.then.seen()}"]
    return "\n".join(lines)


def run_machine(
    subject: Subject, *, runs: int, steps: int, tally: Tally, seed_of: int | None = None
) -> None:
    """Run a machine on an application with a store in memory and a clock set by hand.

    Without a seed it does the same at every run. Raises AssertionError at the first divergence;
    `tally` has it and the way there. No shorter way is looked for, since what came of two at once
    comes again only sometimes.
    """
    chosen = settings(
        max_examples=runs,
        stateful_step_count=steps,
        derandomize=seed_of is None,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
    )
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        api = loop.run_until_complete(harness.start())
        try:
            machine = _machine_of(subject, api, loop.run_until_complete, tally)
            seeded = machine if seed_of is None else seed(seed_of)(machine)
            run_state_machine_as_test(seeded, settings=chosen)
        except Flaky:
            raise AssertionError(tally.divergence) from None
        finally:
            loop.run_until_complete(api.close())
    finally:
        asyncio.set_event_loop(None)
        loop.close()
