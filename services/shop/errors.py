"""The refusals that more than one of the shop's services uses."""

from services.errors import Conflict, Invalid, NotFound


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


class ProductNotFound(NotFound):
    """There is no such product, or it is not active."""

    code = "product_not_found"

    def __init__(self) -> None:
        super().__init__("Product not found")


class CategoryNotFound(NotFound):
    """There is no such category, or it is archived."""

    code = "category_not_found"

    def __init__(self) -> None:
        super().__init__("Category not found")


class BrandNotFound(NotFound):
    """There is no such brand."""

    code = "brand_not_found"

    def __init__(self) -> None:
        super().__init__("Brand not found")


class SlugTaken(Conflict):
    """Another category or another brand, perhaps an archived one, has this slug."""

    code = "slug_taken"

    def __init__(self) -> None:
        super().__init__("Slug already exists")
