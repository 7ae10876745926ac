"""Server processes that share one store."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scripts.server_process import SERVER, Process, start_server


class Servers:
    """Starts server processes on one data directory, all with the same settings.

    `command` is what Python runs in the place of `server.py`.
    """

    def __init__(self, directory: Path, *settings: str, command: Sequence[str] = SERVER):
        self.data_dir = directory / "data"
        self._log = directory / "server.log"
        self._settings = settings
        self._command = command

    @contextmanager
    def running(self, count: int) -> Iterator[list[Process]]:
        """So many processes that answer, stopped at the end. Raises ServerFailed."""
        servers: list[Process] = []
        try:
            servers.extend(self.spawn() for _ in range(count))
            for server in servers:
                server.wait_until_healthy()
            yield servers
        finally:
            for server in servers:
                server.stop()

    def spawn(self, *settings: str) -> Process:
        """One more process; it may not answer yet, and is the caller's to stop.

        `settings` are its own.
        """
        return start_server(
            self.data_dir, self._log, *self._settings, *settings, command=self._command
        )
