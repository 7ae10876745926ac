"""A subscription: taken, changed, cancelled, renewed and ended, while plans change (section 5)."""

import calendar
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.harness import Api, Reply
from tests.machines.machine import Action, Subject, act
from tests.sociox.people import Person, join, join_as
from tests.sociox.plan_examples import OF_ADMINS, PLANS, change
from tests.sociox.subscribing import Subscriber, add_plan, price

# In minor units; no price of one plan is that of another, so that a mistaken one shows.
PRICES = {
    "basic": {"monthly": 999, "yearly": 9990},
    "premium": {"monthly": 2999, "yearly": 29999},
    "yearly only": {"yearly": 12345},
    "doomed": {"monthly": 101, "yearly": 1010},
}
STARTS = (
    datetime(2023, 1, 31, 23, 59, 59, tzinfo=UTC),
    datetime(2024, 2, 29, 12, 0, tzinfo=UTC),
    datetime(2024, 3, 31, 0, 0, tzinfo=UTC),
    datetime(2025, 1, 18, 10, 0, tzinfo=UTC),
)
_COLLECTIONS = (
    "users",
    "sessions",
    "plans",
    "subscriptions",
    "ledger_entries",
    "outbox",
    "audit_entries",
)
_LEDGER_SHOWN = 100


def _prices(plan: str, amount: int) -> dict[str, int]:
    """A plan's prices by an amount for a month; ten buy a year."""
    whole = {"monthly": amount, "yearly": 10 * amount}
    return {cycle: whole[cycle] for cycle in PRICES[plan]}


@dataclass
class _Offer:
    prices: dict[str, int]
    is_active: bool = True


@dataclass
class SubscriptionModel:
    """What the contract says a subscription is, reckoned the slow way."""

    now: datetime
    offers: dict[str, _Offer]
    status: str | None = None
    plan: str = ""
    cycle: str = ""
    price: int = 0
    anchor: datetime = STARTS[0]
    since_anchor: int = 0
    period: int = 0
    ledger: list[tuple[str, int, int, str]] = field(default_factory=list)

    def named(self, action: Action) -> Action:
        return action

    def _at_end_of(self, count: int) -> datetime:
        """The anchor and so many cycles, one month after the other."""
        year, month, day = self.anchor.year, self.anchor.month, self.anchor.day
        for _ in range(count * (12 if self.cycle == "yearly" else 1)):
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        last = calendar.monthrange(year, month)[1]
        return self.anchor.replace(year=year, month=month, day=min(day, last))

    @property
    def _start(self) -> datetime:
        return self._at_end_of(self.since_anchor)

    @property
    def _end(self) -> datetime:
        return self._at_end_of(self.since_anchor + 1)

    @property
    def _is_live(self) -> bool:
        return self.status in ("active", "cancelled")

    def time_passes(self, days: int, seconds: int) -> None:
        self._pass_until(self.now + timedelta(days=days, seconds=seconds))

    def the_end_comes(self, seconds: int) -> None:
        if self._is_live:
            self._pass_until(max(self.now, self._end + timedelta(seconds=seconds)))

    def _pass_until(self, moment: datetime) -> None:
        self.now = moment
        while self.status == "active" and self._end <= moment:
            self.since_anchor += 1
            self.period += 1
            self.ledger.append(("charge", self.period, self.price, "renewed"))
        if self.status == "cancelled" and self._end <= moment:
            self.status = "expired"

    def housekeeping(self) -> None:
        """Renewals and ends are as if they had come in time, whether or not it comes."""

    def change_price(self, plan: str, amount: int) -> int:
        if plan not in self.offers:
            return 400
        self.offers[plan].prices = _prices(plan, amount)
        return 200

    def set_status(self, plan: str, is_active: bool) -> int:
        if plan not in self.offers:
            return 400
        self.offers[plan].is_active = is_active
        return 200

    def delete_plan(self) -> int:
        return 404 if self.offers.pop("doomed", None) is None else 200

    def _refusal(self, plan: str, cycle: str) -> str | None:
        offer = self.offers.get(plan)
        if offer is None:
            return "not_found"
        if not offer.is_active:
            return "plan_inactive"
        return None if cycle in offer.prices else "cycle_without_price"

    def _credit(self) -> int:
        second = timedelta(seconds=1)
        left, whole = (self._end - self.now) // second, (self._end - self._start) // second
        return self.price * left // whole

    def _begin(self, plan: str, cycle: str, reason: str) -> None:
        self.status, self.plan, self.cycle = "active", plan, cycle
        self.price = self.offers[plan].prices[cycle]
        self.anchor, self.since_anchor = self.now, 0
        self.period += 1
        self.ledger.append(("charge", self.period, self.price, reason))

    def subscribe(self, plan: str, cycle: str) -> Any:
        refused = self._refusal(plan, cycle)
        if refused is not None:
            return refused
        if self._is_live:
            return "already_subscribed"
        # Another subscription, whose periods are numbered from 1 again.
        self.period = 0
        self._begin(plan, cycle, "subscribed")
        return "ok"

    def preview(self, plan: str, cycle: str) -> Any:
        refused = self._refusal(plan, cycle)
        if refused is not None:
            return refused
        return self._credit() if self._is_live else 0, self.offers[plan].prices[cycle]

    def update(self, plan: str, cycle: str) -> Any:
        refused = self._refusal(plan, cycle)
        if refused is None and not self._is_live:
            refused = "not_found"
        if refused is not None:
            return refused
        credit = self._credit()
        if credit:
            self.ledger.append(("credit", self.period, credit, "changed"))
        self._begin(plan, cycle, "changed")
        return credit, self.price

    def cancel(self) -> Any:
        refused = {"active": None, "cancelled": "already_cancelled"}
        answer = refused.get(str(self.status), "not_found")
        if answer is None:
            self.status = "cancelled"
        return answer or "ok"

    def seen(self) -> Any:
        ledger = self.ledger[::-1][:_LEDGER_SHOWN]
        if self.status is None:
            return None, ledger
        bought = (self.plan, self.cycle, self.price)
        return (self.status, *bought, self.period, self._start, self._end), ledger


