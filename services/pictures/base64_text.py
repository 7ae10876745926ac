"""Base64 as clients send it: strict about its content, lenient about its wrapping."""

import binascii
import re

_DATA_URL = re.compile(r"data:[\w.+-]*/?[\w.+-]*(?:;[\w.+-]+=[\w.+-]+)*;base64,", re.ASCII)
_SPACE = b" \t\r\n"
# Decoded piece by piece: one call on 7 MB would hold the interpreter, and with it the loop.
_SLICE = 256 * 1024


class NotBase64(ValueError):
    """The text is not whole, padded base64."""


def decode(text: str) -> bytes:
    """The bytes that padded base64 stands for; line breaks and a `data:` prefix are accepted.

    Raises NotBase64.
    """
    prefix = _DATA_URL.match(text)
    try:
        encoded = (text[prefix.end() :] if prefix else text).encode("ascii")
    except UnicodeEncodeError:
        raise NotBase64 from None
    encoded = encoded.translate(None, _SPACE)
    if len(encoded) % 4 or b"=" in encoded[:-2]:
        raise NotBase64
    try:
        return b"".join(
            binascii.a2b_base64(encoded[start : start + _SLICE], strict_mode=True)
            for start in range(0, len(encoded), _SLICE)
        )
    except binascii.Error:
        raise NotBase64 from None
