"""The time in an answer's `Date`, written once a second instead of once a request."""

import time

from tornado.httputil import format_timestamp


class HttpDate:
    """Formats the present second, and remembers it."""

    def __init__(self) -> None:
        self._second = 0
        self._text = ""

    def now(self) -> str:
        """As RFC 9110 wants it: `Sat, 18 Jan 2025 10:00:00 GMT`."""
        second = int(time.time())
        if second != self._second:
            self._second, self._text = second, format_timestamp(second)
        return self._text
