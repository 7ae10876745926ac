"""The search of the catalog (CONTRACT section 7): words by their beginnings, CJK anywhere."""

from urllib.parse import quote

from tests.harness import Api
from tests.shop.shelves import PRODUCTS, add, listed, refusal

NAMES = {
    "laptop": ("Professional Laptop", "High-performance laptop for professionals"),
    "sleeve": ("Sleeve 15-inch", "Fits any laptop up to 15.6 inches"),
    "keyboard": ("无线机械键盘", "87键，红轴"),
    "mixed": ("USB线缆Pro 2米", "快充数据线"),
    "cafe": ("Café Crème", "Straße, ŒUVRE and naïve"),
    "kana": ("ワイヤレスマウス", "静音タイプ"),
    "korean": ("무선 키보드", "기계식"),
    "wide": ("ＡＢＣ１２３", "full width"),
    "signs": ("C++ & C# in a nutshell", "snake_case, under_score, e-mail"),
}


FOUND: dict[str, set[str]] = {
    "laptop": {"laptop", "sleeve"},
    "LAPTOP": {"laptop", "sleeve"},
    "lap": {"laptop", "sleeve"},
    "l": {"laptop", "sleeve"},
    "aptop": set(),
    "laptops": set(),
    "laptop professional": {"laptop"},
    "prof high": {"laptop"},
    "high-perf": {"laptop"},
    "laptop keyboard": set(),
    "15": {"sleeve"},
    "15.6": {"sleeve"},
    "5": set(),
    "无线": {"keyboard"},
    "机械": {"keyboard"},
    "键盘": {"keyboard"},
    "机械键盘": {"keyboard"},
    "无线机械键盘": {"keyboard"},
    "键": {"keyboard"},
    "键机": set(),
    "无机": set(),
    "红轴 键盘": {"keyboard"},
    "87键": {"keyboard"},
    "usb": {"mixed"},
    "usb线": {"mixed"},
    "线缆": {"mixed"},
    "pro": {"laptop", "mixed"},
    "2米": {"mixed"},
    "sb": set(),
    "café": {"cafe"},
    "cafe\u0301": {"cafe"},
    "CAFÉ": {"cafe"},
    "strasse": {"cafe"},
    "œuv": {"cafe"},
    "マウス": {"kana"},
    "ﾏｳｽ": {"kana"},
    "静音": {"kana"},
    "키보": {"korean"},
    "보드": {"korean"},
    "abc": {"wide"},
    "abc12": {"wide"},
    "c": {"cafe", "signs"},
    "c++": {"cafe", "signs"},
    "case": {"signs"},
    "score": {"signs"},
    "mail": {"signs"},
    "!!!": set(),
    "' OR 1=1": set(),
    "$ne": set(),
    ".*": set(),
    "@": set(),
    "@category:cat-1": set(),
}


async def test_what_keywords_find(api: Api):
    ids = {
        await add(api, sku, name, description=description): sku
        for sku, (name, description) in NAMES.items()
    }
    for keyword, found in FOUND.items():
        reply = await api.get(f"{PRODUCTS}?keyword={quote(keyword)}")
        assert (keyword, {ids[item["id"]] for item in reply.body["data"]}) == (keyword, found)
        assert reply.body["meta"]["total_items"] == len(found)


async def test_a_long_keyword_is_400(api: Api):
    assert (await api.get(f"{PRODUCTS}?keyword={'a' * 200}")).status == 200
    reply = await api.get(f"{PRODUCTS}?keyword={'a' * 201}")
    assert refusal(reply) == (
        400,
        "keyword_too_long",
        "keyword must be at most 200 characters",
    )


async def test_a_keyword_that_is_not_utf_8_is_400(api: Api):
    assert (await api.get(f"{PRODUCTS}?keyword=%ff")).status == 400


async def test_what_is_found_comes_in_pages_newest_first(api: Api):
    ids = [await add(api, f"S-{number}", f"Lamp {number}") for number in range(7)]
    path = f"{PRODUCTS}?keyword=lamp&page_size=3"
    pages = [await listed(api, f"{path}&page={page}") for page in (1, 2, 3, 4)]
    assert pages == [ids[6:3:-1], ids[3:0:-1], ids[:1], []]


async def test_a_product_is_found_by_what_it_is_now(api: Api):
    products = api.agora.services.shop.catalog_editing.products
    product_id = await add(api, "S-1", "Red lamp")
    await products.update(product_id, {"name": "Blue lamp"})
    assert await listed(api, f"{PRODUCTS}?keyword=red") == []
    assert await listed(api, f"{PRODUCTS}?keyword=blue") == [product_id]
    for status, found in (("inactive", []), ("active", [product_id]), ("archived", [])):
        await products.update(product_id, {"status": status})
        assert await listed(api, f"{PRODUCTS}?keyword=lamp") == found
        assert await listed(api) == found
