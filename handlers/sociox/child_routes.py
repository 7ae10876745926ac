"""The routes of child users."""

from handlers.access import PARENTS
from handlers.accounts.user_view import UserView
from handlers.pagination import PageQuery
from handlers.sociox.base import served
from handlers.sociox.children import ChildChanges, ChildHandler, ChildrenHandler, NewChild
from services.accounts.registration import EmailTaken
from services.sociox.children import ChildNotFound, PlanLimitReached

_CHILDREN = "/users/child-users"
_CHILD = f"{_CHILDREN}/{{child_id}}"

ROUTES = (
    served(
        "POST",
        _CHILDREN,
        ChildrenHandler,
        PARENTS,
        body=NewChild,
        answer=UserView,
        status=201,
        errors=(PlanLimitReached, EmailTaken),
    ),
    served("GET", _CHILDREN, ChildrenHandler, PARENTS, answer=list[UserView], query=PageQuery),
    served(
        "PATCH",
        _CHILD,
        ChildHandler,
        PARENTS,
        body=ChildChanges,
        answer=UserView,
        errors=(ChildNotFound,),
    ),
    served("DELETE", _CHILD, ChildHandler, PARENTS, errors=(ChildNotFound,)),
)