def _code(reply: Reply) -> str | None:
    """None for what was done, or the code of the refusal."""
    if reply.status == 200:
        return None
    assert reply.status == 400, reply
    return str(reply.body["error"]["code"])


class _SignedIn(Subscriber):
    """A subscriber whose token serves until the clock is moved."""

    async def token(self) -> str:
        return self.person.token


class SubscriptionWorld:
    """One who subscribes, and an admin who changes the plans."""

    _user: _SignedIn
    _admin: Person

    def __init__(self, api: Api):
        self._api = api
        self._ids: dict[str, str] = {}

    async def begin(self, now: datetime) -> SubscriptionModel:
        for name in _COLLECTIONS:
            await self._api.agora.storage[name].delete_many({})
        self._ids = {
            name: await add_plan(self._api, name, price=price("USD", **amounts))
            for name, amounts in PRICES.items()
        }
        self._user = _SignedIn(self._api, await join(self._api, "ann"))
        self._admin = await join_as(self._api, "superadmin")
        return SubscriptionModel(
            now, {name: _Offer(dict(amounts)) for name, amounts in PRICES.items()}
        )

    async def time_passed(self) -> None:
        self._user = _SignedIn(self._api, await self._signed_in(self._user.person))
        self._admin = await self._signed_in(self._admin)

    async def _signed_in(self, person: Person) -> Person:
        return replace(person, token=await Subscriber(self._api, person).token())

    async def housekeeping(self) -> None:
        await self._api.agora.services.sociox.renewals.settle_due()

    async def change_price(self, plan: str, amount: int) -> int:
        amounts = {
            cycle: {"amount": minor / 100, "currency": "USD"}
            for cycle, minor in _prices(plan, amount).items()
        }
        body = {"price": amounts}
        reply = await change(self._api, PLANS, self._ids[plan], body, self._admin.token)
        return reply.status

    async def set_status(self, plan: str, is_active: bool) -> int:
        body = {"status": "active" if is_active else "inactive"}
        reply = await change(self._api, PLANS, self._ids[plan], body, self._admin.token)
        return reply.status

    async def delete_plan(self) -> int:
        token, plan_id = self._admin.token, self._ids["doomed"]
        reply = await change(self._api, OF_ADMINS, plan_id, None, token, "DELETE")
        return reply.status

    async def subscribe(self, plan: str, cycle: str) -> Any:
        return _code(await self._user.subscribe(self._ids[plan], cycle)) or "ok"

    async def preview(self, plan: str, cycle: str) -> Any:
        return _proration(await self._user.preview(self._ids[plan], cycle))

    async def update(self, plan: str, cycle: str) -> Any:
        return _proration(await self._user.update(self._ids[plan], cycle))

    async def cancel(self) -> Any:
        return _code(await self._user.cancel(reason="x")) or "ok"

    async def seen(self) -> Any:
        current = await self._user.current()
        entries = (await self._user.ledger(f"?page_size={_LEDGER_SHOWN}")).body["data"]
        ledger = [
            (each["type"], each["period"], round(each["amount"] * 100), each["reason"])
            for each in entries
        ]
        if _code(current) == "not_found":
            return None, ledger
        data = current.body["data"]
        (plan,) = [name for name, plan_id in self._ids.items() if plan_id == data["planId"]]
        bought = (plan, data["billingCycle"], round(data["price"]["amount"] * 100))
        dates = (datetime.fromisoformat(data[name]) for name in ("startDate", "endDate"))
        return (data["status"], *bought, data["period"], *dates), ledger


def _proration(reply: Reply) -> Any:
    """What is credited and charged, or the code of the refusal."""
    refused = _code(reply)
    if refused is not None:
        return refused
    proration = reply.body["data"]["proration"]
    return proration["creditMinor"], proration["chargeMinor"]


_plan, _cycle = st.sampled_from(sorted(PRICES)), st.sampled_from(["monthly", "yearly"])

SUBSCRIPTIONS = Subject(
    name="subscriptions",
    world=SubscriptionWorld,
    actions=st.one_of(
        act("subscribe", plan=_plan, cycle=_cycle),
        act("subscribe", plan=_plan, cycle=_cycle),
        act("update", plan=_plan, cycle=_cycle),
        act("update", plan=_plan, cycle=_cycle),
        act("preview", plan=_plan, cycle=_cycle),
        act("cancel"),
        act("cancel"),
        act("housekeeping"),
        act("change_price", plan=_plan, amount=st.integers(1, 9999)),
        act("set_status", plan=_plan, is_active=st.booleans()),
        act("delete_plan"),
    ),
    events=st.one_of(
        act("time_passes", days=st.integers(0, 800), seconds=st.integers(0, 86399)),
        act("the_end_comes", seconds=st.integers(-1, 1)),
    ),
    starts=STARTS,
)
