"""What lists and searches show of an import, whatever moment it is cut off at."""

from collections.abc import Sequence
from typing import Any

import pytest

from repositories.shop.brands import BrandRepository
from repositories.shop.categories import CategoryRepository
from repositories.shop.postings import PostingRepository
from repositories.shop.products import ProductRepository
from repositories.types import Transaction
from services.shop.listing import Listing
from services.shop.product_import import ProductImport
from services.shop.product_keeping import ProductKeeper
from tests.harness import Api
from tests.shop.shelves import PRODUCTS, add, fill

# More than are announced at first.
COUNT = 203


class CutOff(Exception):
    """The import's process ended."""


def rows(count: int = COUNT) -> list[dict[str, Any]]:
    """Lamps, the ends of whose names and descriptions no two share."""
    price = {"amount": 100, "currency": "USD"}
    return [
        {
            "sku": f"L-{number}",
            "name": f"Lamp {number:03}",
            "description": " ".join(f"{number:03}{letter}ab" for letter in "wxyz"),
            "base_price": price,
            "category_id": "cat-4",
        }
        for number in range(count)
    ]


def importing(api: Api, transaction: Transaction) -> ProductImport:
    """An import whose transactions are begun by `transaction`."""
    storage = api.agora.storage
    products, listing = ProductRepository(storage), Listing(PostingRepository(storage))
    categories, brands = CategoryRepository(storage), BrandRepository(storage)
    keeper = ProductKeeper(products, categories, brands, listing, api.clock)
    return ProductImport(products, categories, brands, listing, keeper, transaction)


async def load(api: Api, wanted: Sequence[dict[str, Any]], transactions: int) -> list[str]:
    """Import until so many transactions are over; what came of the rows that were kept."""
    left = transactions

    def transaction() -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise CutOff
        return api.agora.storage.transaction()

    service = importing(api, transaction)
    return [outcome.kind async for batch in service.load(wanted) for outcome in batch]


async def total(api: Api, keyword: str | None = None) -> int:
    """How many products a list or a search has, which the pages must also have."""
    path = PRODUCTS if keyword is None else f"{PRODUCTS}?keyword={keyword}"
    separator = "?" if keyword is None else "&"
    pages = [await api.get(f"{path}{separator}page_size=100&page={page}") for page in (1, 2, 3, 4)]
    found = [item["id"] for page in pages for item in page.body["data"]]
    assert len(set(found)) == len(found) == pages[0].body["meta"]["total_items"]
    return len(found)


@pytest.mark.parametrize("transactions", range(9))
async def test_an_import_cut_off_has_listed_just_what_it_kept(api: Api, transactions: int):
    await fill(api)
    before = await total(api)
    with pytest.raises(CutOff):
        await load(api, rows(), transactions)
    kept = await total(api) - before
    # Two announce the words of the first 200, and each one then keeps some products.
    assert (kept > 0, kept <= 200) == (transactions > 2, True)
    assert await total(api, "lamp") == kept
    for number in (0, 199, 200, 202):
        expected = int(number < kept)
        assert await total(api, f"{number:03}x") == await total(api, f"{number:03}y") == expected

    assert await load(api, rows(), 100) == ["same"] * kept + ["new"] * (COUNT - kept)
    assert await total(api) == before + COUNT
    assert await total(api, "lamp") == COUNT
    assert await total(api, "202x") == 1


async def test_numbers_that_were_announced_in_vain_are_never_given_again(api: Api):
    await fill(api)
    with pytest.raises(CutOff):
        await load(api, rows(3), 1)
    await add(api, "OTHER-1", "Desk")
    assert (await total(api, "lamp"), await total(api, "desk")) == (0, 1)


async def test_a_product_that_came_meanwhile_is_changed_and_keeps_its_place(api: Api):
    await fill(api)
    with pytest.raises(CutOff):
        await load(api, rows(3), 1)
    await add(api, "L-1", "Desk", category_id="cat-4")
    assert await load(api, rows(3), 100) == ["new", "changed", "new"]
    assert (await total(api, "lamp"), await total(api, "desk")) == (3, 0)
    newest = await api.get(f"{PRODUCTS}?keyword=lamp")
    assert [item["sku"] for item in newest.body["data"]] == ["L-2", "L-0", "L-1"]


async def test_inactive_products_are_announced_under_nothing(api: Api):
    await fill(api)
    wanted = [{**row, "status": "inactive"} for row in rows(2)]
    assert await load(api, wanted, 100) == ["new", "new"]
    assert await total(api, "lamp") == 0
    assert await load(api, rows(1), 100) == ["same"]
    assert await load(api, [{**row, "status": "active"} for row in rows(1)], 100) == ["changed"]
    assert await total(api, "lamp") == 1


async def test_rows_are_in_lists_in_the_order_of_the_file_newest_first(api: Api):
    await fill(api)
    await load(api, rows(), 100)
    reply = await api.get(f"{PRODUCTS}?page_size=100")
    assert [item["sku"] for item in reply.body["data"]] == [
        f"L-{number}" for number in range(COUNT - 1, COUNT - 101, -1)
    ]
