"""What the account base keeps of an account: itself, its children, its sign-ins, its messages."""

from repositories import pictures
from repositories.access import audit_entries
from repositories.accounts import sessions, users
from repositories.messaging import outbox
from repositories.personal import Kept, Query, by
from repositories.types import Document

_SECRETS = ("password_hash",)


def _to(channel: str, field: str) -> Query:
    def query(user: Document) -> Document | None:
        address = user.get(field)
        return None if address is None else {"channel": channel, "to": address}

    return query


def _about(user: Document) -> Document:
    return {"target_id": str(user["_id"])}


# What a message says may be a code or a link that still works.
_SAID = ("text", "html", "body", "lease_owner")
KEPT = (
    Kept("account", users.COLLECTION, by("_id"), hidden=_SECRETS),
    Kept("children", users.COLLECTION, by("parent_id"), hidden=_SECRETS),
    Kept("sessions", sessions.COLLECTION, by("user_id"), hidden=("refresh_hash",)),
    Kept("mails", outbox.COLLECTION, _to("mail", "email"), hidden=_SAID),
    Kept("sms", outbox.COLLECTION, _to("sms", "phone_identifier"), hidden=_SAID),
    Kept("done_as_staff", audit_entries.COLLECTION, by("actor_id")),
    # Who of the staff it was, and from where, is theirs.
    Kept("done_by_staff", audit_entries.COLLECTION, _about, hidden=("actor_id", "address")),
    Kept("pictures", pictures.COLLECTION, by("metadata.owner_id")),
)
