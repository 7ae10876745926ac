"""The search of the catalog (CONTRACT section 7): words by their beginnings, CJK anywhere."""

from urllib.parse import quote

from tests.harness import Api
from tests.shop.shelves import KEEPER, PRODUCTS, add, listed, refusal

NAMES = {
    "laptop": ("Professional Laptop", "High-performance laptop for professionals"),
    "sleeve": ("Sleeve 15-inch", "Fits any laptop up to 15.6 inches"),
    "keyboard": ("无线机械键盘", "87键，红轴"),
    "mixed": ("USB线缆Pro 2米", "快充数据线"),
    "cafe": ("Café Crème", "Straße, ŒUVRE and naïve"),
    "kana": ("ワイヤレスマウス", "静音タイプ"),
    "korean": ("무선 키보드", "기계식"),
    "wide": ("ＡＢＣ１２３", "full width"),
    "earbuds": ("真无线蓝牙耳机", "续航三十小时"),
    "scattered": ("蓝牙耳夹", "线蓝牙，牙耳机，耳机盒"),
    "apart": ("USB 线缆", "Pro 线"),
    "laugh": ("哈哈哈", ""),
    "laughter": ("哈哈哈哈", ""),
    "split": ("充电器带USB", "线缆另配"),
    "inner": ("MicroUSB线 USB-C线", "米Pro"),
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
    "无线": {"keyboard", "earbuds"},
    "机械": {"keyboard"},
    "键盘": {"keyboard"},
    "机械键盘": {"keyboard"},
    "无线机械键盘": {"keyboard"},
    "键": {"keyboard"},
    "键机": set(),
    "无机": set(),
    "红轴 键盘": {"keyboard"},
    "87键": {"keyboard"},
    "蓝牙": {"earbuds", "scattered"},
    "蓝牙耳": {"earbuds", "scattered"},
    "蓝牙耳机": {"earbuds"},
    "线蓝牙耳机": {"earbuds"},
    "真无线蓝牙耳机": {"earbuds"},
    "真无线蓝牙耳机盒": set(),
    "蓝牙耳机 续航": {"earbuds"},
    "蓝牙耳机 键盘": set(),
    "usb": {"mixed", "apart", "split", "inner"},
    "usb线": {"mixed"},
    "USB线缆": {"mixed"},
    "ＵＳＢ线缆": {"mixed"},
    "usb线缆pr": {"mixed"},
    "usb 线缆": {"mixed", "apart", "split"},
    "microusb线": {"inner"},
    "c线": {"inner"},
    "线缆": {"mixed", "apart", "split"},
    "线缆pro": {"mixed"},
    "哈哈哈": {"laugh", "laughter"},
    "哈哈哈哈": {"laughter"},
    "缆p": {"mixed"},
    "缆ro": set(),
    "b线缆": set(),
    "带us": {"split"},
    "pro": {"laptop", "mixed", "apart", "inner"},
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
    "c": {"cafe", "signs", "inner"},
    "c++": {"cafe", "signs", "inner"},
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


async def test_words_that_differ_only_far_behind_are_different(api: Api):
    ids = [await add(api, f"S-{end}", "a" * 40 + end) for end in "xy"]
    for keyword, found in (("a" * 40, ids[::-1]), ("a" * 40 + "x", ids[:1]), ("a" * 41, [])):
        assert await listed(api, f"{PRODUCTS}?keyword={keyword}") == found


async def test_a_long_run_has_exact_pages_however_many_have_just_its_parts(api: Api):
    ids = []
    for number in range(150):
        ids.append(await add(api, f"S-{number}", f"机械键盘{number}"))
        await add(api, f"P-{number}", f"机械键 械键盘{number}")
    path = f"{PRODUCTS}?keyword={quote('机械键盘')}&page_size=100"
    for page, found in ((1, ids[:49:-1]), (2, ids[49::-1]), (3, [])):
        assert await listed(api, f"{path}&page={page}") == found
    assert (await api.get(path)).body["meta"]["total_items"] == 150


async def test_what_is_found_comes_in_pages_newest_first(api: Api):
    ids = [await add(api, f"S-{number}", f"Lamp {number}") for number in range(7)]
    path = f"{PRODUCTS}?keyword=lamp&page_size=3"
    pages = [await listed(api, f"{path}&page={page}") for page in (1, 2, 3, 4)]
    assert pages == [ids[6:3:-1], ids[3:0:-1], ids[:1], []]


async def test_a_product_is_found_by_what_it_is_now(api: Api):
    products = api.agora.services.shop.catalog_editing.products
    product_id = await add(api, "S-1", "Red lamp")
    await products.update(product_id, {"name": "Blue lamp"}, actor=KEEPER)
    assert await listed(api, f"{PRODUCTS}?keyword=red") == []
    assert await listed(api, f"{PRODUCTS}?keyword=blue") == [product_id]
    for status, found in (("inactive", []), ("active", [product_id]), ("archived", [])):
        await products.update(product_id, {"status": status}, actor=KEEPER)
        assert await listed(api, f"{PRODUCTS}?keyword=lamp") == found
        assert await listed(api) == found
