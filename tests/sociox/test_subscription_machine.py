"""A subscription against a model of a few lines, over whatever happens in whatever order."""

import asyncio
import calendar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests import harness
from tests.harness import Api, Reply
from tests.sociox.subscribing import Subscriber, add_plan, add_subscriber, price

# In minor units; no price of one plan is that of another, so that a mistaken one shows.
PRICES = {
    "basic": {"monthly": 999, "yearly": 9990},
    "premium": {"monthly": 2999, "yearly": 29999},
    "yearly only": {"yearly": 12345},
}
STARTS = (
    datetime(2023, 1, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2024, 2, 29, 12, 0, tzinfo=UTC),
    datetime(2024, 3, 31, 0, 0, tzinfo=UTC),
    datetime(2025, 1, 18, 10, 0, tzinfo=UTC),
)
PLANS, CYCLES = st.sampled_from(sorted(PRICES)), st.sampled_from(["monthly", "yearly"])


@dataclass
class Model:
    """What the contract says a subscription is, reckoned the slow way."""

    status: str | None = None
    plan: str = ""
    cycle: str = ""
    anchor: datetime = STARTS[0]
    since_anchor: int = 0
    period: int = 0
    ledger: list[tuple[str, int, int, str]] = field(default_factory=list)

    @property
    def price(self) -> int:
        return PRICES[self.plan][self.cycle]

    def at_end_of(self, count: int) -> datetime:
        """The anchor and so many cycles, one month after the other."""
        year, month, day = self.anchor.year, self.anchor.month, self.anchor.day
        for _ in range(count * (12 if self.cycle == "yearly" else 1)):
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        last = calendar.monthrange(year, month)[1]
        return self.anchor.replace(year=year, month=month, day=min(day, last))

    @property
    def start(self) -> datetime:
        return self.at_end_of(self.since_anchor)

    @property
    def end(self) -> datetime:
        return self.at_end_of(self.since_anchor + 1)

    @property
    def is_live(self) -> bool:
        return self.status in ("active", "cancelled")

    def pass_time(self, now: datetime) -> None:
        while self.status == "active" and self.end <= now:
            self.since_anchor += 1
            self.period += 1
            self.ledger.append(("charge", self.period, self.price, "renewed"))
        if self.status == "cancelled" and self.end <= now:
            self.status = "expired"

    def credit(self, now: datetime) -> int:
        second = timedelta(seconds=1)
        return self.price * ((self.end - now) // second) // ((self.end - self.start) // second)

    def begin(self, plan: str, cycle: str, reason: str, now: datetime) -> None:
        self.status, self.plan, self.cycle = "active", plan, cycle
        self.anchor, self.since_anchor = now, 0
        self.period += 1
        self.ledger.append(("charge", self.period, self.price, reason))


def code(reply: Reply) -> str:
    """`ok`, or the code of the refusal."""
    if reply.status == 200:
        return "ok"
    assert reply.status == 400, reply
    return str(reply.body["error"]["code"])


class SubscriptionMachine(RuleBasedStateMachine):
    """Somebody subscribes, changes and cancels; time passes, housekeeping comes or does not."""

    _loop: asyncio.AbstractEventLoop
    _api: Api
    _ids: dict[str, str]

    def __init__(self) -> None:
        super().__init__()
        self._model = Model()

    def _run(self, work: Any) -> Any:
        return self._loop.run_until_complete(work)

    @property
    def _now(self) -> datetime:
        return self._api.clock.now

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: datetime) -> None:
        self._api.clock.now = start
        self._user: Subscriber = self._run(self._new_user())

    async def _new_user(self) -> Subscriber:
        for name in ("users", "subscriptions", "ledger_entries", "outbox"):
            await self._api.agora.storage[name].delete_many({})
        return await add_subscriber(self._api)

    @rule(days=st.integers(0, 800), seconds=st.integers(0, 86399))
    def time_passes(self, days: int, seconds: int) -> None:
        self._pass_until(self._now + timedelta(days=days, seconds=seconds))

    @rule(seconds=st.integers(-1, 1))
    def the_end_comes(self, seconds: int) -> None:
        if self._model.is_live:
            self._pass_until(max(self._now, self._model.end + timedelta(seconds=seconds)))

    def _pass_until(self, moment: datetime) -> None:
        self._api.clock.now = moment
        self._model.pass_time(moment)

    @rule(times=st.integers(1, 2))
    def housekeeping_comes(self, times: int) -> None:
        chores = [self._api.agora.housekeeping.do_all() for _ in range(times)]
        self._run(asyncio.wait([self._loop.create_task(chore) for chore in chores]))

    @rule(plan=PLANS, cycle=CYCLES)
    def subscribe(self, plan: str, cycle: str) -> None:
        answer = code(self._run(self._user.subscribe(self._ids[plan], cycle)))
        if cycle not in PRICES[plan]:
            assert answer == "cycle_without_price"
        elif self._model.is_live:
            assert answer == "already_subscribed"
        else:
            assert answer == "ok"
            # Another subscription, whose periods are numbered from 1 again.
            self._model.period = 0
            self._model.begin(plan, cycle, "subscribed", self._now)

    @rule(plan=PLANS, cycle=CYCLES)
    def update(self, plan: str, cycle: str) -> None:
        preview = self._run(self._user.preview(self._ids[plan], cycle))
        reply = self._run(self._user.update(self._ids[plan], cycle))
        if cycle not in PRICES[plan]:
            assert code(reply) == code(preview) == "cycle_without_price"
            return
        if not self._model.is_live:
            assert code(reply) == "not_found"
            assert preview.body["data"]["proration"]["creditMinor"] == 0
            return
        credit = self._model.credit(self._now)
        proration = reply.body["data"]["proration"]
        assert preview.body["data"]["proration"] == proration
        assert (proration["creditMinor"], proration["chargeMinor"]) == (
            credit,
            PRICES[plan][cycle],
        )
        if credit:
            self._model.ledger.append(("credit", self._model.period, credit, "changed"))
        self._model.begin(plan, cycle, "changed", self._now)

    @rule()
    def cancel(self) -> None:
        answer = code(self._run(self._user.cancel(reason="x")))
        expected = {"active": "ok", "cancelled": "already_cancelled"}
        assert answer == expected.get(str(self._model.status), "not_found")
        if answer == "ok":
            self._model.status = "cancelled"

    @rule()
    def read_the_ledger(self) -> None:
        entries = self._run(self._user.ledger("?page_size=100")).body["data"]
        read = [
            (each["type"], each["period"], round(each["amount"] * 100), each["reason"])
            for each in entries
        ]
        assert read == self._model.ledger[::-1][:100]

    @invariant()
    def what_is_read_is_true_at_this_moment(self) -> None:
        reply, model = self._run(self._user.current()), self._model
        if model.status is None:
            assert code(reply) == "not_found"
            return
        data = reply.body["data"]
        assert (
            data["status"],
            data["planId"],
            data["billingCycle"],
            round(data["price"]["amount"] * 100),
            data["period"],
            datetime.fromisoformat(data["startDate"]),
            datetime.fromisoformat(data["endDate"]),
        ) == (
            model.status,
            self._ids[model.plan],
            model.cycle,
            model.price,
            model.period,
            model.start,
            model.end,
        )

    def teardown(self) -> None:
        self.read_the_ledger()


def test_a_subscription_is_what_the_model_says():
    loop = asyncio.new_event_loop()

    async def start() -> tuple[Api, dict[str, str]]:
        api = await harness.start()
        ids = {
            name: await add_plan(api, name, price={**price(), "amounts_minor": amounts})
            for name, amounts in PRICES.items()
        }
        return api, ids

    try:
        api, ids = loop.run_until_complete(start())
        machine = type("Machine", (SubscriptionMachine,), {"_loop": loop, "_api": api, "_ids": ids})
        run_state_machine_as_test(
            machine,
            settings=settings(max_examples=20, stateful_step_count=20),
        )
        loop.run_until_complete(api.close())
    finally:
        loop.close()
