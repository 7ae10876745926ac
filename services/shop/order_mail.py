"""The mail that confirms an order."""

from repositories.types import Document

# ISO 4217: currencies whose minor unit is not a hundredth.
_DECIMALS = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


def amount_text(amount_minor: int, currency: str) -> str:
    """An amount as people write it: `1087.49 USD`."""
    decimals = _DECIMALS.get(currency, 2)
    if decimals == 0:
        return f"{amount_minor} {currency}"
    whole, rest = divmod(amount_minor, 10**decimals)
    return f"{whole}.{rest:0{decimals}d} {currency}"


def confirmation_subject(order: Document) -> str:
    """The subject of the confirmation."""
    return f"Your order {order['order_number']}"


def confirmation_text(order: Document) -> str:
    """What was ordered, what it costs and where it goes."""
    currency, address = order["currency"], order["shipping_address"]
    lines = [
        f"{item['quantity']} x {item['name']} ({item['sku']}): "
        f"{amount_text(item['unit_price_minor'] * item['quantity'], currency)}"
        for item in order["items"]
    ]
    sums = [
        f"{label}: {amount_text(order[field], currency)}"
        for label, field in (
            ("Subtotal", "subtotal_minor"),
            ("Discount", "discount_minor"),
            ("Tax", "tax_minor"),
            ("Shipping", "shipping_minor"),
            ("Total", "total_minor"),
        )
    ]
    place = ("postal_code", "city", "state", "country")
    to = [
        f"{address['first_name']} {address['last_name']}",
        address["company"],
        address["address1"],
        address["address2"],
        " ".join(address[part] for part in place if address[part]),
    ]
    return "\n".join(
        [
            f"Thank you for your order {order['order_number']}.",
            "",
            *lines,
            "",
            *sums,
            "",
            "It goes to:",
            *(line for line in to if line),
            "",
        ]
    )
