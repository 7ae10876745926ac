"""Phone numbers, other forum identifiers and display names (CONTRACT section 1). Pure."""

import re
import unicodedata

from services.errors import Invalid

_PHONE = re.compile(r"\+?[0-9]{6,15}")
_IDENTIFIER_LENGTH = 64


class InvalidPhoneNumber(Invalid):
    """What was given is not a phone number."""

    code = "invalid_phone_number"

    def __init__(self) -> None:
        super().__init__("Invalid phone number.")


class InvalidIdentifier(Invalid):
    """What was given can't be the name of a forum account."""

    code = "invalid_identifier"

    def __init__(self) -> None:
        super().__init__(
            f"A phone number or username is 1 to {_IDENTIFIER_LENGTH} visible characters, "
            "without spaces."
        )


def find_phone(text: str) -> str | None:
    """`+` and the digits of what looks like a phone number, else None.

    That is `+` and/or 6 to 15 ASCII digits; spaces and dashes are ignored.
    """
    bare = text.replace(" ", "").replace("-", "")
    return "+" + bare.removeprefix("+") if _PHONE.fullmatch(bare) else None


def get_phone(text: str) -> str:
    """The normalised phone number. Raises InvalidPhoneNumber."""
    phone = find_phone(text)
    if phone is None:
        raise InvalidPhoneNumber
    return phone


def as_identifier(text: str) -> str:
    """What a forum account signs in with: a normalised phone number, or the text as it is.

    For looking an account up: no text is refused, many just name no account.
    """
    return find_phone(text) or text


def get_new_identifier(text: str) -> str:
    """Like `as_identifier`, for an account to be made. Raises InvalidIdentifier."""
    phone = find_phone(text)
    if phone is not None:
        return phone
    if not 1 <= len(text) <= _IDENTIFIER_LENGTH or not all(map(_is_visible, text)):
        raise InvalidIdentifier
    return text


def _is_visible(character: str) -> bool:
    # Z: spaces and separators, C: control, format, unassigned and private characters.
    return unicodedata.category(character)[0] not in "ZC"


def first_username(identifier: str) -> str:
    """The display name an account begins with: a phone number is masked, `138****8000`."""
    phone = find_phone(identifier)
    if phone is None:
        return identifier
    digits = phone.removeprefix("+")
    if len(digits) >= 8:
        return f"{digits[:3]}****{digits[-4:]}"
    return f"{digits[0]}****{digits[-1]}"
