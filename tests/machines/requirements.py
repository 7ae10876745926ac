"""A requirement table: filled by one, reviewed by another, row by row or whole (section 6)."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from hypothesis import strategies as st

from tests.factories import stored
from tests.harness import Api, Reply
from tests.lms.support import UNKNOWN_ID, add_course, add_step, manager, participant, refusal, step
from tests.lms.tables import (
    CHANTING,
    READING,
    SUBMISSIONS,
    TABLES,
    add_table,
    approve,
    decide,
    show_table,
    submit,
    waiting,
)
from tests.machines.machine import Action, Subject, act
from tests.shop.people import Person

_WALKING = {"serial_number": 3, "activity": "Walking", "target": 5, "unit": "km"}
_ROWS = range(1, 4)
_COLLECTIONS = (
    "users",
    "sessions",
    "courses",
    "steps",
    "materials",
    "requirement_tables",
    "requirement_submissions",
    "step_progress",
    "enrollments",
    "outbox",
    "audit_entries",
)
_NO_SUBMISSION = (404, "Requirement submission not found")
_DONE = (400, "This requirement table is approved already; nothing in it changes now")


@dataclass
class _Row:
    completed_at: datetime | None = None
    decision: str | None = None
    decided_at: datetime | None = None

    @property
    def is_approved(self) -> bool:
        return self.decision == "approved"


@dataclass
class TableModel:
    """What was done in the table; None before the first look at it."""

    now: datetime
    rows: dict[int, _Row] | None = None
    is_waiting: bool = False
    approved_at: datetime | None = None

    def named(self, action: Action) -> Action:
        return action

    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def open(self) -> Any:
        if self.rows is None:
            self.rows = {number: _Row() for number in _ROWS}
        return 200, len(self.rows)

    def _refusal(self) -> Any:
        if self.rows is None:
            return _NO_SUBMISSION
        return _DONE if self.approved_at is not None else None

    def fill(self, row: int, completed: bool) -> Any:
        refused = self._refusal()
        if refused is not None or self.rows is None:
            return refused
        if row not in self.rows:
            return 400, "serial_number names no row of this table"
        found = self.rows[row]
        if found.is_approved:
            return _frozen(row)
        was_done = found.completed_at is not None and found.decision is None
        at = (found.completed_at if was_done else self.now) if completed else None
        self.rows[row] = _Row(at)
        return 200, all(each.completed_at is not None for each in self.rows.values())

    def submit(self) -> Any:
        refused = self._refusal()
        if refused is not None:
            return refused
        self.is_waiting = True
        return 200

    def decide(self, row: int, approved: bool) -> Any:
        refused = self._refusal()
        if refused is not None or self.rows is None:
            return refused
        if row not in self.rows:
            return 404, "Row not found"
        found = self.rows[row]
        if found.is_approved:
            return _frozen(row)
        if found.completed_at is None:
            return _missing([row])
        found.decision, found.decided_at = "approved" if approved else "rejected", self.now
        return 200, approved, self._reviewed()

    def approve(self) -> Any:
        refused = self._refusal()
        if refused is not None or self.rows is None:
            return refused
        missing = [number for number, row in self.rows.items() if row.completed_at is None]
        if missing:
            return _missing(missing)
        for row in self.rows.values():
            if not row.is_approved:
                row.decision, row.decided_at = "approved", self.now
        return 200, True, self._reviewed()

    def _reviewed(self) -> bool:
        """Whether the table is approved now; what is decided on waits no longer."""
        rows = (self.rows or {}).values()
        if not any(row.completed_at is not None and row.decision is None for row in rows):
            self.is_waiting = False
        if all(row.is_approved for row in rows):
            self.approved_at = self.now
        return self.approved_at is not None

    def seen(self) -> Any:
        if self.rows is None:
            return None, False, False
        rows = {
            number: (row.completed_at, row.decision, row.decided_at)
            for number, row in self.rows.items()
        }
        is_approved = self.approved_at is not None
        return (rows, self.approved_at), self.is_waiting, is_approved


def _frozen(row: int) -> Any:
    return 400, f"Row {row} is approved and can't be changed any more"


def _missing(rows: list[int]) -> Any:
    named = ", ".join(map(str, rows))
    return 400, f"Only completed rows can be decided on; not completed: {named}"


class TableWorld:
    """A course of one step with the table, who learns and who reviews."""

    _manager: Person
    _learner: Person
    _step_id: str
    _table_id: str

    def __init__(self, api: Api):
        self._api = api
        self._submission_id = UNKNOWN_ID

    async def begin(self, now: datetime) -> TableModel:
        for name in _COLLECTIONS:
            await self._api.agora.storage[name].delete_many({})
        self._submission_id = UNKNOWN_ID
        self._manager, self._learner = await manager(self._api), await participant(self._api)
        course = await add_course(self._api, self._manager)
        self._step_id = (await add_step(self._api, self._manager, course["id"]))["id"]
        rows = (CHANTING, READING, _WALKING)
        table = await add_table(self._api, self._manager, self._step_id, *rows)
        self._table_id = table["id"]
        await show_table(self._api, self._manager, self._step_id, self._table_id)
        return TableModel(now)

    async def time_passed(self) -> None:
        self._manager = await self._signed_in(self._manager)
        self._learner = await self._signed_in(self._learner)

    async def _signed_in(self, who: Person) -> Person:
        session = await self._api.agora.services.accounts.sessions.open(ObjectId(who.id))
        return replace(who, token=session.access)

    async def open(self) -> Any:
        path = f"{TABLES}/{self._table_id}/my-submission"
        reply = await self._api.get(path, token=self._learner.token)
        if reply.status != 200:
            return refusal(reply)
        return 200, len(reply.body["row_statuses"])

    async def fill(self, row: int, completed: bool) -> Any:
        body = {"serial_number": row, "completed": completed}
        path = f"{SUBMISSIONS}/{self._submission_id}/rows"
        reply = await self._api.post(path, body, token=self._learner.token)
        return (200, reply.body["is_completed"]) if reply.status == 200 else refusal(reply)

    async def submit(self) -> Any:
        reply = await submit(self._api, self._learner, self._submission_id)
        return 200 if reply.status == 200 else refusal(reply)

    async def decide(self, row: int, approved: bool) -> Any:
        return _reviewed(await decide(self._api, self._manager, self._submission_id, row, approved))

    async def approve(self) -> Any:
        return _reviewed(await approve(self._api, self._manager, self._submission_id))

    async def seen(self) -> Any:
        found = await stored(self._api, "requirement_submissions")
        if not found:
            return None, False, False
        (kept,) = found
        self._submission_id = str(kept["_id"])
        rows = {
            row["serial_number"]: (row["completed_at"], row["decision"], row["decided_at"])
            for row in kept["rows"]
        }
        # What was opened and never touched has no rows of its own yet.
        rows = rows or dict.fromkeys(_ROWS, (None, None, None))
        waits = await waiting(self._api, self._manager)
        assert all(each["submission_id"] == self._submission_id for each in waits)
        (material,) = (await step(self._api, self._learner, self._step_id))["materials"]
        return (rows, kept["approved_at"]), bool(waits), material["is_completed"]


def _reviewed(reply: Reply) -> Any:
    if reply.status != 200:
        return refusal(reply)
    return 200, reply.body["approved"], reply.body["all_approved"]


_row = st.integers(1, 4)

REQUIREMENTS = Subject(
    name="requirements",
    world=TableWorld,
    actions=st.one_of(
        act("open"),
        act("fill", row=st.integers(1, 3), completed=st.sampled_from([True, True, True, False])),
        act("fill", row=_row, completed=st.booleans()),
        act("submit"),
        act("decide", row=_row, approved=st.booleans()),
        act("decide", row=_row, approved=st.just(False)),
        act("approve"),
    ),
    events=act("time_passes", seconds=st.integers(0, 1200)),
    starts=(datetime(2025, 1, 18, 10, tzinfo=UTC),),
)
