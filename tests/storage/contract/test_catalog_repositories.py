"""The queries of the catalog, as its repositories make them, on every engine."""

from datetime import UTC, datetime

import pytest

from repositories import number_sets
from repositories.errors import Taken
from repositories.indexes import ensure_indexes
from repositories.shop.brands import BrandRepository
from repositories.shop.categories import CategoryRepository
from repositories.shop.postings import PostingRepository
from repositories.shop.products import ProductRepository
from repositories.types import Document

NOON = datetime(2125, 1, 18, 12, 0, tzinfo=UTC)


def product(number: int, **fields: object) -> Document:
    """As much of a product as is asked for."""
    return {
        "_id": f"prod-{number}",
        "number": number,
        "sku": f"S-{number}",
        "status": "active",
        "category_id": None,
        "brand_id": None,
        "stock": 2,
        **fields,
    }


async def test_products_are_found_by_each_of_their_names(storage):
    await ensure_indexes(storage)
    products = ProductRepository(storage)
    kept = [product(1), product(2, status="inactive"), product(3), product(900)]
    await products.insert(kept, tx=None)
    assert await products.find("prod-1") == kept[0]
    assert await products.find("prod-9") is None
    assert await products.find_many(["prod-2", "prod-9"]) == [kept[1]]
    assert await products.with_skus(["S-3", "S-9"]) == [kept[2]]
    assert await products.with_numbers([3, 2, 1]) == [kept[2], kept[0]]
    assert await products.with_numbers([3, 1]) == [kept[2], kept[0]]
    assert await products.with_numbers([900, 3, 2]) == [kept[3], kept[2]]


async def test_a_sku_is_taken_once(storage):
    await ensure_indexes(storage)
    products = ProductRepository(storage)
    await products.insert([product(1), product(2)], tx=None)
    with pytest.raises(Taken):
        await products.insert([product(3, sku="S-1")], tx=None)
    with pytest.raises(Taken):
        await products.change("prod-2", {"sku": "S-1"}, tx=None)


async def test_stock_is_taken_while_there_is_some(storage):
    await ensure_indexes(storage)
    products = ProductRepository(storage)
    await products.insert([product(1), product(2, status="archived")], tx=None)
    taken = [await products.take_stock("prod-1", quantity, tx=None) for quantity in (3, 2, 1)]
    assert taken == [False, True, False]
    assert not await products.take_stock("prod-2", 1, tx=None)
    await products.return_stock("prod-1", 1, tx=None)
    await products.return_stock("prod-2", 1, tx=None)
    assert [each["stock"] for each in await products.find_many(["prod-1"])] == [1]
    assert [each["stock"] for each in await products.find_many(["prod-2"])] == [3]


async def test_categories_and_brands_are_used_by_what_is_not_archived(storage):
    await ensure_indexes(storage)
    products = ProductRepository(storage)
    used = {"category_id": "cat-1", "brand_id": "brand-1"}
    await products.insert([product(1, status="archived", **used)], tx=None)
    assert not await products.is_category_used("cat-1", tx=None)
    assert not await products.is_brand_used("brand-1", tx=None)
    await products.insert([product(2, status="inactive", **used)], tx=None)
    assert await products.is_category_used("cat-1", tx=None)
    assert await products.is_brand_used("brand-1", tx=None)


@pytest.mark.parametrize("kind", [CategoryRepository, BrandRepository])
async def test_categories_and_brands_come_in_pages(storage, kind):
    await ensure_indexes(storage)
    groups = kind(storage)
    for slug in ("a", "b", "c", "d"):
        await groups.insert({"_id": slug, "slug": slug, "active": slug != "b"}, tx=None)
    with pytest.raises(Taken):
        await groups.insert({"_id": "e", "slug": "a", "active": True}, tx=None)
    assert await groups.count() == 3
    assert [each["_id"] for each in await groups.page(1, 5)] == ["c", "d"]
    assert await groups.active_ids(["a", "b", "x"]) == {"a"}
    with pytest.raises(Taken):
        await groups.change("a", {"slug": "c"}, tx=None)


async def test_children_are_the_active_ones_directly_below(storage):
    await ensure_indexes(storage)
    categories = CategoryRepository(storage)
    for key, parent_id, active in (("a", None, True), ("b", "a", True), ("c", "b", True)):
        group = {"_id": key, "slug": key, "parent_id": parent_id, "active": active}
        await categories.insert(group, tx=None)
    await categories.insert({"_id": "d", "slug": "d", "parent_id": "a", "active": False}, tx=None)
    assert [each["_id"] for each in await categories.children(["a"])] == ["b"]
    assert [each["_id"] for each in await categories.children(["a", "b"])] == ["b", "c"]
    assert await categories.children(["c"]) == []


async def test_postings_gain_and_lose_numbers_over_all_chunks(storage):
    postings = PostingRepository(storage)
    many = {1, 2, 3, number_sets.SPAN - 1, number_sets.SPAN, 5 * number_sets.SPAN + 7}
    sets = {"lap": number_sets.chunks_of(many), "la": number_sets.chunks_of({9})}
    await postings.change(sets, {}, tx=None)
    assert await postings.numbers("lap") == number_sets.chunks_of(many)
    assert await postings.numbers("la") == number_sets.chunks_of({9})
    lost = {"lap": number_sets.chunks_of({2, number_sets.SPAN}), "la": number_sets.chunks_of({9})}
    await postings.change({"lap": number_sets.chunks_of({4})}, lost, tx=None)
    left = many - {2, number_sets.SPAN} | {4}
    assert await postings.numbers("lap") == number_sets.chunks_of(left)
    assert await postings.numbers("la") == {}
