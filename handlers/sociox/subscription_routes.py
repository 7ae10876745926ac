"""The routes of subscriptions: a user's own, and those that admins manage."""

from handlers.access import PARENTS, admins_who
from handlers.pagination import PageQuery
from handlers.routing import SIGNED_IN
from handlers.sociox.base import served
from handlers.sociox.managed_subscriptions import (
    CancelUserSubscriptionHandler,
    UpdateUserSubscriptionHandler,
    UserLedgerHandler,
    UserSubscriptionHandler,
)
from handlers.sociox.subscription_views import (
    ChangedSubscriptionView,
    LedgerEntryView,
    PreviewView,
    SubscriptionView,
)
from handlers.sociox.subscriptions import (
    CancelBody,
    CancelSubscriptionHandler,
    ChooseBody,
    PreviewSubscriptionHandler,
    SubscribeHandler,
    SubscriptionHandler,
    SubscriptionLedgerHandler,
    UpdateSubscriptionHandler,
)
from services.access.actor import AdminPermission
from services.sociox.errors import UnknownUser
from services.sociox.plan_errors import PlanNotFound
from services.sociox.subscription_changes import NoSubscription

_OWN = "/users/subscription"
_USERS = "/admin/users/{user_id}/subscription"
_MANAGERS = admins_who(AdminPermission.MANAGE_SUBSCRIPTIONS)

ROUTES = (
    served(
        "GET",
        _OWN,
        SubscriptionHandler,
        SIGNED_IN,
        answer=SubscriptionView,
        errors=(NoSubscription,),
    ),
    served(
        "POST",
        "/users/subscribe",
        SubscribeHandler,
        PARENTS,
        body=ChooseBody,
        answer=SubscriptionView,
        errors=(PlanNotFound,),
    ),
    served(
        "PUT",
        f"{_OWN}/update",
        UpdateSubscriptionHandler,
        PARENTS,
        body=ChooseBody,
        answer=ChangedSubscriptionView,
        errors=(NoSubscription, PlanNotFound),
    ),
    served(
        "POST",
        "/users/cancel-subscription",
        CancelSubscriptionHandler,
        PARENTS,
        body=CancelBody,
        answer=SubscriptionView,
        errors=(NoSubscription,),
    ),
    served(
        "POST",
        f"{_OWN}/preview",
        PreviewSubscriptionHandler,
        PARENTS,
        body=ChooseBody,
        answer=PreviewView,
        errors=(PlanNotFound,),
    ),
    served(
        "GET",
        f"{_OWN}/ledger",
        SubscriptionLedgerHandler,
        SIGNED_IN,
        answer=list[LedgerEntryView],
        query=PageQuery,
    ),
    served(
        "GET",
        _USERS,
        UserSubscriptionHandler,
        _MANAGERS,
        answer=SubscriptionView,
        errors=(UnknownUser, NoSubscription),
    ),
    served(
        "POST",
        _USERS,
        UserSubscriptionHandler,
        _MANAGERS,
        body=ChooseBody,
        answer=SubscriptionView,
        errors=(UnknownUser, PlanNotFound),
    ),
    served(
        "POST",
        f"{_USERS}/cancel",
        CancelUserSubscriptionHandler,
        _MANAGERS,
        body=CancelBody,
        answer=SubscriptionView,
        errors=(UnknownUser, NoSubscription),
    ),
    served(
        "POST",
        f"{_USERS}/update",
        UpdateUserSubscriptionHandler,
        _MANAGERS,
        body=ChooseBody,
        answer=ChangedSubscriptionView,
        errors=(UnknownUser, NoSubscription, PlanNotFound),
    ),
    served(
        "GET",
        f"{_USERS}/ledger",
        UserLedgerHandler,
        _MANAGERS,
        answer=list[LedgerEntryView],
        query=PageQuery,
        errors=(UnknownUser,),
    ),
)
