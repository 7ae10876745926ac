"""What SOCIOX keeps of an account."""

from repositories.personal import Kept, by
from repositories.sociox import ledger, subscriptions

KEPT = (
    Kept("subscriptions", subscriptions.COLLECTION, by("user_id")),
    Kept("ledger", ledger.COLLECTION, by("user_id")),
)
