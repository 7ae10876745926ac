"""Values of the query and of headers: declared once, read and documented by what is declared."""

from collections.abc import Callable
from typing import Annotated, ClassVar, TypeVar

import msgspec


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """Text values by name; one without a default has to be there.

    They stay text, since what can be wrong with one is for the service to say. What it
    reads them as stands in the field's `Meta`, for the document of the API.
    """

    as_written: ClassVar[frozenset[str]] = frozenset()
    """Fields whose spaces count."""


class Query(Parameters, frozen=True, kw_only=True):
    """What a route reads of its query."""


class Headers(Parameters, frozen=True, kw_only=True):
    """What a route reads of its headers, beyond what all routes do."""


P = TypeVar("P", bound=Parameters)

Flag = Annotated[str, msgspec.Meta(extra={"schema": {"enum": ["true", "false"]}})]
"""`true` or `false`."""

Day = Annotated[str, msgspec.Meta(extra={"schema": {"format": "date"}})]
"""A day, `YYYY-MM-DD`."""


def read_parameters(kind: type[P], find: Callable[[str], str | None]) -> P:
    """The typed values; `find` tells a value by its name, or None where there is none."""
    given: dict[str, str] = {}
    for field, name in zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True):
        value = find(name)
        if value is not None:
            given[field] = value if field in kind.as_written else value.strip()
    return kind(**given)
