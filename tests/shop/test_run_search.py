"""Long runs are found in the texts as they are now, and texts are not read again in vain."""

from collections.abc import Sequence
from urllib.parse import quote

from repositories.shop.postings import PostingRepository
from repositories.shop.products import ProductRepository
from repositories.types import Document
from services.shop.run_search import RunSearch
from services.shop.search_terms import spread_runs
from tests.harness import Api
from tests.shop.shelves import KEEPER, PRODUCTS, add, listed

PATH = f"{PRODUCTS}?keyword={quote('机械键盘')}"
WHOLE, APART = "机械键盘", "机械键 械键盘"


async def test_a_text_that_changed_is_looked_at_again(api: Api):
    products = api.agora.services.shop.catalog_editing.products
    first, second = await add(api, "S-1", WHOLE), await add(api, "S-2", APART)
    assert await listed(api, PATH) == [first]
    await products.update(second, {"description": WHOLE}, actor=KEEPER)
    assert await listed(api, PATH) == [second, first]
    await products.update(first, {"name": APART}, actor=KEEPER)
    assert await listed(api, PATH) == [second]


async def test_a_product_that_comes_back_is_found_by_what_it_is_then(api: Api):
    products = api.agora.services.shop.catalog_editing.products
    first, second = await add(api, "S-1", WHOLE), await add(api, "S-2", WHOLE)
    assert await listed(api, PATH) == [second, first]
    for product_id in (first, second):
        await products.update(product_id, {"status": "inactive"}, actor=KEEPER)
        assert product_id not in await listed(api, PATH)
    await products.update(first, {"name": APART}, actor=KEEPER)
    for product_id in (first, second):
        await products.update(product_id, {"status": "active"}, actor=KEEPER)
    assert await listed(api, PATH) == [second]


class _Counted(ProductRepository):
    """Tells which products it read."""

    numbers: Sequence[int] = ()

    async def with_numbers(self, numbers: Sequence[int]) -> list[Document]:
        self.numbers = [*self.numbers, *numbers]
        return await super().with_numbers(numbers)


async def test_each_text_is_read_once_until_one_changes(api: Api):
    products = _Counted(api.agora.storage)
    search = RunSearch(products, PostingRepository(api.agora.storage))
    runs = spread_runs(WHOLE)
    for sku in ("S-1", "S-2"):
        await add(api, sku, WHOLE if sku == "S-1" else APART)
    found = {0: 0b110}
    assert [await search.having(runs, found) for _ in range(2)] == [{0: 0b10}] * 2
    assert products.numbers == [2, 1]

    product_id = await add(api, "S-3", WHOLE)
    found = {0: 0b1110}
    assert await search.having(runs, found) == {0: 0b1010}
    assert products.numbers == [2, 1, 3]

    editing = api.agora.services.shop.catalog_editing.products
    await editing.update(product_id, {"base_price": {"amount": 1, "currency": "USD"}}, actor=KEEPER)
    assert await search.having(runs, found) == {0: 0b1010}
    assert products.numbers == [2, 1, 3]

    await editing.update(product_id, {"name": APART}, actor=KEEPER)
    assert await search.having(runs, found) == {0: 0b10}
    assert products.numbers == [2, 1, 3, 3, 2, 1]


async def test_only_so_many_runs_are_remembered(api: Api):
    products = _Counted(api.agora.storage)
    search = RunSearch(products, PostingRepository(api.agora.storage))
    await add(api, "S-1", WHOLE)
    asked = [chr(0x4E00 + number) * 4 for number in range(65)]
    for keyword in (*asked, asked[-1], asked[0]):
        assert await search.having(spread_runs(keyword), {0: 0b10}) == {}
    assert len(products.numbers) == 66
