"""What a plan offers: the features that the document names, and any others, kept as given. Pure.

A known feature has its type and its rule. One that is unknown is kept at any depth (CONTRACT
section 5), as long as the store can name it and all together stay small.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from repositories.sociox.decimals import MAX_DIGITS
from services.sociox.plan_errors import InvalidPlan

MAX_BYTES = 16 * 1024
MAX_VALUES = 500
MAX_DEPTH = 10
MAX_COUNT = 10**9
_MAX_KEY_LENGTH = 100
_MAX_EXPONENT = 300


def merged(features: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The features with those given: objects are merged at every depth, all else is replaced."""
    result = dict(features)
    for name, value in given.items():
        known = result.get(name)
        if isinstance(known, dict) and isinstance(value, dict):
            result[name] = merged(known, value)
        else:
            result[name] = value
    return result


def check_features(features: Mapping[str, Any]) -> None:
    """That these can be the features of a plan. Raises InvalidPlan with the path concerned."""
    # First of all: what follows takes a time that depends on the size.
    _check_size(features)
    if _check_kept(features, "features", 1) > MAX_VALUES:
        raise InvalidPlan("features", f"must hold at most {MAX_VALUES} values")
    _check_known(features, _KNOWN, "features")
    _check_platforms(features.get("socialAccounts", {}))


def _check_size(features: Mapping[str, Any]) -> None:
    try:
        size = len(msgspec.json.encode(features))
    except RecursionError:
        raise _too_deep("features") from None
    if size > MAX_BYTES:
        raise InvalidPlan("features", f"must be at most {MAX_BYTES} bytes of JSON")


def _too_deep(path: str) -> InvalidPlan:
    return InvalidPlan(path, f"is nested too deeply: features have at most {MAX_DEPTH} levels")


def _check_kept(value: Any, path: str, depth: int) -> int:
    """How many values this is, after a check that the store can keep it as it is."""
    if not isinstance(value, dict | list):
        _check_number(value, path)
        return 1
    if depth > MAX_DEPTH:
        raise _too_deep(path)
    values = 1
    if isinstance(value, dict):
        for key, item in value.items():
            _check_key(key, path)
            values += _check_kept(item, f"{path}.{key}", depth + 1)
    else:
        for index, item in enumerate(value):
            values += _check_kept(item, f"{path}[{index}]", depth + 1)
    return values


def _check_key(key: str, path: str) -> None:
    """CONTRACT section 5: no empty key, no dot, no leading `$`; the store takes no NUL."""
    if not 0 < len(key) <= _MAX_KEY_LENGTH or key.startswith("$") or {".", "\0"} & set(key):
        raise InvalidPlan(
            path,
            f"has a key that can't be used: 1 to {_MAX_KEY_LENGTH} characters without a dot, "
            "not beginning with $",
        )


def _check_number(value: Any, path: str) -> None:
    if isinstance(value, Decimal):
        digits = len(value.as_tuple().digits)
        is_kept = digits <= MAX_DIGITS and abs(value.adjusted()) <= _MAX_EXPONENT
    else:
        is_kept = not isinstance(value, int) or abs(value) < 10**MAX_DIGITS
    if not is_kept:
        raise InvalidPlan(
            path, f"must have at most {MAX_DIGITS} digits and an exponent within {_MAX_EXPONENT}"
        )


def _count(value: Any, path: str) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_COUNT:
        raise InvalidPlan(path, f"must be a whole number from 0 to {MAX_COUNT}")


def _counts(value: Any, path: str) -> None:
    if not isinstance(value, dict):
        raise InvalidPlan(path, "must be an object of whole numbers")
    for name, count in value.items():
        _count(count, f"{path}.{name}")


def _flag(value: Any, path: str) -> None:
    if not isinstance(value, bool):
        raise InvalidPlan(path, "must be true or false")


def _text(value: Any, path: str) -> None:
    if not isinstance(value, str):
        raise InvalidPlan(path, "must be a string")


def _texts(value: Any, path: str) -> None:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidPlan(path, "must be a list of strings")


Check = Callable[[Any, str], None]
# SOCIOX "create plan" and "update both features".
_KNOWN: dict[str, Check | dict[str, Check]] = {
    "socialAccounts": {"total": _count, "perPlatform": _counts},
    "teamMembers": _count,
    "posting": {"postsPerDay": _count, "bulkScheduling": _flag, "autoScheduling": _flag},
    "analytics": {"reportTypes": _texts, "exportFormats": _texts, "retentionDays": _count},
    "support": _text,
    "additional": {
        "customBranding": _flag,
        "apiAccess": _flag,
        "contentCalendar": _flag,
        "hashtagManager": _flag,
    },
}


def _check_known(value: Any, known: Mapping[str, Check | dict[str, Check]], path: str) -> None:
    if not isinstance(value, dict):
        raise InvalidPlan(path, "must be an object")
    for name, check in known.items():
        if name not in value:
            continue
        inner = f"{path}.{name}"
        if isinstance(check, dict):
            _check_known(value[name], check, inner)
        else:
            check(value[name], inner)


def _check_platforms(accounts: Mapping[str, Any]) -> None:
    total, by_platform = accounts.get("total"), accounts.get("perPlatform", {})
    needed = sum(by_platform.values())
    if total is not None and needed > total:
        raise InvalidPlan(
            "features.socialAccounts.perPlatform",
            f"adds up to {needed}, more than the total of {total}",
        )
