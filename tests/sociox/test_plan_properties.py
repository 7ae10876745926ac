"""Any JSON in a plan is kept to the last digit or refused, and merging has its laws."""

from copy import deepcopy
from decimal import Decimal
from typing import Any

import bson
import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tornado.ioloop import IOLoop

from repositories.sociox.decimals import as_stored, as_written
from services.sociox.plan_errors import InvalidPlan
from services.sociox.plan_features import check_features, merged
from tests.harness import Api
from tests.sociox.people import join_as
from tests.sociox.plan_examples import FEATURES, OF_ADMINS, PLANS, PREMIUM

_exact = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")

KNOWN_NAMES = (
    "amount",
    "currency",
    "monthly",
    "yearly",
    "savings",
    "socialAccounts",
    "total",
    "perPlatform",
    "teamMembers",
    "posting",
    "postsPerDay",
    "analytics",
    "reportTypes",
    "additional",
    "apiAccess",
    "support",
)
numbers = (
    st.integers(-(10**40), 10**40)
    | st.integers(-(2**63), 2**63 - 1)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.sampled_from([Decimal("0.10"), Decimal("-0.0"), Decimal("1E+400"), 2**63, -(2**63)])
)
scalars = st.none() | st.booleans() | numbers | st.text(max_size=8) | st.sampled_from(["USD", "$x"])
names = st.sampled_from(KNOWN_NAMES) | st.text(max_size=4) | st.sampled_from(["", "$set", "a.b"])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(names, values, max_size=5)
# Mostly what is kept: unknown names, numbers of up to 34 digits.
free = st.dictionaries(
    st.text("abcXYZ_é無", min_size=1, max_size=4),
    st.recursive(
        scalars.filter(lambda value: not isinstance(value, Decimal))
        | st.decimals(-(10**15), 10**15, places=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text("abcd ", min_size=1, max_size=3), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=4,
)
offers = st.fixed_dictionaries(
    {},
    optional={
        "amount": numbers | values,
        "currency": st.sampled_from(["USD", "JPY"]) | values,
        "savings": numbers | values,
    },
)
prices = st.dictionaries(st.sampled_from(["monthly", "yearly"]), offers | values, max_size=2)
changes = st.fixed_dictionaries(
    {},
    optional={
        "price": prices,
        **{name: values for name in (*PREMIUM, "customFeatures", "status") if name != "price"},
    },
)


def as_text(value: Any) -> bytes:
    """A value with every digit, which equal Decimals do not always share."""
    return _encoder.encode(value)


def test_any_json_is_a_plan_or_400_and_reads_back_as_it_was_given(api: Api, io_loop: IOLoop):
    token = io_loop.run_sync(lambda: join_as(api, "admin")).token
    kept: list[bytes] = []

    async def check(sent: bytes) -> None:
        made = await api.post(PLANS, sent, token=token)
        assert made.status in (201, 400), made
        if made.status == 400:
            return
        given_features = _exact.decode(sent)["features"]
        shown = _exact.decode(made.content)["data"]
        assert as_text(shown["features"]) == as_text(given_features)
        seen = await api.get(f"{PLANS}/{shown['id']}")
        assert as_text(_exact.decode(seen.content)["data"]) == as_text(shown)
        again = await api.call(
            "PUT",
            f"{FEATURES}/{shown['id']}",
            b'{"features":%b}' % as_text(given_features),
            token=token,
        )
        assert again.status == 200
        assert as_text(_exact.decode(again.content)["data"]["features"]) == as_text(given_features)
        gone = await api.call("DELETE", f"{OF_ADMINS}/{shown['id']}", b"", token=token)
        assert gone.status == 200
        kept.append(sent)

    def send(features: dict[str, Any], changed: dict[str, Any]) -> None:
        body = {**PREMIUM, "features": {**PREMIUM["features"], **features}, **changed}
        io_loop.run_sync(lambda: check(as_text(body)))

    @settings(max_examples=60)
    @given(free)
    def with_new_features(features: dict[str, Any]) -> None:
        send(features, {})

    @settings(max_examples=100)
    @given(objects, changes)
    def with_anything(features: dict[str, Any], changed: dict[str, Any]) -> None:
        send(features, changed)

    with_new_features()
    assert len(kept) > 30
    with_anything()


@given(free | objects)
def test_what_is_checked_is_kept_to_the_last_digit(features: dict[str, Any]):
    try:
        check_features(features)
    except InvalidPlan:
        return
    kept = bson.decode(bson.encode(as_stored(features)))
    assert as_text(as_written(kept)) == as_text(features)


@given(objects, objects)
def test_a_merge_may_be_repeated(features: dict[str, Any], given_features: dict[str, Any]):
    once = merged(features, given_features)
    assert merged(once, given_features) == once
    assert merged(features, {}) == features
    assert merged({}, given_features) == given_features


@given(objects, objects)
def test_a_merge_replaces_what_is_given_and_keeps_the_rest(
    features: dict[str, Any], given_features: dict[str, Any]
):
    before = deepcopy(features)
    both = merged(features, given_features)
    assert features == before
    assert both.keys() == features.keys() | given_features.keys()
    for name, value in both.items():
        if name not in given_features:
            assert value == features[name]
        elif not (isinstance(value, dict) and isinstance(features.get(name), dict)):
            assert value == given_features[name]
        else:
            assert value == merged(features[name], given_features[name])


def test_lists_are_replaced_not_joined():
    features = {"analytics": {"reportTypes": ["basic", "advanced"], "retentionDays": 30}}
    changed = merged(features, {"analytics": {"reportTypes": ["own"]}, "new": {"deep": [1]}})
    assert changed == {
        "analytics": {"reportTypes": ["own"], "retentionDays": 30},
        "new": {"deep": [1]},
    }
