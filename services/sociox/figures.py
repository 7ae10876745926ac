"""How many subscribe to what."""

import asyncio

from repositories.sociox.plans import PlanRepository
from repositories.sociox.subscriptions import SubscriptionRepository
from services.console.figures import PlanSubscriptions
from services.sociox.subscription_state import SubscriptionStatus


class SocioxFigures:
    """Counts subscriptions as they are kept.

    One whose time is up counts as before until housekeeping has settled it, within a minute.
    """

    def __init__(self, plans: PlanRepository, subscriptions: SubscriptionRepository):
        self._plans = plans
        self._subscriptions = subscriptions

    async def subscriptions_by_plan(self) -> tuple[PlanSubscriptions, ...]:
        """Every plan that is not deleted, and the deleted ones that somebody still has."""
        figures = []
        for plan in await self._plans.names():
            counts = {
                status.value: await self._subscriptions.count(plan["_id"], status.value)
                for status in SubscriptionStatus
            }
            await asyncio.sleep(0)
            if plan["is_deleted"] and not (counts["active"] or counts["cancelled"]):
                continue
            figures.append(
                PlanSubscriptions(
                    name=plan["name"],
                    display_name=plan["display_name"],
                    is_offered=not plan["is_deleted"] and plan["status"] == "active",
                    **counts,
                )
            )
        return tuple(figures)
