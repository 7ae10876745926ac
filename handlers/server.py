"""The HTTP server: its limits, its ports, its end."""

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.httputil import (
    ParseBodyConfig,
    ParseMultipartConfig,
    ParseUrlEncodedConfig,
    set_parse_body_config,
)
from tornado.ioloop import PeriodicCallback
from tornado.iostream import IOStream
from tornado.netutil import bind_sockets

from handlers.base import BaseHandler
from handlers.router import AgoraRouter
from handlers.routing import MIB

_log = logging.getLogger("agora.http")

RequestHook = Callable[[BaseHandler], None]
"""Called by Tornado after each request."""

_MAX_HEADER_BYTES = 16 * 1024
# The parser's limit, a bare 400, is beyond every route's own, which is a 413 that says why.
_MAX_PARSED_BODY_BYTES = 64 * MIB
# Files that are no connections: the store, the log, listening sockets, outgoing mail.
_RESERVED_DESCRIPTORS = 64
_STOP_SECONDS = 10.0
_SWEEP_MILLISECONDS = 1000


class LimitedServer(HTTPServer):
    """Tornado's server with a bound on open connections, in all and from one address.

    Out of file descriptors, accepting fails in a loop that takes all the time there
    is; so the bound is kept below what the system allows. A trusted proxy's address is
    that of all who come through it, and so has no bound of its own.
    """

    # Tornado's "configurable" classes each take their own arguments here.
    def initialize(  # type: ignore[override]
        self, router: AgoraRouter, *, max_connections: int, max_per_address: int
    ) -> None:
        """Take the limits; see ARCHITECTURE.md, "Limits that are settings"."""
        super().initialize(
            router,
            max_header_size=_MAX_HEADER_BYTES,
            max_body_size=_MAX_PARSED_BODY_BYTES,
            max_buffer_size=_MAX_PARSED_BODY_BYTES,
        )
        # The router's deadlines bound headers and bodies, for less than Tornado's timers cost.
        self.conn_params.header_timeout = None
        self._max_connections = min(max_connections, _descriptors() - _RESERVED_DESCRIPTORS)
        self._router = router
        self._max_per_address = max_per_address
        self._open: Counter[str] = Counter()
        router.watch_connections(self._open.total)

    def handle_stream(self, stream: IOStream, address: tuple[Any, ...]) -> None:
        """Serve a new connection, or close it when there are too many."""
        host = str(address[0]) if address else ""
        if self._open.total() >= self._max_connections or self._has_too_many(host):
            _log.warning("too many connections; one from %s was closed", host)
            stream.close()
            return
        self._open[host] += 1
        stream.set_nodelay(True)
        # Tornado turns it off and on around every answer: two system calls for nothing.
        stream.set_nodelay = _keep_nodelay  # type: ignore[assignment, method-assign]
        super().handle_stream(stream, address)

    def _has_too_many(self, host: str) -> bool:
        if self._open[host] < self._max_per_address:
            return False
        return not self._router.client_addresses.is_proxy(host)

    def on_close(self, server_conn: object) -> None:
        """Uncount a connection."""
        super().on_close(server_conn)
        self._router.on_close(server_conn)
        # Tornado declares the connection as a plain object.
        context: Any = server_conn.context  # type: ignore[attr-defined]
        host = str(context.address[0]) if context.address else ""
        self._open[host] -= 1
        if self._open[host] <= 0:
            del self._open[host]


def _keep_nodelay(_value: bool) -> None:
    """What is set once for a connection stays."""


class Listener:
    """Listens on every port, and stops without cutting anybody off."""

    def __init__(
        self,
        router: AgoraRouter,
        *,
        max_connections: int,
        max_per_address: int,
    ):
        # Only JSON is read (415 for the rest); the form parsers had their share of advisories.
        set_parse_body_config(
            ParseBodyConfig(
                multipart=ParseMultipartConfig(enabled=False),
                urlencoded=ParseUrlEncodedConfig(max_arguments=100),
            )
        )
        self._router = router
        self._server = LimitedServer(
            router, max_connections=max_connections, max_per_address=max_per_address
        )
        self._sweep = PeriodicCallback(router.close_overdue, _SWEEP_MILLISECONDS)

    def listen(self, address: str, ports: Sequence[int]) -> list[int]:
        """Listen; answers the ports, where 0 was given the one that was free.

        Raises OSError, with what to change, when a port or the address can't be used.
        """
        self._sweep.start()
        bound = []
        for port in ports:
            try:
                sockets = bind_sockets(port, address)
            except OSError as problem:
                raise OSError(
                    f"can't listen on port {port} of {address} ({problem.strerror}); "
                    "see --port and --address"
                ) from problem
            self._server.add_sockets(sockets)
            bound.append(sockets[0].getsockname()[1])
        return bound

    async def stop(self, *, within_seconds: float = _STOP_SECONDS) -> bool:
        """Take no new connection, finish the requests in flight, then close.

        Tells whether all of them were finished, and their answers sent, in time.
        """
        self._server.stop()
        # A request from now on is the last of its connection.
        self._server.conn_params.no_keep_alive = True
        is_finished = await self._router.wait_until_answered(within_seconds)
        if not is_finished:
            left = len(self._router.in_flight) or len(self._router.answering)
            _log.warning("%d requests were cut off", left)
        self._sweep.stop()
        await self._server.close_all_connections()
        return is_finished


def _descriptors() -> int:
    """How many files the process may have open, after asking for as many as it may have."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return 1 << 20
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return soft
