"""A participant's submission of a requirement table: held for a change, and kept with its facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from repositories.lms.requirement_submissions import RequirementSubmissionRepository
from repositories.lms.requirement_tables import RequirementTableRepository
from repositories.lms.step_progress import StepProgressRepository
from repositories.types import Document, Tx
from services.access.actor import Actor
from services.errors import Invalid, NotFound
from services.lms.enrolment import Enrolled, Enrolments
from services.lms.errors import RequirementTableNotFound
from services.lms.ids import path_id
from services.lms.requirement_rows import Decision, Row, as_kept, from_kept, merged


class SubmissionNotFound(NotFound):
    """There is no such submission of a requirement table."""

    code = "requirement_submission_not_found"

    def __init__(self) -> None:
        super().__init__("Requirement submission not found")


class TableApproved(Invalid):
    """An approved table is done."""

    code = "requirement_table_approved"

    def __init__(self) -> None:
        super().__init__("This requirement table is approved already; nothing in it changes now")


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission with its table and its rows, as both are now."""

    table: Document
    kept: Document
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, table: Document, kept: Document) -> "Submission":
        """A submission as it was read: an approved one stays as it was then."""
        rows = tuple(from_kept(row) for row in kept["rows"])
        if kept["approved_at"] is None:
            rows = merged(table["requirements"], rows)
        return cls(table, kept, rows)

    @property
    def is_approved(self) -> bool:
        """Whether the whole table is approved."""
        return self.kept["approved_at"] is not None

    @property
    def is_completed(self) -> bool:
        """Whether every row is."""
        return all(row.completed for row in self.rows)


class RequirementKeeper:
    """Holds a submission by its enrollment's lock, and keeps what becomes of it."""

    def __init__(
        self,
        submissions: RequirementSubmissionRepository,
        tables: RequirementTableRepository,
        step_progress: StepProgressRepository,
        enrolments: Enrolments,
    ):
        self._submissions = submissions
        self._tables = tables
        self._step_progress = step_progress
        self._enrolments = enrolments

    async def find(self, submission_id: str) -> Document:
        """A submission by the id in a path. Raises SubmissionNotFound."""
        kept = await self._submissions.find(path_id(submission_id, SubmissionNotFound))
        if kept is None:
            raise SubmissionNotFound
        return kept

    async def hold(
        self, found: Document, *, actor: Actor, at: datetime, tx: Tx
    ) -> tuple[Enrolled, Submission]:
        """A submission that nobody else changes until `tx` ends, in a step that may be acted on.

        Raises SubmissionNotFound, RequirementTableNotFound, TableApproved, StepLocked, or
        what `Enrolments.locked` does.
        """
        enrolled = await self._enrolments.locked(
            found["participant_id"], found["course_id"], at=at, tx=tx
        )
        await self._enrolments.open_step(enrolled, found["step_id"], actor=actor, tx=tx)
        table = await self._tables.find(found["requirement_table_id"], tx=tx)
        if table is None:
            raise RequirementTableNotFound
        kept = await self._submissions.find(found["_id"], tx=tx)
        if kept is None:
            raise SubmissionNotFound
        submission = Submission.of(table, kept)
        if submission.is_approved:
            raise TableApproved
        return enrolled, submission

    async def keep(
        self,
        enrolled: Enrolled,
        submission: Submission,
        rows: Sequence[Row],
        changes: Document,
        *,
        at: datetime,
        tx: Tx,
    ) -> None:
        """Keep the rows and other changes of a submission, and what they make of the progress."""
        changed = {**changes, "rows": [as_kept(row) for row in rows], "updated_at": at}
        await self._submissions.change(submission.kept["_id"], changed, tx=tx)
        kept = {**submission.kept, **changed}
        progress = await self._step_progress.open(
            enrolled.participant_id, kept["step_id"], kept["course_id"], at=at, tx=tx
        )
        await self._step_progress.put_table(
            progress["_id"], kept["requirement_table_id"], facts_of(kept), tx=tx
        )
        await self._enrolments.settle(enrolled, at=at, tx=tx)


def facts_of(submission: Document) -> Document:
    """What progress goes by of a submission (`repositories/lms/step_progress.py`)."""
    rows = submission["rows"]
    return {
        "completed": [row["serial_number"] for row in rows if row["completed"]],
        "approved": [row["serial_number"] for row in rows if row["decision"] == Decision.APPROVED],
        "is_submitted": submission["submitted_at"] is not None,
        "is_approved": submission["approved_at"] is not None,
    }
