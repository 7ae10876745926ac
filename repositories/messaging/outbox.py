"""The outbox: messages written in the transaction of their cause, delivered later.

A message is `pending` until it is `sent` or `dead` (given up). Delivery is at
least once: whoever sends a message holds a lease on it, and a lease that runs
out (its holder crashed) lets another take it over, under the same `message_id`.

Order: messages to one recipient on one channel form a line, by `created_at`
and `_id`, and only the head of a line is ever given out. A claim is one atomic
update; it then looks at the head of the line, and steps back if that is another
message. This needs no lock and no counter, and is right with any number of
workers, because a message leaves the line only by being sent or given up. Those
behind a head sleep as long as it does, and the next is woken when it leaves the
line; if the waker crashes, it wakes by itself. (Across machines, "earlier" is
as exact as their clocks.)
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING, IndexModel

from repositories.types import Database, Document, Tx

COLLECTION = "outbox"
INDEXES = (
    IndexModel(
        [
            ("channel", ASCENDING),
            ("status", ASCENDING),
            ("next_attempt_at", ASCENDING),
        ],
        name="due",
    ),
    IndexModel(
        [
            ("channel", ASCENDING),
            ("to", ASCENDING),
            ("status", ASCENDING),
            ("created_at", ASCENDING),
        ],
        name="line",
    ),
    # By channel: one without a sender holds its messages, which says nothing of the others.
    IndexModel(
        [("channel", ASCENDING), ("status", ASCENDING), ("created_at", ASCENDING)],
        name="channel_status_age",
    ),
    IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=0),
)

# `_id` decides between two of one millisecond; those are few, so no index holds it.
_LINE_ORDER = [("created_at", ASCENDING), ("_id", ASCENDING)]
_BLANK = {"text": None, "html": None, "body": None}
_NO_LEASE = {"lease_owner": None}
_ONE_TICK = timedelta(milliseconds=1)


class OutboxRepository:
    """Messages on their way out, and what became of them."""

    def __init__(self, storage: Database):
        self._messages = storage[COLLECTION]

    async def insert(self, content: Document, *, at: datetime, tx: Tx = None) -> str:
        """Put a message at the end of its recipient's line; answer its id.

        `content` holds `channel`, `kind`, `to`, `message_id`, `send_before`, and
        `subject`, `text`, `html` (mail) or `body` (SMS).
        """
        message = {
            "_id": ObjectId(),
            **content,
            "status": "pending",
            "attempts": 0,
            "created_at": at,
            "next_attempt_at": at,
            "lease_until": at,
            "lease_owner": None,
            "last_error": None,
            "sent_at": None,
        }
        await self._messages.insert_one(message, session=tx)
        return str(message["_id"])

    async def delete_to(self, channel: str, to: str, *, tx: Tx) -> None:
        """Delete every message to a recipient, whatever became of it."""
        await self._messages.delete_many({"channel": channel, "to": to}, session=tx)

    async def claim_next(
        self, channel: str, *, owner: str, at: datetime, lease_until: datetime
    ) -> Document | None:
        """Lease the longest due message that heads its recipient's line.

        `owner` names this one claim. The claim counts as an attempt, so that a
        message that kills its process is given up like any other.
        """
        while message := await self._claim_due(channel, owner, at, lease_until):
            if await self._heads_its_line(message, at):
                return message
        return None

    async def _claim_due(
        self, channel: str, owner: str, at: datetime, lease_until: datetime
    ) -> Document | None:
        return await self._messages.find_one_and_update(
            {
                "channel": channel,
                "status": "pending",
                "next_attempt_at": {"$lte": at},
                "lease_until": {"$lte": at},
            },
            {"$set": {"lease_owner": owner, "lease_until": lease_until}, "$inc": {"attempts": 1}},
            sort=[("next_attempt_at", ASCENDING)],
            return_document=True,
        )

    async def _heads_its_line(self, message: Document, at: datetime) -> bool:
        """Tell whether `message` heads its line; if not, step back until its head is due."""
        head = await self._find_head(message["channel"], message["to"])
        if head is None or head["_id"] == message["_id"]:
            return True
        await self._step_back(message, head, at)
        head_now = await self._find_head(message["channel"], message["to"])
        if head_now is not None and head_now["_id"] != head["_id"]:
            # The head left while we stepped back, perhaps too early to wake us.
            await self.wake_line(message["channel"], message["to"], at=at)
        return False

    async def _step_back(self, message: Document, head: Document, at: datetime) -> None:
        # A tick behind the head, so that the head is found first when both are due.
        due_at = max(at, head["next_attempt_at"], head["lease_until"]) + _ONE_TICK
        await self._give_back(message["_id"], message["lease_owner"], at, due_at)
        # The others behind the head too, or each would be claimed only to step back.
        await self._messages.update_many(
            {
                "channel": message["channel"],
                "to": message["to"],
                "status": "pending",
                "_id": {"$ne": head["_id"]},
                "next_attempt_at": {"$lt": due_at},
            },
            {"$set": {"next_attempt_at": due_at}},
        )

    async def _find_head(self, channel: str, to: str) -> Document | None:
        return await self._messages.find_one(
            {"channel": channel, "to": to, "status": "pending"}, sort=_LINE_ORDER
        )

    async def give_back(self, message: Document, *, at: datetime) -> None:
        """End the lease of `message` without an attempt: it is due at once."""
        await self._give_back(message["_id"], message["lease_owner"], at, at)

    async def _give_back(
        self, _id: ObjectId, owner: str, lease_until: datetime, due_at: datetime
    ) -> None:
        await self._messages.update_one(
            _held_by(_id, owner),
            {
                "$set": {"next_attempt_at": due_at, "lease_until": lease_until, **_NO_LEASE},
                "$inc": {"attempts": -1},
            },
        )

    async def wake_line(self, channel: str, to: str, *, at: datetime) -> None:
        """Make the head of a line due at once, since the one before it has left."""
        await self._messages.find_one_and_update(
            {"channel": channel, "to": to, "status": "pending"},
            {"$set": {"next_attempt_at": at}},
            sort=_LINE_ORDER,
        )

    async def mark_sent(self, message: Document, *, at: datetime, expires_at: datetime) -> None:
        """Record a delivery, and forget what was said: codes and links must not lie around.

        It counts whoever holds the lease by now, because it has happened.
        """
        await self._messages.update_one(
            {"_id": message["_id"], "status": "pending"},
            {
                "$set": {
                    "status": "sent",
                    "sent_at": at,
                    "expires_at": expires_at,
                    "last_error": None,
                    **_BLANK,
                    **_NO_LEASE,
                }
            },
        )

    async def mark_failed(
        self, message: Document, *, error: str, at: datetime, next_attempt_at: datetime
    ) -> bool:
        """Record a failed attempt and when the next one is due; False if the lease is lost."""
        result = await self._messages.update_one(
            _held_by(message["_id"], message["lease_owner"]),
            {
                "$set": {
                    "next_attempt_at": next_attempt_at,
                    "lease_until": at,
                    "last_error": error,
                    **_NO_LEASE,
                }
            },
        )
        return result.modified_count == 1

    async def mark_dead(self, message: Document, *, error: str, expires_at: datetime) -> bool:
        """Give a message up; False if the lease is lost."""
        result = await self._messages.update_one(
            _held_by(message["_id"], message["lease_owner"]),
            {
                "$set": {
                    "status": "dead",
                    "last_error": error,
                    "expires_at": expires_at,
                    **_NO_LEASE,
                }
            },
        )
        return result.modified_count == 1

    async def revive(self, message_id: str, *, at: datetime, tx: Tx = None) -> Document | None:
        """Put a dead message back in its line, unless it is past its `send_before`.

        The message as it is then; None when it is not dead, or too late to be sent.
        """
        if not ObjectId.is_valid(message_id):
            return None
        return await self._messages.find_one_and_update(
            {
                "_id": ObjectId(message_id),
                "status": "dead",
                "$or": [{"send_before": None}, {"send_before": {"$gt": at}}],
            },
            {
                "$set": {
                    "status": "pending",
                    "attempts": 0,
                    "next_attempt_at": at,
                    "lease_until": at,
                },
                "$unset": {"expires_at": ""},
            },
            return_document=True,
            session=tx,
        )

    def dead(self, channel: str) -> AsyncIterator[Document]:
        """Every message of a channel that was given up, oldest first: `_id`, `send_before`."""
        found = self._messages.find({"channel": channel, "status": "dead"}, {"send_before": 1})
        return aiter(found.sort("created_at", ASCENDING))

    async def latest_dead(self, channel: str, limit: int) -> list[Document]:
        """The newest messages of a channel that were given up, newest first."""
        found = self._messages.find({"channel": channel, "status": "dead"})
        return await found.sort("created_at", DESCENDING).limit(limit).to_list(limit)

    async def find(self, message_id: str) -> Document | None:
        """The message with this id, in 24 hex digits."""
        if not ObjectId.is_valid(message_id):
            return None
        return await self._messages.find_one({"_id": ObjectId(message_id)})

    async def latest(self, limit: int) -> list[Document]:
        """The newest messages, newest first."""
        return await self._messages.find().sort("_id", DESCENDING).limit(limit).to_list(limit)

    async def count(self, channel: str, status: str) -> int:
        """How many messages of a channel are in a status."""
        return await self._messages.count_documents({"channel": channel, "status": status})

    async def count_put_off(self, channel: str, *, at: datetime) -> int:
        """How many messages of a channel wait for a later attempt, their own or that of the
        head of their line."""
        return await self._messages.count_documents(
            {"channel": channel, "status": "pending", "next_attempt_at": {"$gt": at}}
        )

    async def find_oldest_pending(self, channel: str) -> Document | None:
        """The message of a channel that has waited longest."""
        return await self._messages.find_one(
            {"channel": channel, "status": "pending"}, sort=[("created_at", ASCENDING)]
        )


def _held_by(_id: ObjectId, owner: str) -> Document:
    return {"_id": _id, "status": "pending", "lease_owner": owner}
