"""Amounts come in and go out to the last digit, and are whole minor units between."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from iso4217 import Currency

from services.currencies import decimals_of
from services.sociox.money import (
    MAX_MINOR,
    InvalidAmount,
    UnknownCurrency,
    as_amount,
    parse_currency,
    parse_minor,
)

CURRENCIES = sorted(each.code for each in Currency if each.exponent is not None)


@pytest.mark.parametrize(
    ("written", "currency", "minor", "shown"),
    [
        ("29.99", "USD", 2999, "29.99"),
        ("299.9", "USD", 29990, "299.9"),
        ("29.90", "USD", 2990, "29.9"),
        ("29.9900", "USD", 2999, "29.99"),
        ("60", "USD", 6000, "60"),
        ("60.00", "USD", 6000, "60"),
        ("0", "USD", 0, "0"),
        ("-0.0", "USD", 0, "0"),
        ("0.01", "USD", 1, "0.01"),
        ("1e2", "USD", 10000, "100"),
        ("3000", "JPY", 3000, "3000"),
        ("0.001", "KWD", 1, "0.001"),
        ("1.2345", "CLF", 12345, "1.2345"),
        ("10000000000", "USD", MAX_MINOR, "10000000000"),
        ("0.07", "USD", 7, "0.07"),
    ],
)
def test_an_amount_is_what_was_written(written: str, currency: str, minor: int, shown: str):
    assert parse_minor(Decimal(written), currency, "amount") == minor
    assert str(as_amount(minor, currency)) == shown


@pytest.mark.parametrize(
    ("value", "currency", "message"),
    [
        (Decimal("29.999"), "USD", "price.monthly.amount must have at most 2 decimals, as USD has"),
        (Decimal("0.5"), "JPY", "price.monthly.amount must have at most 0 decimals, as JPY has"),
        (Decimal("1e-300"), "USD", "price.monthly.amount must have at most 2 decimals, as USD has"),
        (
            Decimal("29.99" + "0" * 50 + "1"),
            "USD",
            "price.monthly.amount must have at most 2 decimals, as USD has",
        ),
        (Decimal("-0.01"), "USD", "price.monthly.amount must be from 0 to 10000000000"),
        (-1, "USD", "price.monthly.amount must be from 0 to 10000000000"),
        (Decimal("10000000000.01"), "USD", "price.monthly.amount must be from 0 to 10000000000"),
        (Decimal("1e400"), "JPY", "price.monthly.amount must be from 0 to 1000000000000"),
        (10**40, "KWD", "price.monthly.amount must be from 0 to 1000000000"),
        (True, "USD", "price.monthly.amount must be a number"),
        (29.99, "USD", "price.monthly.amount must be a number"),
        ("29.99", "USD", "price.monthly.amount must be a number"),
        (None, "USD", "price.monthly.amount must be a number"),
        ([], "USD", "price.monthly.amount must be a number"),
    ],
)
def test_what_is_no_amount_is_refused_by_its_path(value: Any, currency: str, message: str):
    with pytest.raises(InvalidAmount) as refused:
        parse_minor(value, currency, "price.monthly.amount")
    assert refused.value.message == message


@pytest.mark.parametrize("code", ["USD", "EUR", "JPY", "KWD", "UYW"])
def test_a_currency_of_iso_4217_is_known(code: str):
    assert parse_currency(code, "currency") == code


@pytest.mark.parametrize(
    "code", ["usd", "US", "", "USDT", "DEM", "XAU", "XXX", "ＵＳＤ", None, 840]
)
def test_what_has_no_amounts_is_no_currency(code: Any):
    with pytest.raises(UnknownCurrency) as refused:
        parse_currency(code, "price.yearly.currency")
    assert refused.value.message == (
        "price.yearly.currency must be a currency of ISO 4217 in three capital letters, as USD"
    )


@given(st.integers(0, MAX_MINOR), st.sampled_from(CURRENCIES))
def test_an_amount_comes_back_through_json(minor: int, currency: str):
    encoder = msgspec.json.Encoder(decimal_format="number")
    decoder = msgspec.json.Decoder(float_hook=Decimal)
    written = encoder.encode(as_amount(minor, currency))
    assert parse_minor(decoder.decode(written), currency, "amount") == minor
    assert b"E" not in written
    assert len(written.partition(b".")[2]) <= decimals_of(currency)
