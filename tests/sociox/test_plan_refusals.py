"""What is no plan is 400 with the path of the field that is wrong, and changes nothing."""

from copy import deepcopy
from typing import Any

from services.sociox.plan_features import MAX_BYTES, check_features
from tests.factories import stored
from tests.harness import Api
from tests.sociox.people import error, join_as
from tests.sociox.plan_examples import FEATURES, OF_ADMINS, PLANS, PREMIUM, change, create, plan

COUNT = "must be a whole number from 0 to 1000000000"
CURRENCY = "must be a currency of ISO 4217 in three capital letters, as USD"
KEY = "has a key that can't be used: 1 to 100 characters without a dot, not beginning with $"
DIGITS = "must have at most 34 digits and an exponent within 300"


def usd(amount: Any, **more: Any) -> dict[str, Any]:
    """The price of a cycle."""
    return {"amount": amount, "currency": "USD", **more}


def with_feature(path: str, value: Any) -> dict[str, Any]:
    """The document's features with one of them set."""
    features = deepcopy(PREMIUM["features"])
    *parents, name = path.split(".")
    place = features
    for parent in parents:
        place = place.setdefault(parent, {})
    place[name] = value
    return features


PRICES: list[tuple[Any, str, str]] = [
    ({}, "invalid_plan", "price needs monthly or yearly"),
    ({"weekly": usd(5)}, "invalid_plan", "price needs monthly or yearly"),
    ({"monthly": None, "yearly": None}, "invalid_plan", "price needs monthly or yearly"),
    ({"monthly": 5}, "invalid_plan", "price.monthly must be an object with amount and currency"),
    ({"yearly": []}, "invalid_plan", "price.yearly must be an object with amount and currency"),
    ({"monthly": {}}, "invalid_plan", "price.monthly.amount is required"),
    ({"monthly": usd(None)}, "invalid_plan", "price.monthly.amount is required"),
    ({"monthly": {"amount": 5}}, "invalid_plan", "price.monthly.currency is required"),
    (
        {"monthly": {"amount": 5, "currency": ""}},
        "invalid_plan",
        "price.monthly.currency is required",
    ),
    (
        {"monthly": {"amount": 5, "currency": "usd"}},
        "unknown_currency",
        f"price.monthly.currency {CURRENCY}",
    ),
    (
        {"monthly": {"amount": 5, "currency": {"$ne": "USD"}}},
        "unknown_currency",
        f"price.monthly.currency {CURRENCY}",
    ),
    (
        {"monthly": usd(5), "yearly": {"amount": 5, "currency": "EUR"}},
        "invalid_plan",
        "price.yearly.currency must be that of price.monthly, USD",
    ),
    ({"monthly": usd("29.99")}, "invalid_amount", "price.monthly.amount must be a number"),
    ({"monthly": usd(True)}, "invalid_amount", "price.monthly.amount must be a number"),
    ({"monthly": usd([29.99])}, "invalid_amount", "price.monthly.amount must be a number"),
    (
        {"yearly": usd(-0.01)},
        "invalid_amount",
        "price.yearly.amount must be from 0 to 10000000000",
    ),
    (
        {"yearly": usd(1e11)},
        "invalid_amount",
        "price.yearly.amount must be from 0 to 10000000000",
    ),
    (
        {"yearly": usd(29.999)},
        "invalid_amount",
        "price.yearly.amount must have at most 2 decimals, as USD has",
    ),
    (
        {"monthly": {"amount": 0.5, "currency": "JPY"}},
        "invalid_amount",
        "price.monthly.amount must have at most 0 decimals, as JPY has",
    ),
    (
        {"monthly": usd(10), "yearly": usd(100, savings="20")},
        "invalid_amount",
        "price.yearly.savings must be a number",
    ),
    (
        {"monthly": usd(10), "yearly": usd(100, savings=-20)},
        "invalid_amount",
        "price.yearly.savings must be from 0 to 10000000000",
    ),
    (
        {"monthly": usd(29.99), "yearly": usd(299.99, savings=60.9)},
        "invalid_plan",
        "price.yearly.savings must be within 1 of 59.89, 12 x monthly - yearly",
    ),
    (
        {"monthly": usd(29.99), "yearly": usd(299.99, savings=58.88)},
        "invalid_plan",
        "price.yearly.savings must be within 1 of 59.89, 12 x monthly - yearly",
    ),
    (
        {"monthly": usd(10), "yearly": usd(130, savings=2)},
        "invalid_plan",
        "price.yearly.savings must be within 1 of 0, 12 x monthly - yearly",
    ),
    (
        {"yearly": usd(100, savings=20)},
        "invalid_plan",
        "price.yearly.savings needs price.monthly to be compared with",
    ),
]

