"""The catalog as everybody sees it (SHOP, "Catalog Routes"; CONTRACT section 7)."""

import pytest

from tests.factories import stored
from tests.harness import Api
from tests.shop.shelves import PRODUCTS, add, fill, listed, refusal

CATEGORIES, BRANDS = "/api/v1/catalog/categories", "/api/v1/catalog/brands"
LAPTOP = {
    "id": "prod-1",
    "sku": "LAPTOP-001",
    "name": "Professional Laptop",
    "description": "High-performance laptop for professionals",
    "base_price": {"amount": 99999, "currency": "USD"},
    "SalePrice": {"amount": 89999, "currency": "USD"},
    "status": "active",
    "brand_id": "brand-1",
    "category_id": "cat-1",
    "images": ["https://example.com/laptop.jpg"],
    "attributes": {"color": "silver", "ram": "16GB"},
    "created_at": "2025-01-18T10:00:00Z",
    "updated_at": "2025-01-18T10:00:00Z",
}
ONE_PAGE = {
    "page": 1,
    "page_size": 20,
    "total_items": 1,
    "total_pages": 1,
    "has_next": False,
    "has_prev": False,
}


async def test_the_document_s_example_of_a_search(api: Api):
    await fill(api)
    reply = await api.get(f"{PRODUCTS}?page=1&page_size=20&keyword=laptop")
    assert (reply.status, reply.body) == (200, {"data": [LAPTOP], "meta": ONE_PAGE})


async def test_the_document_s_example_of_a_product(api: Api):
    await fill(api)
    reply = await api.get(f"{PRODUCTS}/prod-1")
    assert (reply.status, reply.body) == (200, {"data": LAPTOP})


async def test_a_product_without_a_sale_price_says_null(api: Api):
    await fill(api)
    reply = await api.get(f"{PRODUCTS}/prod-2")
    assert reply.body["data"]["SalePrice"] is None


async def test_what_is_unknown_or_not_active_is_not_found(api: Api):
    await fill(api)
    for product_id in ("prod-99", "prod-5", "category", "507f1f77bcf86cd799439011", "$ne", "%00"):
        reply = await api.get(f"{PRODUCTS}/{product_id}")
        assert refusal(reply) == (404, "product_not_found", "Product not found")


async def test_a_blank_product_id_is_400(api: Api):
    reply = await api.get(f"{PRODUCTS}/%20")
    assert refusal(reply) == (400, "product_id_required", "Product ID is required")


async def test_products_come_newest_first_and_only_active_ones(api: Api):
    await fill(api)
    active = [f"prod-{number}" for number in range(14, 0, -1) if number != 5]
    assert await listed(api) == active
    assert await listed(api, f"{PRODUCTS}/?page=2&page_size=5") == active[5:10]
    for blank in ("", "%20", "%20%09"):
        assert await listed(api, f"{PRODUCTS}?keyword={blank}") == active


PAGES = [
    ("", 13, (1, 20, 13, 1, False, False)),
    ("?page=2", 0, (2, 20, 13, 1, False, True)),
    ("?page=1&page_size=5", 5, (1, 5, 13, 3, True, False)),
    ("?page=3&page_size=5", 3, (3, 5, 13, 3, False, True)),
    ("?page=4&page_size=5", 0, (4, 5, 13, 3, False, True)),
    ("?page_size=101", 13, (1, 100, 13, 1, False, False)),
    ("?page_size=99999999999999999999", 13, (1, 100, 13, 1, False, False)),
    ("?page=007&page_size=2", 1, (7, 2, 13, 7, False, True)),
    ("?page=999999999999999&page_size=100", 0, (999999999999999, 100, 13, 1, False, True)),
    ("?keyword=nothing", 0, (1, 20, 0, 0, False, False)),
]


async def test_pages(api: Api):
    await fill(api)
    for query, count, meta in PAGES:
        reply = await api.get(f"{PRODUCTS}{query}")
        assert (reply.status, len(reply.body["data"])) == (200, count)
        assert tuple(reply.body["meta"].values()) == meta
        assert list(reply.body["meta"]) == list(ONE_PAGE)


