"""The whole document, made once."""

import asyncio
from collections.abc import Iterable
from typing import Any

import msgspec

from handlers.kept import Kept
from handlers.openapi.examples import Example, read_examples
from handlers.openapi.operations import operation_of, refusals_of, types_of
from handlers.openapi.schemas import Schema, Schemas
from handlers.routing import Route
from services.version import VERSION

_DESCRIPTION = """\
One server for four families of routes, with one base of accounts: **a token from any sign-in
works on every route**.

To get one, `POST /api/v1/auth/register` with a name, an email and a password (or
`/api/register/` and `/api/login/` with a phone number), and send the access token as
`Authorization: Bearer <token>`. It is good for 15 minutes; a refresh token, for 30 days, gets a new
one.

On every route:

- A trailing slash is optional. `HEAD` answers as a `GET` that only reads, `OPTIONS` with 204 and
  `Allow`; any other method is 405.
- Bodies are JSON objects in UTF-8, of 1 MiB at most, or 8 MiB where a picture can be in them.
  Unknown fields are ignored where nothing else is said; `null`, and `""` in a required field, count
  as missing.
- Checks come in this order: 413 and 415, 404 and 405, 401, 403, what is wrong with the body, and
  then whether the things that it names exist.
- Timestamps are in UTC with whole seconds: `2025-01-18T10:00:00Z`.
- Every answer has an `X-Request-ID`; one that is sent along is kept.
- Answers of a KiB and more are compressed for who sends `Accept-Encoding: gzip`. Where an answer
  has an `ETag`, `If-None-Match` spares the caller one that it has.
- Where something may be tried only so often, `RateLimit` says how often it still may
  (draft-ietf-httpapi-ratelimit-headers); refused sign-ins have it too.
"""
_TAGS = {
    "accounts": "Accounts with an email, shared by SHOP and SOCIOX, and signing in by Google.",
    "forum": "FORUM: accounts with a phone number, the feed, posts, pictures, sleep records. "
    'Errors are `{"error": "..."}`. `POST /api/forum/*` and `/api/logout/` also take '
    '`"Authorization": "Bearer ..."` in the body.',
    "lms": "LMS: courses, steps, materials, exams, requirement tables. Errors are "
    '`{"detail": "..."}`.',
    "shop": 'SHOP: catalog, cart, orders, promotions, roles. Answers are `{"data": ...}`, with '
    "`meta` where they come in pages. Amounts are whole minor units.",
    "sociox": "SOCIOX: parents and children, admins, plans, subscriptions. Answers are "
    '`{"message": "...", "data": ...}`. Every route is there under `/api` and `/api/v1`.',
    "ops": "For those who run the server.",
}


class ApiDocument:
    """The document of a table of routes; the first who asks has it made, off the event loop."""

    def __init__(self, routes: Iterable[Route]):
        self._routes = tuple(routes)
        self._making: asyncio.Task[Kept] | None = None

    async def kept(self) -> Kept:
        """The document, as JSON."""
        if self._making is None:
            self._making = asyncio.create_task(asyncio.to_thread(self._make))
        try:
            # Shielded: the others wait for it too when one who asked has gone.
            return await asyncio.shield(self._making)
        except Exception:
            self._making = None  # no file could be opened, say: the next who asks has it made anew
            raise

    def _make(self) -> Kept:
        return Kept.of(msgspec.json.encode(document_of(self._routes)), "application/json")


def document_of(routes: Iterable[Route]) -> dict[str, Any]:
    """The document of some routes (OpenAPI 3.1.0, "OpenAPI Object")."""
    routes = tuple(routes)
    schemas = Schemas(kind for route in routes for kind in types_of(route))
    return {
        "openapi": "3.1.0",
        "info": {"title": "Agora", "version": VERSION, "description": _DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": _paths(routes, schemas),
        "components": {
            "schemas": schemas.components,
            "responses": {
                name: answer
                for route in routes
                for name, answer in refusals_of(route, schemas).items()
            },
            "headers": _HEADERS,
            "securitySchemes": {"bearer": _BEARER},
        },
    }


_HEADERS: Schema = {
    "CacheControl": {
        "description": "`no-store`: the answer holds tokens, and no cache may keep it",
        "required": True,
        "schema": {"type": "string", "const": "no-store"},
    },
    "ETag": {
        "description": "The tag of this answer, to be sent as `If-None-Match`",
        "required": True,
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "What is left of each limit, and the seconds until it begins again: "
        '`"login-account";r=9;t=900`',
        "required": True,
        "schema": {"type": "string"},
    },
    "RateLimitPolicy": {
        "description": 'Each limit: how often in how many seconds: `"login-account";q=10;w=900`',
        "required": True,
        "schema": {"type": "string"},
    },
    "RetryAfter": {
        "description": "Seconds to wait",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "WWWAuthenticate": {
        "description": "`Bearer`",
        "required": True,
        "schema": {"const": "Bearer"},
    },
}
_BEARER: Schema = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "The access token of any sign-in.",
}


def _paths(routes: tuple[Route, ...], schemas: Schemas) -> Schema:
    """The operations by path; a path that is another's alias refers to it."""
    examples = read_examples()
    paths: Schema = {}
    for route in routes:
        example = examples.get((route.method, route.path), Example())
        operations = paths.setdefault(route.path, {})
        operations[route.method.lower()] = operation_of(route, schemas, example)
    for route in routes:
        for alias in route.aliases:
            pointer = route.path.replace("~", "~0").replace("/", "~1")
            paths[alias] = {"$ref": f"#/paths/{pointer}"}
    return paths
