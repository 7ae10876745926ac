"""A disk that is watched, fails when told to, and can be rebuilt as a power cut leaves it.

SQLite reaches its files through apsw's VFS, and so through `WatchedVFS`: every change is an
`Event`, which `before` may refuse by raising, and which `events` then holds.
"""

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

import apsw

_SECTOR_BYTES: Final = 512
_numbers = itertools.count()

Kind = Literal["open", "write", "truncate", "sync", "delete", "read"]


@dataclass(frozen=True, slots=True)
class Event:
    """What SQLite does to a file; `position` is an offset, or the size to truncate to."""

    kind: Kind
    path: str
    position: int = 0
    data: bytes = b""
    #: Of a deletion: whether the directory was synced after it.
    is_synced: bool = False


def _ignore(_: Event) -> None:
    """Let everything happen."""


class WatchedVFS(apsw.VFS):
    """The system's VFS, with every change written down.

    As the default it is under every file that SQLite opens, and must name what it stands on.
    """

    def __init__(self, base: str = "", *, is_default: bool = False) -> None:
        self.name = f"watched-{next(_numbers)}"
        self.base = base
        super().__init__(self.name, base, makedefault=is_default)
        self.events: list[Event] = []
        #: Called before each event, reads too; what it raises is the disk's answer.
        self.before: Callable[[Event], None] = _ignore

    def happens(self, event: Event) -> None:
        """Refuse the event, or write it down."""
        self.before(event)
        if event.kind != "read":
            self.events.append(event)

    def xOpen(self, name: Any, flags: list[int]) -> "_WatchedFile":  # noqa: N802 - apsw's name
        return _WatchedFile(self, name, flags)

    def xDelete(self, path: str, is_synced: bool) -> None:  # noqa: N802 - apsw's name
        self.happens(Event("delete", path, is_synced=is_synced))
        super().xDelete(path, is_synced)


class _WatchedFile(apsw.VFSFile):
    def __init__(self, disk: WatchedVFS, name: Any, flags: list[int]):
        self._disk = disk
        self._path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        disk.happens(Event("open", self._path))
        super().__init__(disk.base, name, flags)

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802 - apsw's name
        self._disk.happens(Event("read", self._path, offset))
        return super().xRead(amount, offset)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - apsw's name
        self._disk.happens(Event("write", self._path, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802 - apsw's name
        self._disk.happens(Event("truncate", self._path, size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802 - apsw's name
        self._disk.happens(Event("sync", self._path))
        super().xSync(flags)


@contextmanager
def watched_disk() -> Iterator[WatchedVFS]:
    """A VFS to name when opening a store."""
    disk = WatchedVFS()
    try:
        yield disk
    finally:
        disk.unregister()


class File:
    """One file as the disk holds it: what is safe, and what a power cut may take away."""

    def __init__(self, content: bytes | None = None):
        self._safe = None if content is None else bytearray(content)
        self._unsafe: list[Event] = []

    def happens(self, event: Event) -> None:
        """Take an event into account."""
        if event.kind == "sync" or (event.kind == "delete" and event.is_synced):
            self._safe = _applied(self._safe, [*self._unsafe, event])
            self._unsafe = []
        elif event.kind != "open":
            self._unsafe.append(event)

    def after_power_cut(self, chance: random.Random) -> bytes | None:
        """The content when the power comes back, None if there is no file.

        What was synced is there. What was not is there, or not, or some sectors of it.
        """
        kept = _survivors(self._unsafe, chance)
        safe = None if self._safe is None else bytearray(self._safe)
        content = _applied(safe, kept)
        return None if content is None else bytes(content)


def _survivors(events: list[Event], chance: random.Random) -> list[Event]:
    """Which unsynced events reached the disk; disks keep no order."""
    fate = chance.choice(["none", "all", "first", "some", "torn", "torn"])
    if fate == "none":
        return []
    if fate == "all":
        return events
    if fate == "first":
        return events[: chance.randrange(len(events) + 1)]
    kept = [event for event in events if chance.random() < 0.5 or fate == "torn"]
    return kept if fate == "some" else [part for event in kept for part in _torn(event, chance)]


def _torn(event: Event, chance: random.Random) -> list[Event]:
    """Some sectors of a write; all or nothing of anything else."""
    if event.kind != "write":
        return [event] if chance.random() < 0.5 else []
    share = chance.choice([0.1, 0.5, 0.9])
    first = event.position
    end = first + len(event.data)
    edges = [first, *range(first - first % _SECTOR_BYTES + _SECTOR_BYTES, end, _SECTOR_BYTES), end]
    return [
        Event("write", event.path, low, event.data[low - first : high - first])
        for low, high in itertools.pairwise(edges)
        if chance.random() < share
    ]


def _applied(content: bytearray | None, events: list[Event]) -> bytearray | None:
    for event in events:
        if event.kind == "delete":
            content = None
            continue
        content = bytearray() if content is None else content
        if event.kind == "truncate":
            del content[event.position :]
            content.extend(bytes(event.position - len(content)))
        elif event.kind == "write":
            content.extend(bytes(max(0, event.position - len(content))))
            content[event.position : event.position + len(event.data)] = event.data
    return content
