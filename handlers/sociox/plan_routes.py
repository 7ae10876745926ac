"""The routes of plans."""

from handlers.access import admins_who
from handlers.routing import PUBLIC, SIGNED_IN
from handlers.sociox.base import served
from handlers.sociox.plan_views import PlanView
from handlers.sociox.plans import (
    CategoryPlansHandler,
    CustomFeatures,
    CustomFeaturesHandler,
    FeatureChanges,
    FeaturesHandler,
    NewPlan,
    NewStatus,
    PlanChanges,
    PlanDeletionHandler,
    PlanHandler,
    PlansHandler,
    PlansQuery,
    PlanStatusHandler,
)
from services.access.actor import AdminPermission
from services.sociox.plan_errors import PlanNotFound

_PLANS = "/admin/subscription/plans"
_PLAN = f"{_PLANS}/{{plan_id}}"
_IN_CATEGORY = f"{_PLANS}/category/{{category}}"
# The document has three beginnings for what is done to a plan.
_FEATURES = "/subscriptions/plan-features/{plan_id}"
_PLAN_OF_ADMINS = "/subscription/admin/plans/{plan_id}"
_MANAGERS = admins_who(AdminPermission.MANAGE_SUBSCRIPTIONS)

ROUTES = (
    served("GET", _PLANS, PlansHandler, SIGNED_IN, answer=list[PlanView], query=PlansQuery),
    served("POST", _PLANS, PlansHandler, _MANAGERS, body=NewPlan, answer=PlanView, status=201),
    served("GET", _PLAN, PlanHandler, PUBLIC, answer=PlanView, errors=(PlanNotFound,)),
    served(
        "PUT",
        _PLAN,
        PlanHandler,
        _MANAGERS,
        body=PlanChanges,
        answer=PlanView,
        errors=(PlanNotFound,),
    ),
    served(
        "GET",
        _IN_CATEGORY,
        CategoryPlansHandler,
        PUBLIC,
        answer=list[PlanView],
        errors=(PlanNotFound,),
    ),
    served(
        "PATCH",
        f"{_PLAN}/features",
        CustomFeaturesHandler,
        _MANAGERS,
        body=CustomFeatures,
        answer=PlanView,
        errors=(PlanNotFound,),
    ),
    served(
        "PUT",
        _FEATURES,
        FeaturesHandler,
        _MANAGERS,
        body=FeatureChanges,
        answer=PlanView,
        errors=(PlanNotFound,),
    ),
    served(
        "POST",
        f"{_PLAN_OF_ADMINS}/status",
        PlanStatusHandler,
        _MANAGERS,
        body=NewStatus,
        answer=PlanView,
        errors=(PlanNotFound,),
    ),
    served("DELETE", _PLAN_OF_ADMINS, PlanDeletionHandler, _MANAGERS, errors=(PlanNotFound,)),
)
