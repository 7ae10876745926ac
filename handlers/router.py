"""The way into the server: finds the route of a request and watches its size from the start."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Any, cast

from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    HTTPServerRequest,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.web import Application

from handlers.base import METHODS_WITHOUT_BODY, BaseHandler, RefusedHandler, is_form
from handlers.body_room import SMALL_BODY_BYTES
from handlers.client_address import ClientAddresses
from handlers.cors import CrossOrigin
from handlers.deadlines import Deadlines
from handlers.errors import BodyTooLarge, MethodNotAllowed, TooManyBodies, UnknownRoute
from handlers.in_flight import InFlight
from handlers.openapi.document import ApiDocument
from handlers.request_ids import RequestIds
from handlers.request_targets import as_origin_form
from handlers.routing import MIB, Found, Match, RouteTable
from services.errors import DomainError
from services.services import Services

_DRAINED_BYTES = 16 * MIB
_LOOK_SECONDS = 0.01


class AgoraRouter(HTTPServerConnectionDelegate):
    """Answers what the route table says.

    `in_flight` has every request from its headers to its answer, so that a stop can
    wait for them. A client has `receive_seconds` for each of a request's two parts,
    headers and body, and `answer_seconds` to take its answer. `client_addresses` tells
    whom a request is from (`request.remote_ip`), for all that asks afterwards.
    `cross_origin` tells which pages of other origins may call; None: of none.
    `is_https` tells that browsers reach the server by https.
    """

    def __init__(
        self,
        table: RouteTable,
        services: Services,
        log_request: Callable[[BaseHandler], None],
        *,
        client_addresses: ClientAddresses,
        cross_origin: CrossOrigin | None,
        is_https: bool,
        receive_seconds: float = 20,
        answer_seconds: float = 300,
    ):
        self._application = Application(
            log_function=self._answered,
            api_document=ApiDocument(table.routes),
            cross_origin=cross_origin,
            is_https=is_https,
        )
        self._log_request = log_request
        self.client_addresses = client_addresses
        self.in_flight = InFlight()
        self.receiving = Deadlines(receive_seconds)
        self.answering = Deadlines(answer_seconds)
        self.request_ids = RequestIds()
        self._table = table
        self._services = services
        self._metrics = services.monitoring.metrics
        if self._metrics is not None:
            self._metrics.gauges.add(
                "agora_http_requests_in_flight",
                "Requests whose headers are here and whose answer is not out.",
                lambda: len(self.in_flight),
            )

    def watch_connections(self, count: Callable[[], int]) -> None:
        """Have the number of open connections told among the metrics."""
        if self._metrics is not None:
            self._metrics.gauges.add(
                "agora_http_connections", "Connections that clients have open.", count
            )

    def _answered(self, handler: BaseHandler) -> None:
        """Tornado's hook after each request: it is counted, and logged."""
        status, seconds = handler.get_status(), handler.request.request_time()
        self._services.monitoring.traffic.record(status=status, seconds=seconds)
        if self._metrics is not None:
            route = handler.found.route
            self._metrics.requests.record(
                route=None if route is None else route.path,
                method=handler.request.method or "",
                status=status,
                seconds=seconds,
            )
        self._log_request(handler)

    def start_request(
        self, server_conn: object, request_conn: HTTPConnection
    ) -> HTTPMessageDelegate:
        """A connection is waiting for its next request."""
        self.answering.end(server_conn)
        self.receiving.begin(server_conn)
        return _RequestDelegate(self, server_conn, request_conn)

    def on_close(self, server_conn: object) -> None:
        """A connection is gone."""
        self.receiving.end(server_conn)
        self.answering.end(server_conn)

    def close_overdue(self) -> None:
        """Close the connections of clients that are too slow."""
        self.receiving.close_overdue()
        self.answering.close_overdue()

    async def wait_until_answered(self, within_seconds: float) -> bool:
        """Wait until each request has its answer, and each client all of it; tells whether in time.

        A handler is done when it has handed its answer over, which may be long before it is out.
        """
        ends_at = asyncio.get_running_loop().time() + within_seconds
        is_answered = await self.in_flight.wait_until_none(within_seconds)
        while is_answered and len(self.answering) > 0:
            if asyncio.get_running_loop().time() >= ends_at:
                return False
            await asyncio.sleep(_LOOK_SECONDS)
        return is_answered

    def find(
        self, request: HTTPServerRequest
    ) -> tuple[type[BaseHandler], Found, dict[str, bytes], int]:
        """Who takes a request, known from its first line and headers, and its body's limit."""
        match = self._table.find(request.path)
        method = request.method or ""
        if method in METHODS_WITHOUT_BODY:
            # Tornado would refuse a form, and these ignore a body, whatever it says it is.
            request.headers.pop("Content-Type", None)
        route = match.find(method) if match else None
        if route is None or match is None:
            handler, found = _refuse(match, method)
            return handler, found, {}, MIB
        parameters = {name: text.encode() for name, text in match.parameters.items()}
        return route.handler, Found(route, None), parameters, route.max_body_bytes

    def delegate(
        self,
        request: HTTPServerRequest,
        handler: type[BaseHandler],
        found: Found,
        parameters: dict[str, bytes],
    ) -> HTTPMessageDelegate:
        """Tornado's own way to run a handler once the body is there."""
        return self._application.get_handler_delegate(
            request,
            handler,
            {"services": self._services, "found": found, "in_flight": self.in_flight},
            path_kwargs=parameters,
        )


