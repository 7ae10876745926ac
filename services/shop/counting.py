"""How much an account has in the shop."""

from bson import ObjectId

from repositories.shop.cart import CartRepository
from repositories.shop.orders import OrderFilter, OrderRepository


class ShopCounter:
    """Counts orders and the lines of the cart."""

    def __init__(self, orders: OrderRepository, carts: CartRepository):
        self._orders = orders
        self._carts = carts

    async def counts_of(self, user_id: ObjectId) -> dict[str, int]:
        """What the account ordered, and is about to."""
        cart = await self._carts.find(user_id)
        return {
            "orders": await self._orders.count(OrderFilter(user_id=user_id)),
            "cart_lines": 0 if cart is None else len(cart["items"]),
        }
