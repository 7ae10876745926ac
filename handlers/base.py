"""What every handler shares: the order of checks, the caller, parsing, answering, errors."""

import asyncio
import functools
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, TypeVar

import msgspec
from tornado.httputil import HTTPHeaders
from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler

from handlers.bodies import Body, decode_object, read_body
from handlers.compression import MIN_BYTES, THREAD_BYTES, GzipStream, accepts_gzip, compress
from handlers.cors import CrossOrigin
from handlers.errors import (
    BodyTooLarge,
    InternalError,
    MalformedRequest,
    MethodNotAllowed,
    TooManyBodies,
    UnsupportedMediaType,
    as_domain_error,
    status_of,
)
from handlers.etags import names, weak_etag
from handlers.http_date import HttpDate
from handlers.in_flight import InFlight
from handlers.parameters import Headers, Query, read_parameters
from handlers.rate_limits import rate_limit_headers
from handlers.routing import Found, Route
from repositories.errors import WriteConflict
from services.access.actor import Actor
from services.accounts.sessions import TokenRequired
from services.errors import DomainError, Forbidden, Throttled, Unavailable
from services.limits import Quota
from services.services import Services

_log = logging.getLogger("agora.http")
_UNREAD_TYPES = ("application/x-www-form-urlencoded", "multipart/")
METHODS_WITHOUT_BODY = ("GET", "HEAD", "OPTIONS")
_READS = ("GET", "HEAD")
_LARGE_BODY_BYTES = 1024 * 1024
_CONFLICT_RETRIES = 8


def _as_plain(value: Any) -> int:
    """A stored whole number past 32 bits: BSON's codec has a type of its own for it."""
    if isinstance(value, int):
        return int(value)
    raise TypeError(f"An answer can't hold {type(value)}")


# Amounts are numbers to every client; msgspec's default writes a Decimal as a string.
_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=_as_plain)
_date = HttpDate()
B = TypeVar("B", bound=Body)
Q = TypeVar("Q", bound=Query)
H = TypeVar("H", bound=Headers)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a route answers; each field is written by hand, so that nothing else gets out."""


class WholeAnswer(Answer, frozen=True, kw_only=True):
    """An answer that has its family's envelope already."""


class SecretAnswer(Answer, frozen=True, kw_only=True):
    """An answer with tokens, or what gets one: no cache may keep it (RFC 6749, section 5.1)."""


class ErrorView(Answer, frozen=True, kw_only=True):
    """What went wrong: `code` for programs, `message` for people."""

    code: str
    message: str


class ErrorAnswer(Answer, frozen=True, kw_only=True):
    """The envelope of an error; that of SOCIOX, SHOP and all unknown routes."""

    error: ErrorView


