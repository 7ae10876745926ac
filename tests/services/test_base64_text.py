"""Base64 as clients send it (CONTRACT section 4)."""

import base64

import pytest

from services.pictures.base64_text import NotBase64, decode

# 4,200 bytes with every value in them; and three lengths for each kind of padding.
CONTENT = bytes(range(256)) * 16 + bytes(104)
PLAIN = base64.b64encode(CONTENT).decode()


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 300_000, 300_001, 300_002])
def test_content_of_any_length_comes_back(length: int):
    content = (CONTENT * (length // len(CONTENT) + 1))[:length]
    assert decode(base64.b64encode(content).decode()) == content


@pytest.mark.parametrize(
    "text",
    [
        base64.encodebytes(CONTENT).decode(),
        base64.encodebytes(CONTENT).decode().replace("\n", "\r\n"),
        f"  {PLAIN}\t\n",
        f"data:image/png;base64,{PLAIN}",
        f"data:image/svg+xml;charset=utf-8;base64,{PLAIN}",
        f"data:;base64,{PLAIN}",
        f"DATA:image/PNG;BASE64,{PLAIN}",
        f"data:image/png;base64,\n{PLAIN}",
    ],
)
def test_line_breaks_and_a_data_url_are_accepted(text: str):
    assert decode(text) == CONTENT


@pytest.mark.parametrize(
    "text",
    [
        PLAIN[:-1],
        PLAIN[:-2],
        PLAIN[:-3],
        "QQ",
        "QQ=",
        "QQ===",
        "QQ==QQ==",
        "=QQQ",
        "====",
        "Q===",
        "QQ=Q",
        "QUI-",
        "QUI_",
        "QUI!",
        "QUI\0",
        "QUIé",
        "ＱＵＩ＝",
        "QUI=\x0b",
        "data:image/png,QUJD",
        "data:image/png;base64QUJD",
        "data:QUJD",
        "image/png;base64,QUJD",
        f"data:{'x' * 300};base64,QUJD",
        f"data:image/png;base64,data:image/png;base64,{PLAIN}",
    ],
)
def test_everything_else_is_refused(text: str):
    with pytest.raises(NotBase64):
        decode(text)


def test_a_prefix_that_never_ends_is_refused_as_fast_as_any_text():
    """A pattern for the prefix once tried every way to split it: hours for one megabyte."""
    with pytest.raises(NotBase64):
        decode("data:" + "a" * 1_000_000)
