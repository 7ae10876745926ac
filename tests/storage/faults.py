"""Faults of a watched disk, and what an operation came to on it."""

from collections.abc import Awaitable
from typing import Any

from pymongo.errors import PyMongoError

from tests.storage.vfs import Event


class Fault:
    """Refuses events of some kinds, on files whose path ends so, from the n-th on.

    It refuses one, or, if it `lasts`, all until it `is_over`.
    """

    def __init__(
        self, kinds: str, file: str, error: type[Exception], n: int, *, lasts: bool = False
    ):
        self._kinds = kinds.split()
        self._file = file
        self._error = error
        self._left = n
        self._lasts = lasts
        self.is_over = False
        self.has_struck = False

    def __call__(self, event: Event) -> None:
        if self.is_over or event.kind not in self._kinds or not event.path.endswith(self._file):
            return
        self._left -= 1
        if self._left == 0 or (self._lasts and self._left < 0):
            self.has_struck = True
            raise self._error(f"the disk refuses to {event.kind}")


async def error_of(operation: Awaitable[Any]) -> PyMongoError | None:
    """The error that an operation of the store ends with, None if it is done."""
    try:
        await operation
    except PyMongoError as error:
        return error
    return None