class BaseHandler(RequestHandler):
    """A request on its way to a service and back.

    A subclass parses, makes one service call, renders. Errors are raised and
    become the family's envelope here.
    """

    statuses: Mapping[type[DomainError], int] = {}
    """Statuses that the document of a route gives to an error, where its kind has another."""

    reads_decimals = False
    """Whether numbers of a body are Decimals, as written, where they would be floats."""

    envelope: ClassVar[tuple[str, ...]] = ()
    """The fields around what a route answers, `data` among them; none where it is bare."""

    has_etag: ClassVar[bool] = False
    """Whether GET answers 304 to who has it already: for what is the same until it is changed."""

    error_answers: ClassVar[tuple[type[Answer], ...]] = (ErrorAnswer,)
    """The types that an error's answer can have."""

    services: Services
    actor: Actor

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for method in ("get", "post", "put", "patch", "delete"):
            if method in cls.__dict__:
                setattr(cls, method, _guarded(cls.__dict__[method]))

    def initialize(self, services: Services, found: Found, in_flight: InFlight) -> None:
        """Take what the application found for the path: a route, or why there is none."""
        self.services = services
        self.found = found
        self._in_flight = in_flight
        self._body_object: dict[str, Any] | None = None
        self._uncompressed: bytes | None = None

    def clear(self) -> None:
        """Begin an answer.

        In place of Tornado's own, which names the server's version and formats the date
        for each request: that is 3 % of a small one.
        """
        self._headers = HTTPHeaders({"Date": _date.now(), "X-Request-ID": self.request_id})
        if (cross_origin := self._cross_origin) is not None:
            self._headers.update(cross_origin.answer_headers(self.request.headers))
        self._write_buffer = []
        self._status_code = 200
        self._reason = "OK"

    @property
    def _cross_origin(self) -> CrossOrigin | None:
        found: CrossOrigin | None = self.application.settings["cross_origin"]
        return found

    @property
    def request_id(self) -> str:
        """The request's name, which the router made sure of."""
        return self.request.headers["X-Request-ID"]

    async def prepare(self) -> None:
        """Check in the order of CONTRACT section 2, before the body is parsed."""
        if self._in_flight.loop_turn.is_long():
            await self._in_flight.loop_turn.give_way()
        refusal, route = self.found.refusal, self.found.route
        if isinstance(refusal, BodyTooLarge | TooManyBodies):
            raise refusal
        self._check_body_kind()
        if refusal is not None:
            raise refusal
        if route is None or route.access.allows is None:
            return
        self.actor = await self.authenticate()
        if route.access.reads_granted:
            self.actor = await self.services.access.rights.with_granted(self.actor)
        if not route.access.allows(self.actor):
            raise Forbidden(route.access.refusal)

    def _check_body_kind(self) -> None:
        if self.request.method in METHODS_WITHOUT_BODY:
            return
        headers = self.request.headers
        if is_form(headers):
            kind = headers["Content-Type"].strip().lower()
            raise UnsupportedMediaType(kind.partition(";")[0])
        encoding = headers.get("Content-Encoding", "identity").lower()
        if encoding != "identity":
            raise UnsupportedMediaType(f"{encoding[:40]} content")

    async def authenticate(self) -> Actor:
        """The caller. Raises TokenRequired or InvalidAccessToken."""
        token = self.bearer_token()
        if token is None:
            raise TokenRequired
        return await self.services.accounts.sessions.authenticate(
            token, address=self.request.remote_ip or ""
        )

    def bearer_token(self) -> str | None:
        """The token that came with the request: None without any, '' for another scheme."""
        return as_bearer_token(self.request.headers.get("Authorization"))

    def parse(self, body: type[B]) -> B:
        """The request's body as a typed value. Raises MalformedBody, MissingFields or WrongType."""
        return read_body(self.body_object(), body)

    def body_object(self) -> dict[str, Any]:
        """The request's body as it came, decoded once. Raises MalformedBody."""
        if self._body_object is None:
            self._body_object = decode_object(self.request.body, exact=self.reads_decimals)
            if len(self.request.body) > _LARGE_BODY_BYTES:
                self.request.body = b""  # a picture's body would be in memory twice
        return self._body_object

    def read_query(self, kind: type[Q]) -> Q:
        """What the query says, by the type that the route declares, or a part of it."""
        route = self.found.route
        if route is None or route.query is None or not issubclass(route.query, kind):
            raise TypeError(f"{type(self).__name__} reads a query that its route does not declare")
        # Not stripped: Tornado takes control characters for spaces, and would drop those too.
        return read_parameters(kind, lambda name: self.get_query_argument(name, None, strip=False))

    def read_headers(self, kind: type[H]) -> H:
        """What the headers say, by the type that the route declares."""
        route = self.found.route
        if route is None or route.headers is not kind:
            raise TypeError(f"{type(self).__name__} reads headers that its route does not declare")
        return read_parameters(kind, self.request.headers.get)

    def render(self, answer: Any, *, status: int = 200) -> None:  # type: ignore[override]
        """Answer with JSON. Tornado's `render` makes pages from templates, which are not used."""
        if status != 200:
            self.set_status(status)
        self.send(_encoder.encode(answer), "application/json")

    def send(self, content: bytes, content_type: str) -> None:
        """Answer with a whole body: in gzip if that gains and is taken, 304 to who has it."""
        self.set_header("Content-Type", content_type)
        if self._status_code < 400 and answers_secret(self.found.route):
            self.set_header("Cache-Control", "no-store")
        gains = len(content) >= MIN_BYTES and self._status_code < 400
        if gains:
            self._vary_by_encoding()
        if self.has_etag and self._status_code == 200 and self.request.method in _READS:
            self.set_header("Cache-Control", self._cache_control())
            if self.finish_if_known(weak_etag(content)):
                return
        if gains and self.takes_gzip():
            self.set_header("Content-Encoding", "gzip")
            if len(content) > THREAD_BYTES:
                self._uncompressed = content  # for `_guarded`, which can wait for a thread
                return
            content = compress(content)
        self.finish(content)

    async def finish_compressed(self, content: bytes) -> None:
        """End an answer that `send` left for a thread to compress."""
        if not self._finished:
            self.finish(await asyncio.to_thread(compress, content))

    def begin_stream(self, content_type: str) -> None:
        """Answer with what is then written and flushed piece by piece, in gzip if that is taken."""
        self.set_header("Content-Type", content_type)
        self._vary_by_encoding()
        if self.takes_gzip():
            self._transforms = [GzipStream()]

    async def end_stream(self) -> None:
        """End an answer that was begun as a stream.

        For HTTP/1.0, which has no chunks, only the end of the connection tells that (RFC 9112,
        section 6.3), also where the client asked for it to be kept.
        """
        await self.finish()
        if self.request.version == "HTTP/1.0":
            # Tornado declares less of a connection than it has.
            connection: Any = self.request.connection
            connection.close()

    def _vary_by_encoding(self) -> None:
        # Past `add_header`, which looks for what nobody can have put into these words.
        if "Vary" in self._headers:
            self._headers.add("Vary", "Accept-Encoding")
        else:
            self._headers["Vary"] = "Accept-Encoding"

    def takes_gzip(self) -> bool:
        """Whether the client takes an answer in gzip."""
        return accepts_gzip(self.request.headers.get("Accept-Encoding"))

    def _cache_control(self) -> str:
        # To be asked about each time, so that another caller gets what is theirs: no `Vary` by
        # token is needed for that, and one cached answer serves the next token too.
        route = self.found.route
        is_public = route is not None and route.access.allows is None
        return "no-cache" if is_public else "private, no-cache"

    def finish_if_known(self, etag: str) -> bool:
        """Give the answer its tag; end it with 304 where the client has what it names."""
        self.set_header("Etag", etag)
        if not names(self.request.headers.get("If-None-Match"), etag):
            return False
        self.set_status(304)
        self.finish()
        return True

    def set_etag_header(self) -> None:
        """Nothing: a handler with tags has set its own, and hashing all others costs too much."""

    def check_etag_header(self) -> bool:
        """False: it was looked at with the tag; Tornado would search each GET's headers again."""
        return False

    async def head(self, **path: str) -> None:
        """Answer as GET does; Tornado leaves the body out."""
        # Tornado declares a method that a handler lacks as one that takes no such path.
        await self.get(**path)  # type: ignore[misc]

    def options(self, **_path: str) -> None:
        """Say which methods the path takes."""
        self.set_header("Allow", ", ".join(self.found.allowed))
        if self._cross_origin is not None:
            sent = self.request.headers
            self._headers.update(self._cross_origin.preflight_headers(sent, self.found.allowed))
        self.set_status(204)
        self.finish()

    def error_body(self, error: DomainError) -> Any:
        """The envelope of an error, of a type of `error_answers`."""
        return ErrorAnswer(error=ErrorView(code=error.code, message=error.message))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Turn whatever was raised into the family's envelope."""
        raised = kwargs["exc_info"][1] if "exc_info" in kwargs else None
        error = as_domain_error(raised)
        if isinstance(raised, HTTPError) and status_code < 500:
            error = self._malformed()
        status = status_of(type(error), self.statuses)
        self._set_error_headers(error, status)
        self.render_error(error, status)

    def render_error(self, error: DomainError, status: int) -> None:
        """Answer an error in the family's envelope."""
        self.render(self.error_body(error), status=status)

    def _malformed(self) -> DomainError:
        """What Tornado refused before `prepare`: a form, a method it does not know, or rubbish."""
        try:
            self._check_body_kind()
        except UnsupportedMediaType as error:
            return error
        return self.found.refusal or MalformedRequest()

    def _set_error_headers(self, error: DomainError, status: int) -> None:
        # By status, not by error: documents give a refused sign-in 400, a taken number 401.
        if status == 401:
            self.set_header("WWW-Authenticate", "Bearer")
        if isinstance(error, MethodNotAllowed):
            self.set_header("Allow", ", ".join(error.allowed))
        if isinstance(error, Throttled | Unavailable):
            self.set_header("Retry-After", error.retry_after_seconds)
        if error.quotas:
            self.set_quotas(*error.quotas)

    def set_quotas(self, *quotas: Quota) -> None:
        """Say what is left of the limits that the request counted against."""
        for name, value in rate_limit_headers(quotas).items():
            self.set_header(name, value)

    def log_exception(self, _typ: Any, value: BaseException | None, _tb: Any) -> None:
        """Keep the whole story of what nobody foresaw; what was foreseen has its request line."""
        error = as_domain_error(value)
        if isinstance(value, HTTPError) or not isinstance(error, InternalError | Unavailable):
            return
        if not isinstance(value, DomainError):
            _log.error("request %s failed", self.request_id, exc_info=value)

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """Answer an error; one that comes amid an answer can only end the connection.

        At once, for Tornado would end the answer as if it were whole.
        """
        if self._headers_written and not self._finished:
            self.detach().close()
        else:
            super().send_error(status_code, **kwargs)
        # Such a request never gets to `on_finish`, and a stop would wait for it.
        self._in_flight.discard(self.request)

    def on_finish(self) -> None:
        """Tell the application that this request is answered."""
        self._in_flight.discard(self.request)


