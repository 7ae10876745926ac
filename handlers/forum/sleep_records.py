"""Sleep records."""

from typing import Annotated, Any, ClassVar

import msgspec

from handlers.base import Answer
from handlers.bodies import Body, Int64, MissingFields, WrongType
from handlers.forum.base import ForumError, UnauthenticatedWords
from handlers.forum.pictures import as_number
from handlers.forum.views import Message, SleepRecordView
from handlers.parameters import Query
from services.errors import DomainError
from services.forum.sleep_records import InvalidSleepRecord


class SleepRecord(Body, frozen=True, kw_only=True):
    """A night; `date` is `YYYY-MM-DD`."""

    date: str
    sleep_status: str
    note: str = ""


class WhichSleepRecord(Body, frozen=True, kw_only=True):
    """One of the caller's records."""

    id: Int64

    missing = {"id": "id is required."}


class SleepRecordQuery(Query, frozen=True, kw_only=True):
    """One of the caller's records, for clients that can't send a body with DELETE."""

    id: Annotated[str, msgspec.Meta(extra={"schema": {"type": "integer"}})] | None = None


class FieldErrors(Answer, frozen=True, kw_only=True):
    """What is wrong with a new record, field by field."""

    errors: dict[str, list[str]]


class SleepRecordsHandler(UnauthenticatedWords):
    """The caller's sleep records."""

    error_answers: ClassVar[tuple[type[Answer], ...]] = (ForumError, FieldErrors)

    async def get(self) -> None:
        """FORUM section 13: all of them."""
        records = await self.services.forum.sleep_records.list(actor=self.actor)
        self.render([SleepRecordView.of(record) for record in records])

    async def post(self) -> None:
        """FORUM section 14: a new one."""
        body = self.parse(SleepRecord)
        record = await self.services.forum.sleep_records.add(
            body.date, body.sleep_status, body.note, actor=self.actor
        )
        self.render(SleepRecordView.of(record), status=201)

    async def delete(self) -> None:
        """FORUM section 15; `?id=` is for clients that can't send a body with DELETE."""
        asked = self.read_query(SleepRecordQuery).id
        number = as_number(asked) if asked else self.parse(WhichSleepRecord).id
        if number is None:
            raise WrongType("id", "Expected int")
        await self.services.forum.sleep_records.delete(number, actor=self.actor)
        self.render(Message(message="Record deleted successfully."))

    def error_body(self, error: DomainError) -> Any:
        """What is wrong with a new record is told field by field."""
        if self.request.method == "POST":
            if isinstance(error, InvalidSleepRecord):
                return FieldErrors(errors=error.errors)
            if isinstance(error, MissingFields):
                missing = {name: ["This field is required."] for name in error.names}
                return FieldErrors(errors=missing)
            if isinstance(error, WrongType) and error.field:
                return FieldErrors(errors={error.field: [error.problem]})
        return super().error_body(error)
