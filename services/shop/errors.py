"""The refusals that both the cart and the orders use."""

from services.errors import Invalid


class OutOfStock(Invalid):
    """Fewer pieces are left than are asked for."""

    code = "out_of_stock"

    def __init__(self, sku: str, left: int):
        super().__init__(
            f"{sku} is out of stock" if left <= 0 else f"Only {left} of {sku} are left"
        )
        self.sku, self.left = sku, left


class CurrencyMismatch(Invalid):
    """A cart and its order have one currency."""

    code = "currency_mismatch"

    def __init__(self, currency: str, other: str):
        super().__init__(
            f"A cart has one currency: this is in {other}, what is in the cart in {currency}"
        )
