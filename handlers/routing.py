"""The route table: what the server answers, to whom, and which handler does it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from handlers.bodies import Body
from handlers.parameters import Headers, Query
from services.access.actor import Actor
from services.errors import DomainError

if TYPE_CHECKING:
    from handlers.base import BaseHandler

MIB = 1024 * 1024


@dataclass(frozen=True)
class Access:
    """Who may call a route. `allows` is None where no token is needed.

    With `reads_granted` the caller comes with what its roles give (`Actor.granted`).
    `refusal` is what anybody else is told.
    """

    name: str
    allows: Callable[[Actor], bool] | None
    reads_granted: bool = False
    refusal: str = "Insufficient permissions"


PUBLIC = Access("public", None)
SIGNED_IN = Access("signed in", lambda _actor: True)


@dataclass(frozen=True)
class Route:
    """One method of one path. A trailing slash is optional on every path.

    `{name}` in the path is one segment, handed to the handler by name. `aliases` are
    further paths of the same route (CONTRACT section 1). `body` and `answer` are the
    types of what comes in and goes out, `query` and `headers` those of what else is read;
    `status` is that of success, `errors` the refusals beyond those that all such routes have
    (handlers/openapi/operations.py), `media_types` what the answer can be. `max_body_bytes`
    is 8 MiB where a picture can be in the body (CONTRACT section 2). `has_head` is False for
    a GET that does something, as HEAD must not (RFC 9110, section 9.2.1).
    """

    method: str
    path: str
    handler: "type[BaseHandler]"
    access: Access
    body: type[Body] | None = None
    answer: Any = None
    max_body_bytes: int = 1 * MIB
    aliases: tuple[str, ...] = ()
    query: type[Query] | None = None
    headers: type[Headers] | None = None
    status: int = 200
    errors: tuple[type[DomainError], ...] = ()
    media_types: tuple[str, ...] = ("application/json",)
    has_head: bool = True

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path it is served at."""
        return (self.path, *self.aliases)


@dataclass
class _Node:
    """A place in the tree of path segments."""

    fixed: "dict[str, _Node]" = field(default_factory=dict)
    parameter: "_Node | None" = None
    routes: dict[str, Route] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Match:
    """What a path leads to: its routes by method, and the values of its parameters."""

    routes: dict[str, Route]
    parameters: dict[str, str]

    def find(self, method: str) -> Route | None:
        """The route that a method takes; HEAD takes that of GET."""
        if method != "HEAD":
            return self.routes.get(method)
        route = self.routes.get("GET")
        return None if route is None or not route.has_head else route

    @property
    def methods(self) -> tuple[str, ...]:
        """Every method that the path takes."""
        head = () if self.find("HEAD") is None else ("HEAD",)
        return (*sorted((*self.routes, *head)), "OPTIONS")


@dataclass(frozen=True, slots=True)
class Found:
    """What a request leads to: a route, or a refusal; and the methods its path takes."""

    route: Route | None
    refusal: DomainError | None
    allowed: tuple[str, ...] = ()


class RouteTable:
    """Finds the routes of a path, by dictionary for most and by segment for the others."""

    def __init__(self, routes: Iterable[Route]):
        self.routes = tuple(routes)
        self._fixed: dict[str, Match] = {}
        self._root = _Node()
        for route in self.routes:
            for path in route.paths:
                self._add(path.rstrip("/"), route)

    def _add(self, path: str, route: Route) -> None:
        if "{" not in path:
            match = self._fixed.setdefault(path, Match({}, {}))
            known = match.routes
            self._fixed[path + "/"] = match
        else:
            known = self._node(path).routes
        if route.method in known:
            raise ValueError(f"{route.method} {path} is in the table twice")
        known[route.method] = route

    def _node(self, path: str) -> _Node:
        node = self._root
        for segment in path.split("/")[1:]:
            if segment.startswith("{"):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.fixed.setdefault(segment, _Node())
        return node

    def find(self, path: str) -> Match | None:
        """The routes of a path as it was requested, or None when nothing is served there."""
        fixed = self._fixed.get(path)
        if fixed is not None:
            return fixed
        segments = path.removesuffix("/").split("/")[1:]
        values: list[str] = []
        node = _descend(self._root, segments, values)
        if node is None:
            return None
        names = _parameter_names(next(iter(node.routes.values())).path)
        return Match(node.routes, dict(zip(names, values, strict=True)))


def _parameter_names(path: str) -> list[str]:
    return [segment[1:-1] for segment in path.split("/") if segment.startswith("{")]


def _descend(node: _Node, segments: list[str], values: list[str]) -> _Node | None:
    """Follow the segments, a fixed one before a parameter; None where there is no route."""
    if not segments:
        return node if node.routes else None
    segment, *rest = segments
    if segment in node.fixed and (found := _descend(node.fixed[segment], rest, values)):
        return found
    if node.parameter is None or not segment:
        return None
    try:
        value = unquote(segment, errors="strict")
    except UnicodeDecodeError:
        return None
    values.append(value)
    found = _descend(node.parameter, rest, values)
    if found is None:
        values.pop()
    return found
