"""Connections that take too long, found by one sweep a second instead of a timer a request."""

import asyncio
from typing import Any


class Deadlines:
    """Closes the connections that do not get on within `seconds`.

    Tornado's own timeouts make a future, a timer and two callbacks for every
    request, a twentieth of what a small one costs.
    """

    def __init__(self, seconds: float):
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        # All wait equally long, so the order of insertion is that of their ends.
        self._due: dict[Any, float] = {}

    def __len__(self) -> int:
        return len(self._due)

    def begin(self, connection: Any) -> None:
        """Give a connection its time, anew if it had some."""
        self._due.pop(connection, None)
        self._due[connection] = self._loop.time() + self._seconds

    def end(self, connection: Any) -> None:
        """The connection got on."""
        self._due.pop(connection, None)

    def close_overdue(self) -> None:
        """Close every connection whose time is over."""
        now = self._loop.time()
        while self._due:
            connection, due = next(iter(self._due.items()))
            if due > now:
                return
            del self._due[connection]
            connection.stream.close()
