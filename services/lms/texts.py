"""What names, descriptions and addresses may be."""

import re
from urllib.parse import urlsplit

from services.lms.errors import InvalidField

NAME_LENGTH = 200
TEXT_LENGTH = 10_000
URL_LENGTH = 2_000
_NO_URL_CHARACTERS = re.compile(r"[\s\x00-\x1f\x7f]")


def accepted_name(text: str, field: str = "name") -> str:
    """A name without space around it. Raises InvalidField."""
    name = text.strip()
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise InvalidField(field, f"must be 1 to {NAME_LENGTH} characters in one line")
    return name


def accepted_text(text: str, field: str = "description", limit: int = TEXT_LENGTH) -> str:
    """A text that may be empty. Raises InvalidField."""
    if len(text) > limit or "\x00" in text:
        raise InvalidField(field, f"must be at most {limit} characters, without NUL")
    return text


def accepted_url(text: str, field: str) -> str:
    """An absolute http or https address. Raises InvalidField."""
    # Counted first: what is split is remembered by the library, a megabyte each time.
    if len(text) > URL_LENGTH or _NO_URL_CHARACTERS.search(text) or not _is_absolute(text):
        raise InvalidField(
            field,
            f"must be a whole address of at most {URL_LENGTH} characters that begins with "
            "http:// or https://",
        )
    return text


def _is_absolute(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
