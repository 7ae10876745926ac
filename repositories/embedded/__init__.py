"""The embedded document store: MongoDB's documents and queries on one SQLite file.

What it does with a document, a filter or an update is MongoDB's; what it does not support it
refuses by name. docs/decisions/0001 tells why it exists, 0002 how it writes.
"""

from repositories.embedded.collection import Collection
from repositories.embedded.cursor import Cursor
from repositories.embedded.errors import (
    CannotOpenStore,
    CorruptStore,
    ForeignFile,
    NewerFormat,
    ReadOnlyStore,
    StoreBusy,
    StoreError,
    StoreFull,
    StoreUnavailable,
    TransactionExpired,
    UnsafeSQLite,
)
from repositories.embedded.gridfs import GridFSBucket
from repositories.embedded.meter import Meter, Unwatched
from repositories.embedded.plan import Plan
from repositories.embedded.session import Session
from repositories.embedded.store import EmbeddedStore

__all__ = [
    "CannotOpenStore",
    "Collection",
    "CorruptStore",
    "Cursor",
    "EmbeddedStore",
    "ForeignFile",
    "GridFSBucket",
    "Meter",
    "NewerFormat",
    "Plan",
    "ReadOnlyStore",
    "Session",
    "StoreBusy",
    "StoreError",
    "StoreFull",
    "StoreUnavailable",
    "TransactionExpired",
    "UnsafeSQLite",
    "Unwatched",
]