WRONG_FEATURES: list[tuple[str, Any, str]] = [
    ("teamMembers", -1, f"features.teamMembers {COUNT}"),
    ("teamMembers", 5.0, f"features.teamMembers {COUNT}"),
    ("teamMembers", True, f"features.teamMembers {COUNT}"),
    ("teamMembers", None, f"features.teamMembers {COUNT}"),
    ("teamMembers", "5", f"features.teamMembers {COUNT}"),
    ("teamMembers", 10**9 + 1, f"features.teamMembers {COUNT}"),
    ("socialAccounts", 10, "features.socialAccounts must be an object"),
    ("socialAccounts", None, "features.socialAccounts must be an object"),
    ("socialAccounts.total", [10], f"features.socialAccounts.total {COUNT}"),
    (
        "socialAccounts.perPlatform",
        [3],
        "features.socialAccounts.perPlatform must be an object of whole numbers",
    ),
    (
        "socialAccounts.perPlatform.facebook",
        {"total": 3},
        f"features.socialAccounts.perPlatform.facebook {COUNT}",
    ),
    (
        "socialAccounts.perPlatform.mastodon",
        1,
        "features.socialAccounts.perPlatform adds up to 11, more than the total of 10",
    ),
    (
        "socialAccounts.total",
        9,
        "features.socialAccounts.perPlatform adds up to 10, more than the total of 9",
    ),
    ("posting", [], "features.posting must be an object"),
    ("posting.postsPerDay", 0.5, f"features.posting.postsPerDay {COUNT}"),
    ("posting.bulkScheduling", 1, "features.posting.bulkScheduling must be true or false"),
    ("posting.autoScheduling", "no", "features.posting.autoScheduling must be true or false"),
    ("analytics", "all", "features.analytics must be an object"),
    ("analytics.reportTypes", "basic", "features.analytics.reportTypes must be a list of strings"),
    ("analytics.exportFormats", [1], "features.analytics.exportFormats must be a list of strings"),
    ("analytics.retentionDays", -365, f"features.analytics.retentionDays {COUNT}"),
    ("support", ["24/7"], "features.support must be a string"),
    ("additional", True, "features.additional must be an object"),
    ("additional.apiAccess", None, "features.additional.apiAccess must be true or false"),
    ("", 1, f"features {KEY}"),
    ("$set", {"is_deleted": True}, f"features {KEY}"),
    ("additional.$where", "1", f"features.additional {KEY}"),
    ("posting.extra", {"": 1}, f"features.posting.extra {KEY}"),
    ("list", [1, {"a.b": 1}], f"features.list[1] {KEY}"),
    ("dots", {"a.b": 1}, f"features.dots {KEY}"),
    ("nul", {"a\0": 1}, f"features.nul {KEY}"),
    ("long", {"k" * 101: 1}, f"features.long {KEY}"),
    ("number", 10**34, f"features.number {DIGITS}"),
    ("number", [1e301], f"features.number[0] {DIGITS}"),
]


async def test_what_is_no_price(api: Api):
    token = (await join_as(api, "admin")).token
    known = await create(api, token, name="known")
    for price, code, message in PRICES:
        made = await api.post(PLANS, plan(price=price), token=token)
        changed = await change(api, PLANS, known["id"], {"price": price}, token)
        assert error(made) == error(changed) == (400, code, message)
    assert (await api.get(PLANS, token=token)).body["data"] == [known]


async def test_what_can_be_no_feature(api: Api):
    token = (await join_as(api, "admin")).token
    known = await create(api, token, name="known")
    for path, value, message in WRONG_FEATURES:
        features = with_feature(path, value)
        for reply in (
            await api.post(PLANS, plan(features=features), token=token),
            await change(api, PLANS, known["id"], {"features": features}, token),
            await change(api, FEATURES, known["id"], {"features": features}, token),
        ):
            assert error(reply) == (400, "invalid_plan", message)
    assert (await api.get(PLANS, token=token)).body["data"] == [known]


async def test_a_merge_is_refused_for_what_comes_of_it(api: Api):
    token = (await join_as(api, "admin")).token
    known = await create(api, token)
    refused: list[tuple[dict[str, Any], str]] = [
        (
            {"socialAccounts": {"perPlatform": {"mastodon": 1}}},
            "features.socialAccounts.perPlatform adds up to 11, more than the total of 10",
        ),
        (
            {"socialAccounts": {"total": 9}},
            "features.socialAccounts.perPlatform adds up to 10, more than the total of 9",
        ),
        ({"x" * 90: "y" * 16_000}, f"features must be at most {MAX_BYTES} bytes of JSON"),
    ]
    for features, message in refused:
        check_features(features)
        reply = await change(api, FEATURES, known["id"], {"features": features}, token)
        assert error(reply) == (400, "invalid_plan", message)
    assert (await api.get(f"{PLANS}/{known['id']}")).body["data"] == known


EXTENTS: list[tuple[bytes, int]] = [
    (b"[" * 9 + b"]" * 9, 201),
    (b"[" * 10 + b"]" * 10, 400),
    (b'{"a":' * 9 + b"1" + b"}" * 9, 201),
    (b'{"a":' * 10 + b"1" + b"}" * 10, 400),
    (b"[" * 900 + b"]" * 900, 400),
    (b"[" * 100_000 + b"]" * 100_000, 400),
    (b'"' + b"x" * (MAX_BYTES - 8) + b'"', 201),
    (b'"' + b"x" * (MAX_BYTES - 7) + b'"', 400),
    (b"[" + b"0," * 400_000 + b"0]", 400),
    (b"[" + b"0," * 497 + b"0]", 201),
    (b"[" + b"0," * 498 + b"0]", 400),
    (b"1e999999", 400),
    (b"NaN", 400),
    (b"9" * 5000, 400),
]


