"""The errors by which the embedded store refuses what it cannot answer rightly.

The codes are MongoDB's (`src/mongo/base/error_codes.yml`), so that a repository meets the
same error on either engine.
"""

from pymongo.errors import OperationFailure, WriteError

BAD_VALUE = 2
FAILED_TO_PARSE = 9
TYPE_MISMATCH = 14
PATH_NOT_VIABLE = 28
CONFLICTING_UPDATE_OPERATORS = 40
DOLLAR_PREFIXED_FIELD_NAME = 52
NOT_SINGLE_VALUE_FIELD = 54
EMPTY_FIELD_NAME = 56
IMMUTABLE_FIELD = 66
CANNOT_INDEX_PARALLEL_ARRAYS = 171


def refused(message: str, code: int = BAD_VALUE) -> OperationFailure:
    """The error for a filter, projection, sort or index that MongoDB would refuse too."""
    return OperationFailure(message, code, {"ok": 0.0, "code": code, "errmsg": message})


def write_refused(message: str, code: int = BAD_VALUE) -> WriteError:
    """The error for an update that MongoDB would refuse too."""
    return WriteError(message, code, {"code": code, "errmsg": message})


def unsupported(what: str, code: int = BAD_VALUE) -> OperationFailure:
    """The error for what MongoDB has and the embedded store has not; it names `what`."""
    return refused(f"The embedded store does not support {what}.", code)
