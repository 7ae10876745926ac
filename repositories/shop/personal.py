"""What the shop keeps of an account."""

from repositories.personal import Kept, by
from repositories.shop import cart, orders, promotions

KEPT = (
    Kept("cart", cart.COLLECTION, by("user_id")),
    # How it is paid is never shown (CONTRACT section 7).
    Kept("orders", orders.COLLECTION, by("user_id"), hidden=("payment_method_id",)),
    Kept("promotion_uses", promotions.USES_COLLECTION, by("user_id")),
)
