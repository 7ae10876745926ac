"""What an account is found by: prefixes of its email address, phone number and name. Pure."""

import re
import unicodedata

from repositories.types import Document

FIELDS = frozenset({"email", "phone_identifier", "first_name", "last_name"})
"""The fields that keys are made of."""

# In one way only: a long search of digits and a letter took time by its square.
_NUMBER = re.compile(r"\+?[ -]*[0-9][0-9 -]*")
_MOST_WORDS = 6


def keys_of(user: Document | None) -> set[str]:
    """The keys of an account: one of them begins with what it is looked for by.

    A phone number is found with and without its `+`, a name by each of its words.
    """
    if user is None:
        return set()
    keys = {folded(user[name]) for name in ("email", "phone_identifier") if user.get(name)}
    keys |= {key.removeprefix("+") for key in keys}
    words = folded(f"{user.get('first_name', '')} {user.get('last_name', '')}").split()
    keys |= {" ".join(words[start:]) for start in range(min(len(words), _MOST_WORDS))}
    return keys


def folded(text: str) -> str:
    """A text in the spelling of keys: any case, any white space; a number without any."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    plain = " ".join(plain.split())
    return re.sub("[ -]", "", plain) if _NUMBER.fullmatch(plain) else plain
