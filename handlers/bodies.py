"""Request bodies: one strict JSON decoder, and typed values for the handlers."""

import re
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, ClassVar, TypeVar

import msgspec

from services.errors import Invalid

Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""A whole number that the store can keep."""

_PLACE = re.compile(r" - at `\$\.?([^`]*)`$")
_MAX_NUMBER_LENGTH = 64
_MAX_VALUES = 50_000
_MAX_EXACT_VALUES = 10_000
_decoder = msgspec.json.Decoder()


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What a route takes. A field without a default is required.

    `null` counts as missing, and so does `""` in a required field (CONTRACT
    section 2). `missing` says in the document's words that a field is.
    """

    missing: ClassVar[dict[str, str]] = {}


class MalformedBody(Invalid):
    """The body is not a JSON object in UTF-8."""

    code = "invalid_json"

    def __init__(self, problem: str):
        super().__init__(f"The body must be a JSON object in UTF-8: {problem}")


class MissingFields(Invalid):
    """Required fields are not there."""

    code = "missing_field"

    def __init__(self, names: list[str], message: str):
        super().__init__(message)
        self.names = names


class WrongType(Invalid):
    """A field has a value of another type or size than it takes."""

    code = "invalid_field"

    def __init__(self, field: str, problem: str):
        super().__init__(f"{field}: {problem}" if field else problem)
        self.field = field
        self.problem = problem


B = TypeVar("B", bound=Body)


def _exact(text: str) -> Decimal:
    # Bounded, for what is reckoned with it to be exact and at once.
    if len(text) > _MAX_NUMBER_LENGTH:
        raise ValueError(f"a number has more than {_MAX_NUMBER_LENGTH} characters")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError("a number is out of range") from None


_exact_decoder = msgspec.json.Decoder(float_hook=_exact)


def _value_count(content: bytes) -> int:
    """About how many values there are, told without reading them; a comma in a text is one too."""
    return content.count(b",") + content.count(b"[") + content.count(b"{")


def decode_object(content: bytes, *, exact: bool = False) -> dict[str, Any]:
    """The JSON object in a body; an empty body is `{}`. Raises MalformedBody.

    With `exact`, a number with a fraction or an exponent is the Decimal that was written,
    which a float seldom is. msgspec takes no NaN, Infinity, byte order mark, lone surrogate
    or other encoding, which Python's own parser does.
    """
    if not content:
        return {}
    # Far beyond what any route takes; reading a megabyte of them takes up to 0.2 s, and a
    # Decimal takes ten times as long as a float.
    most = _MAX_EXACT_VALUES if exact else _MAX_VALUES
    if len(content) > most and _value_count(content) > most:
        raise MalformedBody(f"it has more than {most} values")
    try:
        value = (_exact_decoder if exact else _decoder).decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError) as problem:
        raise MalformedBody(str(problem)) from None
    except RecursionError:
        raise MalformedBody("it is nested too deeply") from None
    if not isinstance(value, dict):
        raise MalformedBody(f"it is of another type ({type(value).__name__})")
    return value


def read_body(given: dict[str, Any], body: type[B]) -> B:
    """The typed value of an object. Raises MissingFields or WrongType."""
    required = body.__struct_encode_fields__[: _required_count(body)]
    missing = [name for name in required if given.get(name) in (None, "")]
    if missing:
        first = missing[0]
        raise MissingFields(missing, body.missing.get(first, f"{first} is required"))
    present = {name: value for name, value in given.items() if value is not None}
    try:
        return msgspec.convert(present, body)
    except msgspec.ValidationError as error:
        text = str(error)
        place = _PLACE.search(text)
        field = place.group(1) if place else ""
        raise WrongType(field, _PLACE.sub("", text).replace("`", "")) from None


def _required_count(body: type[Body]) -> int:
    return len(body.__struct_fields__) - len(body.__struct_defaults__)
