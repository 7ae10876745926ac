"""What tests of subscriptions share: plans as the document has them, subscribers, a look inside."""

from dataclasses import dataclass
from typing import Any

from bson import ObjectId

from repositories.sociox.plans import PlanRepository
from tests.factories import stored
from tests.harness import Api, Reply
from tests.sociox.people import Person, join

USERS = "/api/v1/users"
UNKNOWN_ID = "67616c378c821544d3c5400b"
NONE = (400, "not_found", "There is no subscription; subscribe to a plan first")


@dataclass(frozen=True)
class Subscriber:
    """Somebody who calls the routes of a user's own subscription, however late it is."""

    api: Api
    person: Person

    async def token(self) -> str:
        """A token that has not expired, wherever the clock was moved."""
        sessions = self.api.agora.services.accounts.sessions
        return (await sessions.open(ObjectId(self.person.id))).access

    async def subscribe(self, plan_id: str, cycle: str = "monthly") -> Reply:
        """Subscribe to a plan."""
        return await self.post("subscribe", {"planId": plan_id, "billingCycle": cycle})

    async def preview(self, plan_id: str, cycle: str = "monthly") -> Reply:
        """What subscribing or changing would cost."""
        return await self.post("subscription/preview", {"planId": plan_id, "billingCycle": cycle})

    async def update(self, plan_id: str, cycle: str = "monthly") -> Reply:
        """Change to a plan."""
        body = {"planId": plan_id, "billingCycle": cycle}
        return await self.api.call(
            "PUT", f"{USERS}/subscription/update", body, token=await self.token()
        )

    async def cancel(self, **body: Any) -> Reply:
        """Cancel the subscription."""
        return await self.post("cancel-subscription", body)

    async def current(self) -> Reply:
        """The current subscription."""
        return await self.api.get(f"{USERS}/subscription", token=await self.token())

    async def ledger(self, query: str = "") -> Reply:
        """A page of the ledger."""
        path = f"{USERS}/subscription/ledger{query}"
        return await self.api.get(path, token=await self.token())

    async def post(self, path: str, body: Any) -> Reply:
        """Send a body to a route of users."""
        return await self.api.post(f"{USERS}/{path}", body, token=await self.token())


async def add_plan(api: Api, name: str = "premium", **fields: Any) -> str:
    """The id of a new plan, kept past HTTP: 29.99 USD a month, 299.99 a year."""
    now = api.clock()
    plan = {
        "_id": ObjectId(),
        "name": name,
        "display_name": f"{name.title()} Plan",
        "price": price(monthly=2999, yearly=29999),
        "features": {"teamMembers": 5},
        "custom_features": [],
        "recommended": False,
        "category": None,
        "status": "active",
        "is_deleted": False,
        "created_at": now,
        "updated_at": now,
        **fields,
    }
    async with api.agora.storage.transaction() as tx:
        await PlanRepository(api.agora.storage).insert(plan, tx=tx)
    return str(plan["_id"])


def price(currency: str = "USD", **amounts_minor: int) -> dict[str, Any]:
    """A plan's price by cycle, as it is kept."""
    return {"currency": currency, "amounts_minor": amounts_minor, "savings_minor": None}


async def change_plan(api: Api, plan_id: str, **changes: Any) -> None:
    """Change a plan past HTTP."""
    async with api.agora.storage.transaction() as tx:
        await PlanRepository(api.agora.storage).update(ObjectId(plan_id), changes, tx=tx)


async def add_subscriber(api: Api, name: str = "ann", **changes: Any) -> Subscriber:
    """A new account with an address, and no subscription."""
    return Subscriber(api, await join(api, name, **changes))


def dates(reply: Reply) -> tuple[str, str]:
    """From when to when the subscription in an answer is, without the time of day."""
    assert reply.status == 200, reply
    data = reply.body["data"]
    return data["startDate"][:10], data["endDate"][:10]


async def entries(api: Api) -> list[tuple[int, str, int]]:
    """Period, type and amount in minor units of all that is in the ledger."""
    found = await stored(api, "ledger_entries")
    return sorted((each["period"], each["type"], each["amount_minor"]) for each in found)


async def mails(api: Api) -> list[tuple[str, str]]:
    """To whom and with which subject mails about subscriptions were left, oldest first."""
    left = await api.agora.services.outbox.recent(100)
    about = [entry for entry in left if entry.kind.startswith("subscription_")]
    return [(entry.to, entry.subject or "") for entry in reversed(about)]