class RefusedHandler(BaseHandler):
    """A path or method that is not served, in the envelope of all that is unknown."""


def is_form(headers: HTTPHeaders) -> bool:
    """Whether a body is of one of the kinds that are not read, by its `Content-Type`."""
    return headers.get("Content-Type", "").strip().lower().startswith(_UNREAD_TYPES)


def answers_secret(route: Route | None) -> bool:
    """Whether what a route answers is for the caller alone, and for this once."""
    answer = None if route is None else route.answer
    return isinstance(answer, type) and issubclass(answer, SecretAnswer)


def as_bearer_token(value: Any) -> str | None:
    """The token in an Authorization value: None for none, '' for one that is no bearer token."""
    if not isinstance(value, str) or not value.strip():
        return None
    scheme, _, token = value.strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _guarded(method: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Run a handler's method again when its transaction met another and lost.

    Only MongoDB lets transactions meet; nothing of the one that lost was done. That
    a client leaves while its answer goes out is no failure.
    """

    @functools.wraps(method)
    async def run(self: BaseHandler, **path: str) -> None:
        for attempt in range(_CONFLICT_RETRIES):
            try:
                await method(self, **path)
                if self._uncompressed is not None:
                    await self.finish_compressed(self._uncompressed)
            except StreamClosedError:
                return
            except WriteConflict:
                # Jitter, for those who met to come back at different times.
                await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - no secret
            else:
                return
        raise Unavailable("Too many requests change this at once; try again in a moment")

    return run
