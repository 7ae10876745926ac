"""People's names, whole as in SOCIOX and in two as in SHOP (CONTRACT section 1). Pure."""

import unicodedata
from dataclasses import dataclass

from services.accounts.identifiers import first_username
from services.errors import Invalid

_LENGTH = 100
_USERNAME_LENGTH = 32


class InvalidName(Invalid):
    """What was given can't be a person's name."""

    code = "invalid_name"

    def __init__(self, field: str):
        super().__init__(
            f"{field} must be 1 to {_LENGTH} characters, without line breaks or the like"
        )
        self.field = field


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name; `last` may be empty."""

    first: str
    last: str

    def as_username(self) -> str:
        """The display name an account begins with; who calls themselves by a number is masked."""
        return first_username(self.first)[:_USERNAME_LENGTH].strip()


def split_name(text: str) -> Name:
    """A whole name, split at its first space. Raises InvalidName."""
    first, _, last = _accepted("name", text).partition(" ")
    return Name(first, last.strip())


def joined_name(first: str, last: str) -> Name:
    """A name from its two parts. Raises InvalidName."""
    return Name(_accepted("first_name", first), _accepted("last_name", last))


def name_from_elsewhere(first: str, last: str) -> Name:
    """A name that another provider vouches for; what can't be a name is left out."""
    return Name(_cleaned(first) or "User", _cleaned(last))


def _cleaned(text: str) -> str:
    kept = "".join(character for character in text if not _is_control(character))
    return kept.strip()[:_LENGTH].strip()


def _accepted(field: str, text: str) -> str:
    trimmed = text.strip()
    if not 1 <= len(trimmed) <= _LENGTH or any(map(_is_control, trimmed)):
        raise InvalidName(field)
    return trimmed


def _is_control(character: str) -> bool:
    # Zl, Zp: line and paragraph separators; Cf stays, as some scripts need its joiners.
    return unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp")
