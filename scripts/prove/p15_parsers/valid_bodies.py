"""A body of each operation that the document of the API allows, to begin with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_JSON = "application/json"
_PLAIN: Mapping[str, Any] = {"string": "text", "integer": 1, "number": 1.5, "boolean": True}
_DEPTH = 6


@dataclass(frozen=True)
class Operation:
    """What is called, and a body that it takes; `path` has its parameters in braces."""

    method: str
    path: str
    body: dict[str, Any]


def operations_with_bodies(document: Mapping[str, Any]) -> Iterator[Operation]:
    """Every operation of an OpenAPI document that takes JSON, by its own path."""
    for path, item in document["paths"].items():
        if "$ref" in item:
            continue  # another path to the same
        for method, operation in item.items():
            content = operation.get("requestBody", {}).get("content", {}).get(_JSON)
            if content is not None:
                body = content.get("example") or _example(document, content["schema"], _DEPTH)
                yield Operation(method.upper(), path, body)


def _example(document: Mapping[str, Any], schema: Mapping[str, Any], depth: int) -> Any:
    """A value of a schema; what has too many levels is null."""
    if "$ref" in schema:
        schema = _resolved(document, schema["$ref"])
    for known in ("example", "const", "default"):
        if known in schema:
            return schema[known]
    if "enum" in schema:
        return schema["enum"][0]
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return _example(document, schema[several][0], depth)
    if depth == 0:
        return None
    kind = schema.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "array":
        return [_example(document, schema.get("items", {}), depth - 1)]
    if kind == "object":
        fields = schema.get("properties", {})
        return {name: _example(document, field, depth - 1) for name, field in fields.items()}
    return _PLAIN.get(kind)


def _resolved(document: Mapping[str, Any], reference: str) -> Mapping[str, Any]:
    found: Any = document
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    resolved: Mapping[str, Any] = found
    return resolved
