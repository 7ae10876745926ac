"""Base64 as clients send it: strict about its content, lenient about its wrapping."""

import binascii

_MAX_PREFIX_BYTES = 256
_PREFIX_END = b";base64,"
_SPACE = b" \t\r\n"
# Decoded piece by piece: one call on 7 MB would hold the interpreter, and with it the loop.
_SLICE = 256 * 1024


class NotBase64(ValueError):
    """The text is not whole, padded base64."""


def decode(text: str) -> bytes:
    """The bytes that padded base64 stands for; line breaks and a `data:` prefix are accepted.

    Raises NotBase64.
    """
    try:
        content = text.encode("ascii")
    except UnicodeEncodeError:
        raise NotBase64 from None
    encoded = _without_space(content[_prefix_length(content) :])
    if len(encoded) % 4 or b"=" in encoded[:-2]:
        raise NotBase64
    try:
        return b"".join(
            binascii.a2b_base64(encoded[start : start + _SLICE], strict_mode=True)
            for start in range(0, len(encoded), _SLICE)
        )
    except binascii.Error:
        raise NotBase64 from None


def _without_space(content: bytes) -> bytes:
    if not any(space in content for space in (b" ", b"\t", b"\r", b"\n")):
        return content
    return b"".join(
        content[start : start + _SLICE].translate(None, _SPACE)
        for start in range(0, len(content), _SLICE)
    )


def _prefix_length(content: bytes) -> int:
    """How long `data:image/png;base64,` is at the beginning, in any case (RFC 2397).

    Looked for in a bounded beginning and without a pattern: one that backtracks
    would take hours on a long prefix that never ends.
    """
    beginning = content[:_MAX_PREFIX_BYTES].lower()
    if not beginning.startswith(b"data:"):
        return 0
    return beginning.find(_PREFIX_END) + len(_PREFIX_END) if _PREFIX_END in beginning else 0
