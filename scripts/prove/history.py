"""What was asked of a server and what it answered, kept outside of it."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

_NONE: Mapping[str, Any] = MappingProxyType({})


class Entry:
    """One operation: sent, and answered with a status or not at all."""

    def __init__(self, history: "History", operation: str, facts: Mapping[str, Any]):
        self.operation = operation
        self.facts = facts
        self.sent_at = time.time()
        self.status: int | None = None
        self._history = history

    def answered(self, status: int) -> None:
        """It was answered; without this call its outcome is unknown."""
        self.status = status
        self._history.write(self, answered_at=time.time())


class History:
    """A file of JSON lines: `sent` when an operation goes out, `answered` when its status came.

    An operation without its second line is one whose outcome nobody knows.
    """

    def __init__(self, path: Path):
        self._file = path.open("a", buffering=1)
        self._number = 0
        self._numbers: dict[int, int] = {}

    def sent(self, operation: str, facts: Mapping[str, Any] = _NONE) -> Entry:
        """An operation goes out now."""
        entry = Entry(self, operation, facts)
        self._number += 1
        self._numbers[id(entry)] = self._number
        line = {"n": self._number, "op": operation, "sent_at": entry.sent_at, **facts}
        self._file.write(json.dumps(line, default=str) + "\n")
        return entry

    def write(self, entry: Entry, *, answered_at: float) -> None:
        """Its status came."""
        number = self._numbers.pop(id(entry))
        line = {"n": number, "status": entry.status, "answered_at": answered_at}
        self._file.write(json.dumps(line) + "\n")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
