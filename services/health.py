"""Whether the server can do its work."""

from collections.abc import Awaitable, Callable

from services.errors import Unavailable


class HealthService:
    """Answers load balancers: ready while the storage answers and no stop was asked for."""

    def __init__(self, ping: Callable[[], Awaitable[None]]):
        self._ping = ping
        self._is_stopping = False

    def begin_stop(self) -> None:
        """From now on the server is not ready: no new work should be sent here."""
        self._is_stopping = True

    async def check_ready(self) -> None:
        """Touch the storage. Raises Unavailable, also while stopping."""
        if self._is_stopping:
            raise Unavailable("The server is stopping")
        try:
            await self._ping()
        except Exception as problem:
            raise Unavailable("The storage does not answer") from problem
