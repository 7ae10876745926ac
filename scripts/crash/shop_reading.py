"""What the store holds of carts, orders and stocks; and whether every piece is somewhere."""

from collections import Counter
from typing import Any

from bson import ObjectId

from repositories.embedded import EmbeddedStore
from repositories.shop import cart, idempotency_keys, orders, products
from scripts.crash.goods import PIECES
from scripts.crash.ledger import Found
from scripts.crash.shopping import CANCELLED


async def read_shop(store: EmbeddedStore, accounts: dict[ObjectId, str], found: Found) -> None:
    """Add the facts of the shop, by the names of accounts."""
    for each in await _all(store, cart.COLLECTION):
        if lines := _lines(each["items"]):
            found.hold(("cart", accounts[each["user_id"]]), lines)
    sold: Counter[str] = Counter()
    placed = {order["_id"]: order for order in await _all(store, orders.COLLECTION)}
    for order in placed.values():
        lines = _lines(order["items"])
        codes = tuple(used["code"] for used in order["promotions"])
        fact = (accounts[order["user_id"]], lines, codes, order["status"])
        found.hold(("order", order["notes"]), fact, str(order["_id"]))
        if order["status"] != CANCELLED:
            sold.update(dict(lines))
    for product in await _all(store, products.COLLECTION):
        _check_pieces(product, sold[product["_id"]], found)
    for key in await _all(store, idempotency_keys.COLLECTION):
        answered = placed.get(key["order_id"])
        if answered is None or answered["notes"] != key["key"]:
            found.blame(f"the key {key['key']!r} is kept for another order, or for none")


def _check_pieces(product: dict[str, Any], sold: int, found: Found) -> None:
    stock, pieces = product["stock"], PIECES[product["_id"]]
    if stock < 0 or stock + sold != pieces:
        found.blame(f"{product['_id']}: {stock} pieces left and {sold} sold, of {pieces}")


def _lines(items: list[dict[str, Any]]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((item["product_id"], item["quantity"]) for item in items))


async def _all(store: EmbeddedStore, collection: str) -> list[dict[str, Any]]:
    return await store[collection].find({}).to_list(None)
