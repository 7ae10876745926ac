"""What a material is made of, by its type (LMS, "Material Types"). Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from bson import ObjectId

from repositories.types import Document
from services.lms.errors import InvalidField
from services.lms.ids import given_id
from services.lms.texts import accepted_name, accepted_url


class MaterialType(StrEnum):
    """The document's MaterialTypeEnum."""

    REQUIREMENT_TABLE = "RequirementTable"
    VIDEO = "Video"
    BOOK_LINK = "BookLink"
    DOCUMENT = "Document"
    AUDIO = "Audio"


def accepted_type(text: str) -> MaterialType:
    """A type by its name. Raises InvalidField."""
    try:
        return MaterialType(text)
    except ValueError:
        names = ", ".join(MaterialType)
        raise InvalidField("material_type", f"must be one of {names}") from None


def accepted_content(
    material_type: MaterialType, content: Mapping[str, Any]
) -> tuple[Document, ObjectId | None]:
    """What is kept of a content, and the requirement table it names. Raises InvalidField."""
    if material_type is MaterialType.REQUIREMENT_TABLE:
        table_id = _text(content, "requirement_table_id")
        return {}, given_id(table_id, "content.requirement_table_id")
    kept: Document = {"url": accepted_url(_text(content, "url"), "content.url")}
    if material_type is MaterialType.BOOK_LINK:
        kept["title"] = accepted_name(_text(content, "title"), "content.title")
    return kept, None


def shown_content(material: Document) -> dict[str, str]:
    """The content of a material as it came in."""
    table_id = material.get("requirement_table_id")
    return material["content"] if table_id is None else {"requirement_table_id": str(table_id)}


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidField(f"content.{name}", "is required for this type and must be a text")
    return value
