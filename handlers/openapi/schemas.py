"""JSON schemas of what comes in and goes out, made of the types."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from msgspec import inspect

from handlers.base import Answer
from handlers.bodies import Body
from handlers.parameters import Parameters

Schema = dict[str, Any]

_COMPONENTS = "#/components/schemas/"
_NO_DEFAULTS = (msgspec.NODEFAULT, msgspec.NODEFAULT)


class Schemas:
    """The schemas of all types that routes name, and the components they refer to."""

    def __init__(self, types: Iterable[Any]):
        self._types = list(dict.fromkeys(types))
        references, components = msgspec.json.schema_components(
            self._types, ref_template=_COMPONENTS + "{name}"
        )
        self._references = [_renamed(each) for each in references]
        self.components = {_short(name): _renamed(each) for name, each in components.items()}
        for struct in _structs(inspect.multi_type_info(self._types)):
            _refine(self.components[self._name_of(struct)], struct)

    def of(self, kind: Any) -> Schema:
        """The schema of one of the types: a reference to a component, or an array of one."""
        return self._references[self._types.index(kind)]

    def required_of(self, kind: Any) -> list[str]:
        """The fields that an object of a type must have."""
        required: list[str] = self.components[self.of(kind)["$ref"].removeprefix(_COMPONENTS)][
            "required"
        ]
        return required

    def _name_of(self, struct: inspect.StructType) -> str:
        name = struct.cls.__name__
        return name if name in self.components else _short(f"{struct.cls.__module__}.{name}")


def parameters_of(kind: type[Parameters]) -> Iterator[tuple[str, Schema, bool]]:
    """Name, schema and whether it has to be there, for each parameter."""
    described = inspect.type_info(kind)
    if not isinstance(described, inspect.StructType):
        raise TypeError(f"{kind.__name__} has no fields")
    for field in described.fields:
        schema: Schema = {"type": "string"} | _extra(field.type)
        yield field.encode_name, schema, field.required


def _extra(kind: inspect.Type) -> Schema:
    """What a parameter's `Meta` says that its text is read as."""
    if isinstance(kind, inspect.UnionType):
        return {name: value for part in kind.types for name, value in _extra(part).items()}
    if isinstance(kind, inspect.Metadata):
        return (kind.extra or {}).get("schema", {})
    return {}


def _structs(kinds: Iterable[inspect.Type]) -> Iterator[inspect.StructType]:
    """Every structure among some types, and among the types of their fields; each once."""
    seen: set[type] = set()
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, inspect.StructType):
            if kind.cls in seen:
                continue
            seen.add(kind.cls)
            yield kind
            waiting.extend(field.type for field in kind.fields)
        waiting.extend(_parts(kind))


def _parts(kind: inspect.Type) -> Iterable[inspect.Type]:
    match kind:
        case inspect.UnionType():
            return kind.types
        case inspect.ListType() | inspect.VarTupleType():
            return (kind.item_type,)
        case inspect.DictType():
            return (kind.key_type, kind.value_type)
        case inspect.Metadata():
            return (kind.type,)
    return ()


def _refine(component: Schema, struct: inspect.StructType) -> None:
    """Say what the product's reading and writing add to a type."""
    component.pop("title", None)
    properties = component["properties"]
    for field in struct.fields:
        _refine_value(properties[field.encode_name], field.type)
    if issubclass(struct.cls, Answer):
        # What has a default goes out too; what may be left out has none, and is not required.
        component["required"] = [
            field.encode_name
            for field in struct.fields
            if field.required or (field.default, field.default_factory) != _NO_DEFAULTS
        ]
        component["additionalProperties"] = False
    elif issubclass(struct.cls, Body):
        # "" in a required field counts as missing (CONTRACT section 2).
        for name in component["required"]:
            if properties[name].get("type") == "string":
                properties[name].setdefault("minLength", 1)


def _refine_value(schema: Schema, kind: inspect.Type) -> None:
    """Timestamps have a format; amounts are numbers (`handlers/base.py`)."""
    match kind:
        case inspect.UnionType():
            for part, inner in zip(kind.types, schema["anyOf"], strict=True):
                _refine_value(inner, part)
        case inspect.Metadata():
            _refine_value(schema, kind.type)
        case inspect.DateTimeType():
            schema["format"] = "date-time"
        case inspect.DecimalType():
            schema.pop("format", None)
            schema["type"] = "number"


def _renamed(schema: Any) -> Any:
    """The schema with short names in its references."""
    if isinstance(schema, dict):
        return {
            name: _COMPONENTS + _short(value.removeprefix(_COMPONENTS))
            if name == "$ref"
            else _renamed(value)
            for name, value in schema.items()
        }
    if isinstance(schema, list):
        return [_renamed(each) for each in schema]
    return schema


def _short(name: str) -> str:
    """Of two types with one name both are called after their module."""
    return name.removeprefix("handlers.")
