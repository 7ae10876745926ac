"""Holds answers against the document of the API (`/openapi.json`)."""

import functools
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from handlers.openapi.document import document_of
from handlers.routes import ROUTES
from handlers.routing import Route, RouteTable

_TABLE = RouteTable(ROUTES)
_JSON = "application/json"


@functools.cache
def document() -> dict[str, Any]:
    """The document, made once for all tests of a process."""
    return document_of(ROUTES)


def check_answer(
    method: str, path: str, status: int, headers: Mapping[str, str], body: Any
) -> None:
    """Fail unless the document has this answer for this request.

    `body` is the decoded JSON, None where there is none. What is no operation of the document,
    HEAD and OPTIONS among it, has no answer.
    """
    match = _TABLE.find(path.partition("?")[0])
    route = match.routes.get(method) if match else None
    if route is None:
        return
    responses = _operation(route)["responses"]
    told = f"{method} {route.path} answered {status}"
    assert str(status) in responses, f"{told}, which its Route does not declare: {body}"
    response = _resolved(responses[str(status)])
    for name in response.get("headers", {}):
        assert name in headers, f"{told} without {name}"
    content = response.get("content", {})
    if not content:
        assert body is None, f"{told} with a body: {body}"
        return
    kind = headers.get("Content-Type", "").partition(";")[0]
    assert kind in content, f"{told} with {kind}, not {', '.join(content)}"
    if kind == _JSON:
        try:
            _validator(route.method, route.path, status).validate(body)
        except jsonschema_rs.ValidationError as problem:
            raise AssertionError(f"{told}, which breaks its schema: {problem}") from None


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = document()["paths"][route.path][route.method.lower()]
    return operation


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    """What a reference into the document refers to."""
    found: Any = document()
    if "$ref" not in node:
        return node
    for name in node["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return dict(found)


@functools.cache
def _validator(method: str, path: str, status: int) -> Any:
    responses = document()["paths"][path][method.lower()]["responses"]
    schema = _resolved(responses[str(status)])["content"][_JSON]["schema"]
    return validator_of(schema)


def validator_of(schema: dict[str, Any]) -> Any:
    """What checks values by a schema of the document.

    It is compiled with the schemas that it refers to and no others: with all of them each of
    some thousand takes 2 MB.
    """
    known, needed = document()["components"]["schemas"], dict[str, Any]()
    new = set(_referred_to(schema))
    while new:
        needed |= {name: known[name] for name in new}
        new = {found for name in new for found in _referred_to(known[name])} - needed.keys()
    return jsonschema_rs.Draft202012Validator(
        {**schema, "components": {"schemas": needed}}, validate_formats=True
    )


def _referred_to(node: Any) -> Iterator[str]:
    """The names of the schemas that a part of the document refers to."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix("#/components/schemas/")
        for each in node.values():
            yield from _referred_to(each)
    elif isinstance(node, list):
        for each in node:
            yield from _referred_to(each)
