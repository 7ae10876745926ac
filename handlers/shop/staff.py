"""What the handlers share by which staff keep the catalog."""

from collections.abc import Sequence
from typing import Any

import msgspec

from handlers.bodies import Body, decode_object, read_body
from handlers.data import DataHandler
from services.services import CatalogEditing


class CatalogStaffHandler(DataHandler):
    """A route of staff, whose body says only what it changes."""

    @property
    def editing(self) -> CatalogEditing:
        """What staff do to the catalog."""
        return self.services.shop.catalog_editing

    def parse_given(self, body: type[Body], *, nullable: Sequence[str] = ()) -> dict[str, Any]:
        """The fields that the body gives (`given_fields`)."""
        return given_fields(decode_object(self.request.body), body, nullable)


def given_fields(
    raw: dict[str, Any], body: type[Body], nullable: Sequence[str] = ()
) -> dict[str, Any]:
    """The fields that an object gives, checked; null only where it is a value.

    Raises MissingFields or WrongType.
    """
    fields: dict[str, Any] = msgspec.to_builtins(read_body(raw, body))
    given = {name: value for name, value in fields.items() if value is not None}
    return given | {name: None for name in nullable if name in raw and raw[name] is None}
