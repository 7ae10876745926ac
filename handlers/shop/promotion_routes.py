"""The routes of promotions."""

from handlers.access import holding
from handlers.routing import Route
from handlers.shop.promotions import (
    PromotionBody,
    PromotionHandler,
    PromotionsHandler,
    PromotionsQuery,
    PromotionView,
)
from services.access.actor import Permission
from services.shop.promotion_management import PromotionCodeTaken, PromotionNotFound

_PROMOTIONS = "/api/v1/admin/promotions"
_PROMOTION = f"{_PROMOTIONS}/{{promotion_id}}"
_MANAGERS = holding(Permission.MANAGE_PROMOTIONS)

ROUTES = (
    Route(
        "GET",
        _PROMOTIONS,
        PromotionsHandler,
        _MANAGERS,
        answer=list[PromotionView],
        query=PromotionsQuery,
    ),
    Route(
        "POST",
        _PROMOTIONS,
        PromotionsHandler,
        _MANAGERS,
        PromotionBody,
        PromotionView,
        status=201,
        errors=(PromotionCodeTaken,),
    ),
    Route(
        "GET",
        _PROMOTION,
        PromotionHandler,
        _MANAGERS,
        answer=PromotionView,
        errors=(PromotionNotFound,),
    ),
    Route(
        "PUT",
        _PROMOTION,
        PromotionHandler,
        _MANAGERS,
        PromotionBody,
        PromotionView,
        errors=(PromotionNotFound, PromotionCodeTaken),
    ),
    Route(
        "DELETE", _PROMOTION, PromotionHandler, _MANAGERS, status=204, errors=(PromotionNotFound,)
    ),
)