def _refuse(match: Match | None, method: str) -> tuple[type[BaseHandler], Found]:
    if match is None:
        # One of its own: what is raised again keeps the frames of every time, and their requests.
        return RefusedHandler, Found(None, UnknownRoute())
    allowed = match.methods
    # Any of the path's handlers knows the envelope of its family.
    handler = next(iter(match.routes.values())).handler
    if method == "OPTIONS":
        return handler, Found(None, None, allowed)
    return handler, Found(None, MethodNotAllowed(allowed), allowed)


class _RequestDelegate(HTTPMessageDelegate):
    """Reads a request's body up to its route's limit; beyond it answers 413 at once, and 503
    when there is no room for it beside others within some seconds.

    Tornado would answer 400 without a body. What still comes in is read and dropped,
    up to a bound: closing at once would reset the connection before the client,
    busy sending, has read the answer.
    """

    _request: HTTPServerRequest
    _handler: type[BaseHandler]
    _inner: HTTPMessageDelegate

    def __init__(self, router: AgoraRouter, server_conn: object, request_conn: HTTPConnection):
        self._router = router
        self._server_conn = server_conn
        self._request_conn = request_conn
        self._has_request = False
        self._limit = 0
        self._received = 0
        self._draining: _DrainedConnection | None = None

    def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        self._router.receiving.begin(self._server_conn)
        self._request = request = HTTPServerRequest(
            connection=self._request_conn,
            server_connection=self._server_conn,
            start_line=as_origin_form(cast(RequestStartLine, start_line), headers),
            headers=headers,
        )
        request.remote_ip = self._router.client_addresses.find(request.remote_ip or "", headers)
        self._handler, found, parameters, self._limit = self._router.find(request)
        self._router.in_flight.add(request)
        self._has_request = True
        # Into the request's headers, which are others where HTTP/1.0 came with none at all.
        given = headers.get("X-Request-ID")
        request.headers["X-Request-ID"] = self._router.request_ids.name(given)
        size = _announced_bytes(headers, self._limit)
        if size > self._limit:
            return self._refuse_before_the_body(BodyTooLarge(self._limit), headers)
        self._inner = self._router.delegate(request, self._handler, found, parameters)
        if size > SMALL_BODY_BYTES:
            return self._begin_when_there_is_room(size, start_line, headers)
        return self._inner.headers_received(start_line, headers)

    async def _begin_when_there_is_room(
        self, size: int, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> None:
        """Let the client wait until its body has room beside the others; for a while."""
        if await self._router.in_flight.body_room.take(self._request, size):
            await (self._inner.headers_received(start_line, headers) or _nothing())
        else:
            await (self._refuse_before_the_body(TooManyBodies(), headers) or _nothing())

    def _refuse_before_the_body(
        self, refusal: DomainError, headers: HTTPHeaders
    ) -> Awaitable[None] | None:
        draining = self._refuse_body(refusal)
        if headers.get("Expect") is None:
            return None
        # Who asks before sending sends nothing after this answer, and must not read "100" first.
        draining.end()
        return draining.ended

    def data_received(self, chunk: bytes) -> Awaitable[None] | None:
        self._received += len(chunk)
        if self._draining is not None:
            if self._received > self._limit + _DRAINED_BYTES:
                self._draining.end()
            return None
        if self._received > self._limit:
            # With it goes what has come so far: its room is given back with the answer.
            del self._inner
            self._refuse_body(BodyTooLarge(self._limit))
            return None
        if is_form(self._request.headers):
            return None  # it gets 415, and Tornado would take it apart before
        return self._inner.data_received(chunk)

    def finish(self) -> None:
        self._router.receiving.end(self._server_conn)
        self._router.answering.begin(self._server_conn)
        if self._draining is not None:
            self._draining.end()
        else:
            self._inner.finish()

    def on_connection_close(self) -> None:
        if not self._has_request:
            return  # its headers were none: no Host, or too many query fields
        self._router.in_flight.discard(self._request)
        if self._draining is None:
            self._inner.on_connection_close()

    def _refuse_body(self, refusal: DomainError) -> "_DrainedConnection":
        connection: Any = self._request.connection
        connection.set_max_body_size(math.inf)  # the parser's own limit is a bare 400
        self._draining = _DrainedConnection(connection)
        # It passes on all it does not do itself, which its type does not show.
        self._request.connection = self._draining  # type: ignore[assignment]
        found = Found(None, refusal)
        self._router.delegate(self._request, self._handler, found, {}).finish()
        return self._draining


def _announced_bytes(headers: HTTPHeaders, limit: int) -> int:
    """How large a body is said to be; one that comes in chunks may be as large as `limit`."""
    # Tornado takes one length that is repeated, and any zeros before it.
    length = headers.get("Content-Length", "").partition(",")[0].lstrip("0")
    if length.isascii() and length.isdigit():
        return int(length[:20])
    return limit if "Transfer-Encoding" in headers else 0


async def _nothing() -> None:
    """What there is to wait for when there is nothing."""


class _DrainedConnection:
    """A connection whose answer goes out at once, and which ends when the body is dropped."""

    def __init__(self, connection: Any):
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._connection = connection
        self._is_answered = False
        self._is_drained = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def finish(self) -> None:
        """The handler is done; the connection may not be yet."""
        self._is_answered = True
        self._end_when_both()

    def end(self) -> None:
        """The body was read, or too much of it, or none will come."""
        self._is_drained = True
        self._end_when_both()

    def _end_when_both(self) -> None:
        if self._is_answered and self._is_drained and not self.ended.done():
            self.ended.set_result(None)
            self._connection.finish()
