"""Sleep records: when someone slept, as they say (CONTRACT section 4)."""

from datetime import date

from bson import ObjectId

from repositories.forum.sleep_records import SleepRecordRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.clock import Clock
from services.errors import Invalid, NotFound
from services.forum.authors import Authors

_STATUS_LENGTH = 100
_NOTE_LENGTH = 2_000


class InvalidSleepRecord(Invalid):
    """Fields that can't be taken, each with what is wrong with it."""

    code = "invalid_sleep_record"

    def __init__(self, errors: dict[str, list[str]]):
        super().__init__("The sleep record can't be taken: " + ", ".join(errors))
        self.errors = errors


class SleepRecordNotFound(NotFound):
    """The caller has no record with this number."""

    code = "sleep_record_not_found"

    def __init__(self) -> None:
        super().__init__("Record does not exist.")


class SleepRecordService:
    """Keeps each account's own records; another's do not exist for the caller."""

    def __init__(
        self,
        records: SleepRecordRepository,
        authors: Authors,
        transaction: Transaction,
        clock: Clock,
    ):
        self._records = records
        self._authors = authors
        self._transaction = transaction
        self._clock = clock

    async def list(self, *, actor: Actor) -> list[Document]:
        """The caller's records, by date, then number."""
        return await self._records.of_user(actor.id)

    async def add(self, day: str, sleep_status: str, note: str, *, actor: Actor) -> Document:
        """Keep a record; `day` is `YYYY-MM-DD`. Raises InvalidSleepRecord."""
        _check(day, sleep_status, note)
        record = {
            "_id": ObjectId(),
            "user_id": actor.id,
            "date": day,
            "sleep_status": sleep_status,
            "note": note,
            "created_at": self._clock().replace(microsecond=0),
        }
        async with self._transaction() as tx:
            await self._authors.lock(actor, tx=tx)
            await self._records.insert(record, tx=tx)
        return record

    async def delete(self, number: int, *, actor: Actor) -> None:
        """Delete one of the caller's records. Raises SleepRecordNotFound."""
        if not await self._records.delete(number, user_id=actor.id):
            raise SleepRecordNotFound

    async def erase(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Delete every record of an account."""
        await self._records.delete_of_user(user_id, tx=tx)


def _check(day: str, sleep_status: str, note: str) -> None:
    errors: dict[str, list[str]] = {}
    if not _is_date(day):
        errors["date"] = ["Date must be a day of the calendar as YYYY-MM-DD."]
    if not sleep_status.strip():
        errors["sleep_status"] = ["This field is required."]
    elif len(sleep_status) > _STATUS_LENGTH:
        errors["sleep_status"] = [f"Ensure this field has at most {_STATUS_LENGTH} characters."]
    if len(note) > _NOTE_LENGTH:
        errors["note"] = [f"Ensure this field has at most {_NOTE_LENGTH} characters."]
    if errors:
        raise InvalidSleepRecord(errors)


def _is_date(text: str) -> bool:
    try:
        # fromisoformat also takes 20241203 and 2024-W49-2; only one way of writing is ours.
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
