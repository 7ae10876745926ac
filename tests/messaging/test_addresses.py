"""Which addresses are taken, and that mail goes to exactly the string that is kept."""

import pytest
from aiosmtplib.email import parse_address
from hypothesis import given
from hypothesis import strategies as st

from services.messaging.addresses import InvalidEmail, parse_email


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("john@example.com", "john@example.com"),
        ("  John.Doe@Example.COM \n", "john.doe@example.com"),
        ("o'brien+tag@mail.example.org", "o'brien+tag@mail.example.org"),
        ("user@shop.test", "user@shop.test"),
        ("root@localhost", "root@localhost"),
        ("ann@office.local", "ann@office.local"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@XN--BCHER-KVA.example", "ann@xn--bcher-kva.example"),
        ("ann@ｅxample.com", "ann@example.com"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
    ],
)
def test_an_address_is_kept_in_one_spelling(text, kept):
    assert parse_email(text) == kept
    assert parse_email(kept) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "ann@",
        "@example.com",
        "ann@example",
        "ann@example.1",
        "ann@exam ple.com",
        "ann@@example.com",
        "ann@b@example.com",
        "ann@example..com",
        ".ann@example.com",
        '"ann b"@example.com',
        '"a\r\nRSET"@example.com',
        "a\r\nRCPT TO:<eve@example.com>@example.com",
        "ann\x00@example.com",
        "ann\x7f@example.com",
        "ann@example.com\r\nBcc: eve@example.com",
        "Ann <ann@example.com>",
        "ann@example.com, eve@example.com",
        "ann(comment)@example.com",
        "ann@[127.0.0.1]",
        "änn@example.com",
        "\u212aate@example.com",  # KELVIN SIGN, whose lower case is an ASCII k
        "a" * 65 + "@example.com",
        "ann@" + "d" * 60 + "." + "d" * 60 + "." + "d" * 60 + "." + "d" * 60 + ".example.com",
    ],
)
def test_what_could_go_elsewhere_is_refused(text):
    with pytest.raises(InvalidEmail, match=r"^Invalid email address\. "):
        parse_email(text)


@given(
    st.text("aB1.+-_'\"@,;:<>()[]\\ \r\n\t\x00é\u212a", max_size=20),
    st.sampled_from(["a.de", "B.c"]),
)
def test_the_smtp_client_sends_to_the_kept_string(local, domain):
    try:
        kept = parse_email(f"{local}@{domain}")
    except InvalidEmail:
        return
    assert parse_address(kept) == kept
    assert kept.isascii()
    assert kept == kept.lower()


@pytest.mark.parametrize("text", ["a" * 300 + "@example.com", "\u0301" * 300_000])
def test_what_is_too_long_for_any_address_is_refused_unread(text):
    """Reading it would take the library a second for a body of a megabyte."""
    with pytest.raises(InvalidEmail) as caught:
        parse_email(text)
    assert str(caught.value) == "Invalid email address. It has more than 254 characters."