@pytest.mark.parametrize(
    "value", ["0", "-1", "1.5", "ten", "", "%20", "1e3", "٣", "0x10", "1%00", "+1"]
)
async def test_a_page_that_is_no_positive_integer_is_400(api: Api, value: str):
    for path in (PRODUCTS, f"{PRODUCTS}/category/cat-1", CATEGORIES, BRANDS):
        for name in ("page", "page_size"):
            reply = await api.get(f"{path}?{name}={value}")
            assert refusal(reply) == (400, "invalid_page", f"{name} must be a positive integer")


async def test_a_category_has_the_products_of_those_below_it(api: Api):
    await fill(api)
    tree = {"cat-1": (4, 3, 2, 1), "cat-2": (4, 3, 2), "cat-3": (4, 3), "cat-4": range(14, 5, -1)}
    for category_id, numbers in tree.items():
        path = f"{PRODUCTS}/category/{category_id}"
        ids = [f"prod-{number}" for number in numbers]
        assert await listed(api, path) == ids
        reply = await api.get(f"{path}?page=1&page_size=3")
        assert [item["id"] for item in reply.body["data"]] == ids[:3]
        assert reply.body["meta"]["total_items"] == len(ids)


async def test_an_unknown_category_is_404(api: Api):
    await fill(api)
    for category_id in ("cat-9", "@", "%20", "cat-1%20"):
        reply = await api.get(f"{PRODUCTS}/category/{category_id}")
        assert refusal(reply) == (404, "category_not_found", "Category not found")


async def test_the_document_s_example_of_categories(api: Api):
    await fill(api)
    reply = await api.get(f"{CATEGORIES}?page=1&page_size=1")
    assert reply.body["data"] == [
        {
            "id": "cat-1",
            "name": "Electronics",
            "slug": "electronics",
            "description": "Electronic devices and gadgets",
            "parent_id": None,
            "image_url": "",
            "active": True,
            "created_at": "2025-01-18T10:00:00Z",
            "updated_at": "2025-01-18T10:00:00Z",
        }
    ]
    assert reply.body["meta"] == {
        **ONE_PAGE,
        "page_size": 1,
        "total_items": 4,
        "total_pages": 4,
        "has_next": True,
    }
    assert await listed(api, CATEGORIES) == ["cat-1", "cat-2", "cat-3", "cat-4"]
    assert await listed(api, f"{CATEGORIES}?page=2&page_size=3") == ["cat-4"]


async def test_the_document_s_example_of_brands(api: Api):
    await fill(api)
    reply = await api.get(BRANDS)
    assert (reply.status, reply.body) == (
        200,
        {
            "data": [
                {
                    "id": "brand-1",
                    "name": "TechCorp",
                    "slug": "techcorp",
                    "description": "Leading technology manufacturer",
                    "logo_url": "",
                    "active": True,
                    "created_at": "2025-01-18T10:00:00Z",
                    "updated_at": "2025-01-18T10:00:00Z",
                }
            ],
            "meta": ONE_PAGE,
        },
    )


async def test_the_example_catalog_comes_once_and_does_not_restock(api: Api):
    await fill(api)
    await api.agora.storage["products"].update_one({"_id": "prod-6"}, {"$set": {"stock": 3}})
    await fill(api)
    products = await stored(api, "products")
    stocks = {product["_id"]: product["stock"] for product in products}
    limited = (3, 5, 5, 1, 5, 1, 1, 5, 2)
    assert stocks == {
        "prod-1": 10000,
        "prod-2": 10000,
        "prod-3": 10000,
        "prod-4": 1000,
        "prod-5": 100,
        **{f"prod-{number}": stock for number, stock in enumerate(limited, 6)},
    }
    assert len(await stored(api, "categories")) == 4
    assert len(await stored(api, "brands")) == 1


async def test_an_empty_catalog_has_empty_pages(api: Api):
    for path in (PRODUCTS, CATEGORIES, BRANDS, f"{PRODUCTS}?keyword=laptop"):
        reply = await api.get(path)
        assert reply.body == {"data": [], "meta": {**ONE_PAGE, "total_items": 0, "total_pages": 0}}


async def test_pages_together_hold_every_product_once(api: Api):
    ids = [await add(api, f"S-{number}") for number in range(23)]
    pages = [await listed(api, f"{PRODUCTS}?page={page}&page_size=7") for page in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [7, 7, 7, 2]
    assert [product_id for page in pages for product_id in page] == ids[::-1]
