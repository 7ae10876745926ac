"""Whether answers were sent before the disk had what they acknowledge (sqlite.org/wal.html).

A write is followed by its mark, a text that it stores and that is the answer's X-Request-ID. It
is committed by the first WAL frame with a size of the database in its header ("commit record",
sqlite.org/fileformat2.html, 4.1) at or after the frame that holds the mark, and on the disk by the
end of a sync of the WAL that began after that.
"""

import re
from typing import Final

from scripts.prove.system_calls import Call

_MARK = re.compile(r"durable-\d{6}")
_WRITTEN = re.compile(r'^, "((?:[^"\\]|\\.)*)", (\d+), \d+')
_FRAME_HEADER_BYTES: Final = 24
_DATABASE_SIZE: Final = slice(4, 8)
_ANSWER = re.compile(r"HTTP/1\.1 2.*?\\r\\nX-Request-I[dD]: (durable-\d{6})\\r")


def mark_of(number: int) -> str:
    """The text by which a write is known."""
    return f"durable-{number:06}"


class Audit:
    """Takes in the calls in the order of their ends, and notes how each answer stood."""

    def __init__(self, wal: str):
        self._wal = wal
        self._is_commit = False
        #: Marks in frames that no commit frame follows yet.
        self._written: set[str] = set()
        #: Marks by the line of their commit, until a sync covers it; then by that of its end.
        self._committed: dict[str, int] = {}
        self._synced: dict[str, int] = {}
        self.covered: set[str] = set()
        self.uncovered: set[str] = set()
        self.syncs = 0

    def take(self, call: Call) -> None:
        """One more call."""
        if call.result < 0:
            return
        if call.target.startswith("socket:"):
            self._answer(call)
        elif call.target.endswith(self._wal):
            if call.name in ("fdatasync", "fsync"):
                self._sync(call)
            else:
                self._write(call)

    def _write(self, call: Call) -> None:
        written = _WRITTEN.match(call.text)
        if written is not None and int(written[2]) == _FRAME_HEADER_BYTES:
            header = written[1].encode("latin-1").decode("unicode_escape").encode("latin-1")
            self._is_commit = any(header[_DATABASE_SIZE])
            return
        self._written.update(_MARK.findall(call.text))
        if self._is_commit:
            for mark in self._written - self._synced.keys():
                # A later frame of the same page repeats the mark; the first commit is its own.
                self._committed.setdefault(mark, call.ended)
            self._written.clear()

    def _sync(self, call: Call) -> None:
        self.syncs += 1
        done = [mark for mark, committed in self._committed.items() if committed < call.began]
        for mark in done:
            del self._committed[mark]
            self._synced[mark] = call.ended

    def _answer(self, call: Call) -> None:
        if answered := _ANSWER.search(call.text):
            mark = answered[1]
            is_covered = mark in self._synced and self._synced[mark] < call.began
            (self.covered if is_covered else self.uncovered).add(mark)
