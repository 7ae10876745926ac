"""Regular expressions of filters, as MongoDB writes them (`$regex`, `$options`)."""

import re
from functools import lru_cache
from typing import Any

from bson.regex import Regex

from repositories.embedded.refusals import refused, unsupported

_FLAGS = {"i": re.I, "m": re.M, "s": re.S, "x": re.X, "u": re.U}
_INVALID_REGEX = 51091
_INVALID_OPTIONS = 51108


def compile_regex(pattern: Any, options: Any = None) -> re.Pattern[str]:
    """The pattern that a string, a compiled pattern or a `bson.regex.Regex` stands for.

    Raises `OperationFailure` when pattern or options are no valid ones.
    """
    if options is not None and not isinstance(options, str):
        raise refused("$options has to be a string")
    if isinstance(pattern, (re.Pattern, Regex)):
        flags = pattern.flags & ~re.U if options is None else 0
        pattern = pattern.pattern
    else:
        flags = 0
    if isinstance(pattern, bytes):
        raise unsupported("$regex of a pattern of bytes")
    if not isinstance(pattern, str):
        raise refused("$regex has to be a string")
    for letter in options or "":
        if letter not in _FLAGS:
            raise refused(f" invalid flag in regex options: {letter}", _INVALID_OPTIONS)
        flags |= _FLAGS[letter]
    return _compile(pattern, int(flags) & ~int(re.U))


@lru_cache(maxsize=512)
def _compile(pattern: str, flags: int) -> re.Pattern[str]:
    try:
        return re.compile(pattern, flags)
    except (re.error, RecursionError, OverflowError, ValueError) as error:
        raise refused(f"Regular expression is invalid: {error}", _INVALID_REGEX) from error