async def test_features_are_neither_deep_nor_large(api: Api):
    token = (await join_as(api, "admin")).token
    for number, (value, status) in enumerate(EXTENTS):
        body = (
            b'{"name": "n%d", "displayName": "N", "features": {"a":%b},'
            b'"price": {"yearly": {"amount": 1, "currency": "USD"}}}' % (number, value)
        )
        reply = await api.post(PLANS, body, token=token)
        assert reply.status == status, value[:20]
    made = [number for number, (_, status) in enumerate(EXTENTS) if status == 201]
    assert [each["name"] for each in await stored(api, "plans")] == [f"n{each}" for each in made]


WRONG_FIELDS: list[tuple[dict[str, Any], str, str]] = [
    *(
        ({name: empty}, "missing_field", f"{name} is required")
        for name in ("name", "displayName", "price", "features")
        for empty in (None, "")
    ),
    ({"name": " \t"}, "invalid_plan", "name must have 1 to 64 printable characters"),
    ({"name": "x" * 65}, "invalid_plan", "name must have 1 to 64 printable characters"),
    ({"name": "a\nb"}, "invalid_plan", "name must have 1 to 64 printable characters"),
    (
        {"displayName": "x" * 101},
        "invalid_plan",
        "displayName must have 1 to 100 printable characters",
    ),
    ({"category": " "}, "invalid_plan", "category must have 1 to 64 printable characters"),
    ({"status": "gone"}, "invalid_plan", "status must be active or inactive"),
    ({"recommended": "yes"}, "invalid_field", "recommended: Expected bool | null, got str"),
    (
        {"customFeatures": "x"},
        "invalid_field",
        "customFeatures: Expected array | null, got str",
    ),
    ({"customFeatures": [5]}, "invalid_field", "customFeatures[0]: Expected str, got int"),
    (
        {"customFeatures": ["x", ""]},
        "invalid_plan",
        "customFeatures[1] must have 1 to 200 printable characters",
    ),
    ({"customFeatures": ["x"] * 101}, "invalid_plan", "customFeatures must be at most 100"),
    ({"features": []}, "invalid_field", "features: Expected object, got array"),
]


async def test_what_is_no_plan(api: Api):
    token = (await join_as(api, "admin")).token
    for changes, code, message in WRONG_FIELDS:
        body = {**PREMIUM, **changes}
        assert error(await api.post(PLANS, body, token=token)) == (400, code, message)
    assert await stored(api, "plans") == []


async def test_what_the_smaller_routes_refuse(api: Api):
    token = (await join_as(api, "admin")).token
    known = await create(api, token)
    plan_id = known["id"]
    for path, method, body, code, message in (
        (
            f"{FEATURES}/{plan_id}",
            "PUT",
            {},
            "missing_field",
            "features or customFeatures is required",
        ),
        (
            f"{PLANS}/{plan_id}/features",
            "PATCH",
            {},
            "missing_field",
            "customFeatures is required",
        ),
        (f"{OF_ADMINS}/{plan_id}/status", "POST", {}, "missing_field", "status is required"),
        (
            f"{OF_ADMINS}/{plan_id}/status",
            "POST",
            {"status": "deleted"},
            "invalid_plan",
            "status must be active or inactive",
        ),
    ):
        reply = await api.call(method, path, body, token=token)
        assert error(reply) == (400, code, message)
    assert (await api.get(f"{PLANS}/{plan_id}")).body["data"] == known


SAVINGS: list[tuple[dict[str, Any], float | None]] = [
    ({"monthly": usd(29.99), "yearly": usd(299.99)}, 59.89),
    ({"monthly": usd(29.99), "yearly": usd(299.99, savings=None)}, 59.89),
    ({"monthly": usd(29.99), "yearly": usd(299.99, savings=60)}, 60),
    ({"monthly": usd(29.99), "yearly": usd(299.99, savings=60.89)}, 60.89),
    ({"monthly": usd(29.99), "yearly": usd(299.99, savings=58.89)}, 58.89),
    ({"monthly": usd(0), "yearly": usd(0)}, 0),
    ({"monthly": usd(10), "yearly": usd(130)}, 0),
    ({"monthly": usd(10), "yearly": usd(130, savings=1)}, 1),
    ({"yearly": usd(100)}, None),
]


async def test_savings_are_reckoned_where_they_are_not_given(api: Api):
    token = (await join_as(api, "admin")).token
    for number, (price, savings) in enumerate(SAVINGS):
        shown = (await create(api, token, name=f"plan {number}", price=price))["price"]["yearly"]
        assert shown.get("savings") == savings
        assert ("savings" in shown) is (savings is not None)
