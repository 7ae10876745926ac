"""How amounts of money are written in sentences."""

import pytest

from services.shop.amounts import amount_text


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (108749, "USD", "1087.49 USD"),
        (5, "EUR", "0.05 EUR"),
        (0, "USD", "0.00 USD"),
        (1087, "JPY", "1087 JPY"),
        (1005, "KWD", "1.005 KWD"),
        (1087, "RWF", "1087 RWF"),
        (10005, "CLF", "1.0005 CLF"),
        (1087, "HRK", "10.87 HRK"),
    ],
)
def test_an_amount_is_written_in_its_currencys_own_units(amount: int, currency: str, text: str):
    assert amount_text(amount, currency) == text
