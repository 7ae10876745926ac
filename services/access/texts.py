"""What names and descriptions of roles and permissions may be; ids as they come in."""

from bson import ObjectId

from services.access.errors import UnusableText

NAME_LENGTH = 64
DESCRIPTION_LENGTH = 500


def parse_id(text: str) -> ObjectId | None:
    """An id from a path or a body, None for what can be none."""
    return ObjectId(text) if ObjectId.is_valid(text) else None


def accepted_name(text: str, field: str = "name") -> str:
    """A name without space around it. Raises UnusableText."""
    name = text.strip()
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        raise UnusableText(field, f"1 to {NAME_LENGTH}")
    return name


def accepted_description(text: str) -> str:
    """A description; it may be empty. Raises UnusableText."""
    if len(text) > DESCRIPTION_LENGTH or not text.replace("\n", " ").isprintable():
        raise UnusableText("description", f"at most {DESCRIPTION_LENGTH}")
    return text.strip()


def name_key(name: str) -> str:
    """By which two names are the same one."""
    return name.casefold()
