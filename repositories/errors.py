"""The few ways in which storage can fail that services have an answer to."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    PyMongoError,
    ServerSelectionTimeoutError,
)

_DUPLICATE_KEY = 11000


class StorageError(Exception):
    """Storage refused; the closed set below says how."""


class Taken(StorageError):
    """Another document already has this value in `field`, which is unique."""

    def __init__(self, field: str):
        super().__init__(f"{field} is taken")
        self.field = field


class WriteConflict(StorageError):
    """Two transactions met at one document and this one lost: it may simply be run again."""


class StorageUnavailable(StorageError):
    """Storage can't be reached or can't write now (disk full, no connection, too slow)."""


@contextmanager
def unique(*fields: str) -> Iterator[None]:
    """Turn the driver's duplicate key into `Taken` of the field concerned."""
    try:
        yield
    except DuplicateKeyError as error:
        raise _taken(error.details, fields) from error
    except BulkWriteError as error:
        first = error.details["writeErrors"][0]
        if first["code"] != _DUPLICATE_KEY:
            raise
        raise _taken(first, fields) from error


def _taken(details: Mapping[str, Any] | None, fields: Sequence[str]) -> Taken:
    pattern = (details or {}).get("keyPattern") or {}
    return Taken(next((field for field in fields if field in pattern), fields[0]))


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors that a transaction can end with into this module's."""
    try:
        yield
    except PyMongoError as error:
        raise_translated(error)
        raise


def raise_translated(error: BaseException | None) -> None:
    """Raise this module's error for a driver's that a transaction can end with, if it is one."""
    if not isinstance(error, PyMongoError):
        return
    # The driver labels that one transient too; it has waited for a server already.
    is_lost = not isinstance(error, ServerSelectionTimeoutError)
    if is_lost and error.has_error_label("TransientTransactionError"):
        raise WriteConflict(str(error)) from error
    if is_unavailable(error):
        raise StorageUnavailable(str(error)) from error


def is_unavailable(error: BaseException | None) -> bool:
    """Whether an error, ours or a driver's, says that storage can't be reached or write now."""
    return isinstance(error, StorageUnavailable | AutoReconnect | ConnectionFailure)
