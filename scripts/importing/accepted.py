"""The rows of a file that are not bad, kept aside in a temporary file until all are checked.

So what is loaded is what was checked, and no row is read and checked twice.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class AcceptedRows:
    """Rows that are added first, and then read; `lines` is where each of them was."""

    def __init__(self, file: BinaryIO):
        self._file = file
        self.lines: list[int] = []

    def add(self, line: int, row: dict[str, Any]) -> None:
        """Put a row behind the others."""
        self._file.write(_encode(row) + b"\n")
        self.lines.append(line)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        self._file.seek(0)
        return map(_decode, self._file)
