"""Documents as JSON that anybody can read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from bson import Decimal128, ObjectId


def as_json(document: Mapping[str, Any]) -> bytes:
    """A document as one line of JSON.

    Ids are hex digits, times are UTC in ISO 8601, decimals are texts. Bytes are left out: what
    is kept as bytes is a hash of a secret.
    """
    return msgspec.json.encode(_plain(document))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items() if not isinstance(each, bytes)}
    if isinstance(value, list):
        return [_plain(each) for each in value if not isinstance(each, bytes)]
    if isinstance(value, ObjectId | Decimal128):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value
