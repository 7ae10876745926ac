"""Entity tags: by which a client knows again what it has (RFC 9110, sections 8.8.3 and 13.1.2)."""

import hashlib
import re

_TAG = re.compile(r'"[^"]*"')


def weak_etag(content: bytes) -> str:
    """The tag of an answer, compressed or not: weak, as those differ byte for byte.

    By SHA-1, the fastest of the standard library on bodies of a page's size; nobody gains by two
    answers with one tag.
    """
    return f'W/"{hashlib.sha1(content, usedforsecurity=False).hexdigest()}"'


def strong_etag(content: bytes, *, variant: str = "") -> str:
    """The tag of these very bytes; `variant` names what they come in, if compressed."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}{variant}"'


def names(if_none_match: str | None, etag: str) -> bool:
    """Whether an `If-None-Match` names a tag, in the weak comparison that it asks for."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or etag.removeprefix("W/") in _TAG.findall(if_none_match)
