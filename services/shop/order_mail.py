"""The mail that confirms an order."""

from repositories.types import Document
from services.shop.amounts import amount_text


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
