"""Where an order goes: what a usable address is (CONTRACT section 7)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from services.errors import Invalid
from services.texts import is_one_line

_COUNTRY = re.compile(r"[A-Za-z]{2}")
_LENGTH = 200
_REQUIRED = ("first_name", "last_name", "address1", "city", "postal_code", "country")


class InvalidAddress(Invalid):
    """A field of an address is missing or can't be used; the message names it."""

    code = "invalid_address"

    def __init__(self, field: str, problem: str):
        super().__init__(f"{field} {problem}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Address:
    """An address that something can be sent to; `country` is two upper-case letters."""

    first_name: str
    last_name: str
    company: str
    address1: str
    address2: str
    city: str
    state: str
    postal_code: str
    country: str
    phone_number: str


def read_address(given: Mapping[str, str | None], name: str) -> Address:
    """The address in the field `name` of a body, each part trimmed. Raises InvalidAddress."""
    parts = {field.name: (given.get(field.name) or "").strip() for field in fields(Address)}
    for part in _REQUIRED:
        if not parts[part]:
            raise InvalidAddress(f"{name}.{part}", "is required")
    for part, text in parts.items():
        if len(text) > _LENGTH:
            raise InvalidAddress(f"{name}.{part}", f"must be at most {_LENGTH} characters")
        if not is_one_line(text):
            raise InvalidAddress(f"{name}.{part}", "must be one line, without control characters")
    if not _COUNTRY.fullmatch(parts["country"]):
        raise InvalidAddress(f"{name}.country", "must be a country's two letters, such as US")
    parts["country"] = parts["country"].upper()
    if parts["country"] == "US" and not parts["state"]:
        raise InvalidAddress(f"{name}.state", "is required in the US")
    return Address(**parts)
