"""What a customer asks for with an order, read and checked as far as nothing is looked up."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from services.errors import Invalid
from services.shop.addresses import Address, read_address

STANDARD_SHIPPING = "ship_standard"
_MAX_CODES = 10
_NOTES_LENGTH = 2000
_TEXT_LENGTH = 200


class InvalidOrderField(Invalid):
    """A field of an order is too long; the message names it."""

    code = "invalid_field"


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order as it is asked for; promotion codes in upper case, each once."""

    shipping_address: Address
    billing_address: Address
    shipping_method_id: str
    promotion_codes: tuple[str, ...]
    payment_method_id: str | None
    notes: str

    def fingerprint(self) -> bytes:
        """The same for requests that ask for the same, however their JSON is spaced."""
        return hashlib.sha256(msgspec.json.encode(self)).digest()


def read_order_request(
    shipping_address: Mapping[str, str | None],
    billing_address: Mapping[str, str | None] | None,
    shipping_method_id: str | None,
    promotion_codes: Sequence[str],
    payment_method_id: str | None,
    notes: str,
) -> OrderRequest:
    """What the body of an order asks for. Raises InvalidAddress or InvalidOrderField."""
    shipping = read_address(shipping_address, "shipping_address")
    billing = (
        shipping if billing_address is None else read_address(billing_address, "billing_address")
    )
    if len(promotion_codes) > _MAX_CODES:
        raise InvalidOrderField(f"promotion_codes takes at most {_MAX_CODES} codes")
    for name, text, length in (
        *(("promotion_codes", code, _TEXT_LENGTH) for code in promotion_codes),
        ("shipping_method_id", shipping_method_id or "", _TEXT_LENGTH),
        ("payment_method_id", payment_method_id or "", _TEXT_LENGTH),
        ("notes", notes, _NOTES_LENGTH),
    ):
        if len(text) > length:
            raise InvalidOrderField(f"{name} must be at most {length} characters")
    codes = dict.fromkeys(code.strip().upper() for code in promotion_codes)
    return OrderRequest(
        shipping_address=shipping,
        billing_address=billing,
        shipping_method_id=shipping_method_id or STANDARD_SHIPPING,
        promotion_codes=tuple(codes),
        payment_method_id=payment_method_id,
        notes=notes,
    )
