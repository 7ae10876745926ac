"""The terms of a plan: what staff may set, checked as a whole. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from repositories.types import Document
from services.sociox.plan_errors import InvalidPlan
from services.sociox.plan_features import check_features
from services.sociox.plan_prices import parse_price

_MAX_NAME = 64
_MAX_DISPLAY_NAME = 100
_MAX_CATEGORY = 64
_MAX_CUSTOM_FEATURES = 100
_MAX_CUSTOM_FEATURE = 200


class PlanStatus(StrEnum):
    """Whether a plan can be bought."""

    ACTIVE = "active"
    INACTIVE = "inactive"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanTerms:
    """What a plan is to be, as the document writes it; None for what is not given."""

    name: str | None = None
    display_name: str | None = None
    price: Mapping[str, Any] | None = None
    features: Mapping[str, Any] | None = None
    custom_features: Sequence[str] | None = None
    recommended: bool | None = None
    category: str | None = None
    status: str | None = None

    def as_document(self) -> Document:
        """The fields to keep of what is given (`repositories/sociox/plans.py`).

        Raises InvalidPlan, InvalidAmount or UnknownCurrency.
        """
        fields: Document = {}
        if self.name is not None:
            fields["name"] = _accepted("name", self.name, _MAX_NAME)
        if self.display_name is not None:
            fields["display_name"] = _accepted("displayName", self.display_name, _MAX_DISPLAY_NAME)
        if self.price is not None:
            fields["price"] = parse_price(self.price)
        if self.features is not None:
            check_features(self.features)
            fields["features"] = self.features
        if self.custom_features is not None:
            fields["custom_features"] = _custom_features(self.custom_features)
        if self.recommended is not None:
            fields["recommended"] = self.recommended
        if self.category is not None:
            fields["category"] = _accepted("category", self.category, _MAX_CATEGORY)
        if self.status is not None:
            fields["status"] = parse_status(self.status)
        return fields


def parse_status(text: str) -> str:
    """A status of plans. Raises InvalidPlan."""
    if text not in tuple(PlanStatus):
        raise InvalidPlan("status", f"must be {' or '.join(PlanStatus)}")
    return text


def _accepted(path: str, text: str, most: int) -> str:
    """A text that people read in one line, without the blanks around it."""
    trimmed = text.strip()
    if not 0 < len(trimmed) <= most or not trimmed.isprintable():
        raise InvalidPlan(path, f"must have 1 to {most} printable characters")
    return trimmed


def _custom_features(given: Sequence[str]) -> list[str]:
    if len(given) > _MAX_CUSTOM_FEATURES:
        raise InvalidPlan("customFeatures", f"must be at most {_MAX_CUSTOM_FEATURES}")
    return [
        _accepted(f"customFeatures[{index}]", text, _MAX_CUSTOM_FEATURE)
        for index, text in enumerate(given)
    ]
