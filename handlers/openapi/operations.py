"""The operation of a route: its parameters, its body, its answers and who may call it."""

import inspect
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from handlers.base import METHODS_WITHOUT_BODY, WholeAnswer, answers_secret
from handlers.errors import status_of
from handlers.openapi.examples import Example
from handlers.openapi.schemas import Schema, Schemas, parameters_of
from handlers.pages import PageHandler
from handlers.pagination import Meta, PageQuery
from handlers.routing import PUBLIC, SIGNED_IN, Route
from services.errors import DomainError, Throttled

_PARAMETER = re.compile(r"\{([a-z_]+)\}")
_JSON = "application/json"
_MEANINGS = {
    400: "What came in is not what the route takes; the message says what to change",
    401: "No token, or one that is bad or has expired",
    403: "The caller may not do this",
    404: "There is no such thing",
    409: "Something that is there already is in the way",
    413: "The body is too large",
    415: "The body is of a kind that is not read: send JSON",
    429: "Too often; `Retry-After` says when to come back",
    500: "Something nobody foresaw; the log has it under `X-Request-ID`",
    502: "Another service that is needed fails",
    503: "The server can't answer now; `Retry-After` says when to come back",
}
_QUOTAS = ("RateLimit", "RateLimitPolicy")
_HEADERS = {
    401: ("WWWAuthenticate",),
    429: ("RetryAfter", *_QUOTAS),
    503: ("RetryAfter",),
}
_HEADER_NAMES = {
    "CacheControl": "Cache-Control",
    "WWWAuthenticate": "WWW-Authenticate",
    "RetryAfter": "Retry-After",
    "ETag": "ETag",
    "RateLimit": "RateLimit",
    "RateLimitPolicy": "RateLimit-Policy",
}
_IF_NONE_MATCH: Schema = {
    "name": "If-None-Match",
    "in": "header",
    "description": "Tags of answers that the caller has: where one is still right, the answer is "
    "304 without a body",
    "required": False,
    "schema": {"type": "string"},
}


def family_of(route: Route) -> str:
    """Which of the families of routes it is part of, by where its handler is."""
    return route.handler.__module__.split(".")[1]


def types_of(route: Route) -> Iterator[Any]:
    """The types whose schemas the operation needs."""
    yield from route.handler.error_answers
    if route.body is not None:
        yield route.body
    if route.answer is not None:
        yield route.answer
    if _is_paged(route):
        yield Meta


def errors_of(route: Route) -> dict[int, list[type[DomainError]]]:
    """The refusals by status: those that follow from the route, and those that it declares."""
    statuses = {400, 500, 503}
    if route.access is not PUBLIC:
        statuses.add(401)
    if route.access not in (PUBLIC, SIGNED_IN):
        statuses.add(403)
    if route.method not in METHODS_WITHOUT_BODY:
        statuses |= {413, 415}
    found: dict[int, list[type[DomainError]]] = {status: [] for status in statuses}
    for error in route.errors:
        found.setdefault(status_of(error, route.handler.statuses), []).append(error)
    return dict(sorted(found.items()))


def operation_of(route: Route, schemas: Schemas, example: Example) -> Schema:
    """The operation, as OpenAPI 3.1 has it ("Operation Object")."""
    family = family_of(route)
    method = getattr(route.handler, route.method.lower())
    operation: Schema = {
        "operationId": _operation_id(route.method, route.path),
        "tags": [family],
        "summary": _first_line(route.handler).removesuffix("."),
        "description": _description(route, method),
        "responses": _responses(route, schemas, example),
        "security": [] if route.access is PUBLIC else [{"bearer": []}],
    }
    if parameters := list(_parameters(route)):
        operation["parameters"] = parameters
    if route.body is not None:
        operation["requestBody"] = _request_body(route, schemas, example)
    return operation


def refusals_of(route: Route, schemas: Schemas) -> Schema:
    """The answers of all refusals, by the names by which operations refer to them."""
    errors = [schemas.of(kind) for kind in route.handler.error_answers]
    content = _content(errors[0] if len(errors) == 1 else {"anyOf": errors})
    if issubclass(route.handler, PageHandler):
        content = {"text/html": {}}
    found: Schema = {}
    for status in errors_of(route):
        answer: Schema = {"description": _MEANINGS[status], "content": content}
        if status in _HEADERS:
            answer["headers"] = _headers(*_HEADERS[status])
        found[_refusal_name(route, status)] = answer
    return found


