"""Names of categories and brands, and the slugs by which addresses know them."""

import re
import unicodedata

from repositories.types import Document
from services.errors import Invalid
from services.texts import is_one_line

_MAX_NAME = 100
_MAX_DESCRIPTION = 2_000
_MAX_ADDRESS = 2_000
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class InvalidNames(Invalid):
    """A text of a category or brand is not as it has to be."""

    code = "invalid_field"

    def __init__(self, field: str, problem: str):
        super().__init__(f"{field} {problem}")


def slug_of(name: str) -> str:
    """A slug made of a name; empty when the name has no Latin letter and no digit."""
    plain = (
        unicodedata.normalize("NFKD", name[:_MAX_NAME]).encode("ascii", "ignore").decode().lower()
    )
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:_MAX_NAME].strip("-")


def check_names(entry: Document) -> None:
    """That the texts of a category or brand can be kept. Raises InvalidNames."""
    name = entry["name"]
    if not name.strip() or len(name) > _MAX_NAME or not is_one_line(name):
        raise InvalidNames("name", f"must be 1 to {_MAX_NAME} characters in one line and not blank")
    if len(entry["slug"]) > _MAX_NAME or not _SLUG.fullmatch(entry["slug"]):
        raise InvalidNames(
            "slug", f"must be 1 to {_MAX_NAME} of a-z, 0-9 and single dashes, as in usb-cables"
        )
    if len(entry["description"]) > _MAX_DESCRIPTION:
        raise InvalidNames("description", f"must be at most {_MAX_DESCRIPTION} characters")
    for field in ("image_url", "logo_url"):
        address = entry.get(field, "")
        if address and not re.fullmatch(rf"https?://\S{{1,{_MAX_ADDRESS}}}", address):
            raise InvalidNames(field, "must begin with http:// or https://, or be empty")
