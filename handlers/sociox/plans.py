"""Plans: seen by all, kept by those who manage subscriptions."""

from collections.abc import Mapping
from typing import Any

import msgspec

from handlers.bodies import Body
from handlers.parameters import Query
from handlers.sociox.base import SocioxHandler
from handlers.sociox.plan_views import PlanView
from services.errors import DomainError, NotFound
from services.sociox.plan_terms import PlanTerms


class PlansQuery(Query, frozen=True, kw_only=True):
    """Which plans; each matches exactly, and an empty one is none."""

    name: str | None = None
    category: str | None = None
    status: str | None = None


class NewPlan(Body, frozen=True, kw_only=True, rename="camel"):
    """A plan to make; it is active unless `status` says otherwise."""

    name: str
    display_name: str
    price: dict[str, Any]
    features: dict[str, Any]
    custom_features: list[str] | None = None
    recommended: bool | None = None
    category: str | None = None
    status: str | None = None


class PlanChanges(Body, frozen=True, kw_only=True, rename="camel"):
    """What a plan is to be; what is left out stays, what is given replaces what was there."""

    name: str | None = None
    display_name: str | None = None
    price: dict[str, Any] | None = None
    features: dict[str, Any] | None = None
    custom_features: list[str] | None = None
    recommended: bool | None = None
    category: str | None = None
    status: str | None = None


class FeatureChanges(Body, frozen=True, kw_only=True, rename="camel"):
    """Features to merge into those of a plan, custom features to replace its own with."""

    features: dict[str, Any] | None = None
    custom_features: list[str] | None = None


class CustomFeatures(Body, frozen=True, kw_only=True, rename="camel"):
    """The custom features that a plan is to have."""

    custom_features: list[str]


class NewStatus(Body, frozen=True, kw_only=True):
    """`active` or `inactive`."""

    status: str


class PlanHandlerBase(SocioxHandler):
    """What the routes of plans share: amounts and features are read to the last digit."""

    reads_decimals = True


class PlansHandler(PlanHandlerBase):
    """List the plans, or make one."""

    has_etag = True

    async def get(self) -> None:
        """SOCIOX "get Plans": the oldest first; each filter matches exactly."""
        query = self.read_query(PlansQuery)
        plans = await self.services.sociox.plans.all(
            name=query.name or None, category=query.category or None, status=query.status or None
        )
        self.render_message("Plans", [PlanView.of(plan) for plan in plans])

    async def post(self) -> None:
        """SOCIOX "create plan"; there are 500 at most."""
        terms = PlanTerms(**msgspec.structs.asdict(self.parse(NewPlan)))
        plan = await self.services.sociox.plans.create(terms, actor=self.actor)
        self.render_message("Plan created successfully", PlanView.of(plan), status=201)


class PlanHandler(PlanHandlerBase):
    """See a plan, or change it."""

    has_etag = True

    async def get(self, plan_id: str) -> None:
        """SOCIOX "get Plans by id"."""
        plan = await self.services.sociox.plans.get(plan_id)
        self.render_message("Plan", PlanView.of(plan))

    async def put(self, plan_id: str) -> None:
        """SOCIOX "update plan"."""
        terms = PlanTerms(**msgspec.structs.asdict(self.parse(PlanChanges)))
        plan = await self.services.sociox.plans.change(plan_id, terms, actor=self.actor)
        self.render_message("Plan updated successfully", PlanView.of(plan))


class CategoryPlansHandler(PlanHandlerBase):
    """See the active plans of a category."""

    has_etag = True

    async def get(self, category: str) -> None:
        """SOCIOX "GET PLAN BY GATAGOTIES"."""
        plans = await self.services.sociox.plans.active_in(category)
        self.render_message("Plans", [PlanView.of(plan) for plan in plans])


class CustomFeaturesHandler(PlanHandlerBase):
    """Replace the custom features of a plan."""

    async def patch(self, plan_id: str) -> None:
        """SOCIOX "update custom features"."""
        given = self.parse(CustomFeatures).custom_features
        plan = await self.services.sociox.plans.merge_features(
            plan_id, None, given, actor=self.actor
        )
        self.render_message("Plan features updated successfully", PlanView.of(plan))


class FeaturesHandler(PlanHandlerBase):
    """Merge features into those of a plan."""

    async def put(self, plan_id: str) -> None:
        """SOCIOX "update both features" and "update standard feature"."""
        given = self.parse(FeatureChanges)
        plan = await self.services.sociox.plans.merge_features(
            plan_id, given.features, given.custom_features, actor=self.actor
        )
        self.render_message("Plan features updated successfully", PlanView.of(plan))


class PlanStatusHandler(PlanHandlerBase):
    """Let a plan be bought, or no longer."""

    async def post(self, plan_id: str) -> None:
        """SOCIOX "update plan status"."""
        status = self.parse(NewStatus).status
        plan = await self.services.sociox.plans.set_status(plan_id, status, actor=self.actor)
        self.render_message("Plan status updated successfully", PlanView.of(plan))


class PlanDeletionHandler(SocioxHandler):
    """Delete a plan."""

    # The only unknown entity of the document that is 404 (CONTRACT section 2).
    statuses: Mapping[type[DomainError], int] = {NotFound: 404}

    async def delete(self, plan_id: str) -> None:
        """SOCIOX "delete plan"; its body has no meaning."""
        await self.services.sociox.plans.delete(plan_id, actor=self.actor)
        self.render_message("Plan deleted successfully")
