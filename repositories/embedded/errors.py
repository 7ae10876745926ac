"""What can go wrong with the store itself, as opposed to a query or a document.

Errors of queries and documents are PyMongo's (`refusals.py` and `pymongo.errors`).
"""

import apsw
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError

TRANSACTION_TOO_LONG = 290
NO_SUCH_TRANSACTION = 251


class StoreError(PyMongoError):
    """Base of every error of the store itself; the message says what to do."""


class CannotOpenStore(StoreError):
    """The data directory or its file cannot be used as it is; nothing in it was changed."""


class ForeignFile(CannotOpenStore):
    """The file is there, and is not a store of Agora."""


class CorruptStore(CannotOpenStore):
    """The file is a store of Agora, and is damaged."""


class NewerFormat(CannotOpenStore):
    """The file was written by a later version of Agora."""


class ReadOnlyStore(CannotOpenStore):
    """The file or its directory cannot be written."""


class StoreFull(CannotOpenStore):
    """There is no space left for the file."""


class UnsafeSQLite(CannotOpenStore):
    """The SQLite at hand can lose commits."""


class StoreUnavailable(StoreError, AutoReconnect):
    """The store cannot write, or cannot read, at this moment; nothing was acknowledged.

    It serves again, without a restart, as soon as the cause is gone.
    """


class StoreBusy(StoreUnavailable):
    """Another process held the store's write lock for too long."""


class TransactionExpired(StoreError, OperationFailure):
    """A transaction held the writer longer than it may, and was rolled back."""

    def __init__(self, max_seconds: float):
        message = (
            f"The transaction was rolled back: it held the store's writer for more than "
            f"{max_seconds:g} seconds. Do slow work before the transaction or after it."
        )
        OperationFailure.__init__(
            self, message, TRANSACTION_TOO_LONG, {"code": TRANSACTION_TOO_LONG, "errmsg": message}
        )


def unavailable(problem: BaseException) -> StoreUnavailable:
    """The error for callers when SQLite reports `problem` with the disk or the file."""
    if isinstance(problem, StoreUnavailable):
        # A fresh one for every caller: a shared exception would collect their tracebacks.
        return type(problem)(str(problem))
    return StoreUnavailable(f"The store {_WHAT_HAPPENED.get(type(problem), _UNKNOWN)} ({problem})")


_UNKNOWN = "failed; nothing of this was written. See the log, and check the disk."
_WHAT_HAPPENED: dict[type[BaseException], str] = {
    apsw.FullError: "has no space left on its disk; nothing of this was written. Free some space.",
    apsw.IOError: "met a disk error; nothing of this was written. Check the disk.",
    apsw.ReadOnlyError: "may not be written; nothing of this was written. Check its permissions.",
    apsw.CantOpenError: "could not open its files; nothing of this was written. Check that the "
    "directory is there, may be written, and that the process may open more files.",
    apsw.CorruptError: "is damaged; nothing of this was written. Restore it from a backup.",
    apsw.NotADBError: "is damaged; nothing of this was written. Restore it from a backup.",
    apsw.BusyError: "is locked by another process; nothing of this was written. Try again.",
}