def _refusal_name(route: Route, status: int) -> str:
    if issubclass(route.handler, PageHandler):
        return f"Page{status}"
    return "".join(kind.__name__ for kind in route.handler.error_answers) + str(status)


def _operation_id(method: str, path: str) -> str:
    return "_".join((method.lower(), *re.findall(r"[A-Za-z0-9_]+", path.replace("-", "_"))))


def _description(route: Route, method: object) -> str:
    parts = [inspect.getdoc(method) or "", f"Who may call it: {route.access.name}."]
    if route.aliases:
        parts.append(f"Also at {', '.join(f'`{alias}`' for alias in route.aliases)}.")
    return "\n\n".join(parts)


def _first_line(handler: type) -> str:
    return (inspect.getdoc(handler) or handler.__name__).partition("\n")[0]


def _parameters(route: Route) -> Iterator[Schema]:
    for name in _PARAMETER.findall(route.path):
        yield {"name": name, "in": "path", "required": True, "schema": _TEXT}
    for place, kind in (("query", route.query), ("header", route.headers)):
        if kind is None:
            continue
        for name, schema, is_required in parameters_of(kind):
            yield {"name": name, "in": place, "required": is_required, "schema": schema}
    if _has_etag(route):
        yield _IF_NONE_MATCH


# A segment of a path is never empty.
_TEXT: Schema = {"type": "string", "minLength": 1}


def _request_body(route: Route, schemas: Schemas, example: Example) -> Schema:
    content: Schema = {"schema": schemas.of(route.body)}
    if example.request is not None:
        content["example"] = example.request
    is_required = bool(schemas.required_of(route.body)) and route.query is None
    return {"required": is_required, "content": {_JSON: content}}


def _responses(route: Route, schemas: Schemas, example: Example) -> Schema:
    success = _success(route, schemas, example)
    responses = {str(route.status): success}
    if names := _success_headers(route):
        success["headers"] = _headers(*names)
    if _has_etag(route):
        responses["304"] = {
            "description": "It is what `If-None-Match` names",
            "headers": _headers("ETag"),
        }
    for status, errors in errors_of(route).items():
        name = _refusal_name(route, status)
        refusal: Schema = {"$ref": f"#/components/responses/{name}"}
        if errors:
            refusal["description"] = "\n\n".join(
                f"`{error.code}`: {_first_line(error)}" for error in errors
            )
        responses[str(status)] = refusal
    return responses


def _success_headers(route: Route) -> list[str]:
    names: list[str] = []
    if any(issubclass(error, Throttled) for error in route.errors):
        names += _QUOTAS
    if answers_secret(route):
        names.append("CacheControl")
    if _has_etag(route):
        names.append("ETag")
    return names


def _success(route: Route, schemas: Schemas, example: Example) -> Schema:
    answer: Schema = {"description": HTTPStatus(route.status).phrase}
    if route.status == HTTPStatus.NO_CONTENT:
        return answer
    if route.media_types != (_JSON,):
        answer["content"] = {kind: {} for kind in route.media_types}
        return answer
    answer["content"] = _content(_answer_schema(route, schemas))
    if example.answer is not None:
        answer["content"][_JSON]["example"] = example.answer
    return answer


def _answer_schema(route: Route, schemas: Schemas) -> Schema:
    inner = {"type": "null"} if route.answer is None else schemas.of(route.answer)
    envelope = route.handler.envelope
    is_whole = isinstance(route.answer, type) and issubclass(route.answer, WholeAnswer)
    if not envelope or is_whole:
        return inner
    properties = {name: inner if name == "data" else {"type": "string"} for name in envelope}
    if _is_paged(route):
        properties["meta"] = schemas.of(Meta)
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _has_etag(route: Route) -> bool:
    return route.handler.has_etag and route.method == "GET"


def _headers(*names: str) -> Schema:
    """References to what an answer's headers are, by their components' names."""
    return {_HEADER_NAMES[name]: {"$ref": f"#/components/headers/{name}"} for name in names}


def _content(schema: Schema) -> Schema:
    return {_JSON: {"schema": schema}}


def _is_paged(route: Route) -> bool:
    return route.query is not None and issubclass(route.query, PageQuery)
