"""Plans: finding, making, changing and deleting them (CONTRACT section 5)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId

from repositories.errors import Taken
from repositories.sociox.plans import PlanRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.access.audit import AuditAction, AuditLog
from services.access.texts import parse_id
from services.clock import Clock
from services.errors import Invalid
from services.sociox.plan_errors import PlanNameTaken, PlanNotFound, TooManyPlans
from services.sociox.plan_features import check_features, merged
from services.sociox.plan_terms import PlanStatus, PlanTerms, parse_status

MAX_PLANS = 500
"""How many plans there may be, those deleted apart: they are listed whole."""

_NEW: Document = {
    "custom_features": [],
    "recommended": False,
    "category": None,
    "status": PlanStatus.ACTIVE.value,
    "is_deleted": False,
}


def new_plan(plan_id: ObjectId, fields: Document, *, at: datetime) -> Document:
    """A plan with `fields` of `PlanTerms.as_document`; what is not given is as usual."""
    return {"_id": plan_id, **_NEW, **fields, "created_at": at, "updated_at": at}


class NoFeaturesGiven(Invalid):
    """Nothing was given that could be merged."""

    code = "missing_field"

    def __init__(self) -> None:
        super().__init__("features or customFeatures is required")


class PlanService:
    """Keeps plans; a deleted one is nowhere to be seen, and what runs on it goes on.

    Every change holds the plan as it is until it is done, and is in the audit log.
    """

    def __init__(
        self, plans: PlanRepository, audit: AuditLog, transaction: Transaction, clock: Clock
    ):
        self._plans = plans
        self._audit = audit
        self._transaction = transaction
        self._clock = clock

    async def all(
        self, *, name: str | None = None, category: str | None = None, status: str | None = None
    ) -> list[Document]:
        """The plans that are exactly so; None is any. Raises InvalidPlan for another status."""
        wanted = {"name": name, "category": category}
        if status is not None:
            wanted["status"] = parse_status(status)
        return await self._plans.live({key: text for key, text in wanted.items() if text})

    async def active_in(self, category: str) -> list[Document]:
        """The active plans of a category. Raises PlanNotFound where there is none."""
        found = await self._plans.live({"category": category, "status": PlanStatus.ACTIVE})
        if not found:
            raise PlanNotFound("No active plan is in this category")
        return found

    async def get(self, plan_id: str) -> Document:
        """A plan, active or not. Raises PlanNotFound."""
        parsed = parse_id(plan_id)
        return _seen(None if parsed is None else await self._plans.find(parsed))

    async def create(self, terms: PlanTerms, *, actor: Actor) -> Document:
        """Make a plan; `name`, `display_name`, `price` and `features` are given.

        Raises PlanNameTaken, TooManyPlans, or what `PlanTerms.as_document` does.
        """
        fields = terms.as_document()
        plan = new_plan(ObjectId(), fields, at=self._now())
        async with self._transaction() as tx:
            if await self._plans.count_live(tx=tx) >= MAX_PLANS:
                raise TooManyPlans(MAX_PLANS)
            try:
                await self._plans.insert(plan, tx=tx)
            except Taken:
                raise PlanNameTaken from None
            await self._record(AuditAction.CREATE_PLAN, plan, fields, actor, tx)
        return plan

    async def change(self, plan_id: str, terms: PlanTerms, *, actor: Actor) -> Document:
        """Set what is given, each field as a whole; the plan as it is then.

        Raises PlanNotFound, PlanNameTaken, or what `PlanTerms.as_document` does.
        """
        fields = terms.as_document()
        return await self._change(plan_id, AuditAction.UPDATE_PLAN, lambda _: fields, actor)

    async def set_status(self, plan_id: str, status: str, *, actor: Actor) -> Document:
        """Let a plan be bought, or no longer. Raises PlanNotFound or InvalidPlan."""
        fields = PlanTerms(status=status).as_document()
        return await self._change(plan_id, AuditAction.SET_PLAN_STATUS, lambda _: fields, actor)

    async def merge_features(
        self,
        plan_id: str,
        features: Mapping[str, Any] | None,
        custom_features: Sequence[str] | None,
        *,
        actor: Actor,
    ) -> Document:
        """Merge features into those of a plan, and set its custom ones; the plan as it is then.

        What comes of it is checked as a whole. Raises NoFeaturesGiven, PlanNotFound or
        InvalidPlan.
        """
        fields = PlanTerms(features=features, custom_features=custom_features).as_document()
        if not fields:
            raise NoFeaturesGiven

        def with_features(plan: Document) -> Document:
            if features is None:
                return fields
            both = merged(plan["features"], features)
            check_features(both)
            return {**fields, "features": both}

        return await self._change(plan_id, AuditAction.UPDATE_PLAN_FEATURES, with_features, actor)

    async def delete(self, plan_id: str, *, actor: Actor) -> None:
        """Hide a plan for good; its name is free again. Raises PlanNotFound."""
        await self._change(plan_id, AuditAction.DELETE_PLAN, lambda _: {"is_deleted": True}, actor)

    async def _change(
        self,
        plan_id: str,
        action: AuditAction,
        fields_of: Callable[[Document], Document],
        actor: Actor,
    ) -> Document:
        parsed = parse_id(plan_id)
        async with self._transaction() as tx:
            plan = _seen(None if parsed is None else await self._plans.lock(parsed, tx=tx))
            fields = fields_of(plan)
            changes = {**fields, "updated_at": self._now()}
            try:
                await self._plans.update(plan["_id"], changes, tx=tx)
            except Taken:
                raise PlanNameTaken from None
            plan.update(changes)
            await self._record(action, plan, fields, actor, tx)
        return plan

    async def _record(
        self, action: AuditAction, plan: Document, fields: Document, actor: Actor, tx: Tx
    ) -> None:
        details = {"name": plan["name"], "status": plan["status"], "fields": sorted(fields)}
        await self._audit.record(action, plan["_id"], actor=actor, tx=tx, details=details)

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)


def _seen(plan: Document | None) -> Document:
    if plan is None or plan["is_deleted"]:
        raise PlanNotFound
    return plan
