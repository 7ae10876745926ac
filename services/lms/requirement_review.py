"""Requirement tables in review: what awaits it, and what managers decide."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId

from repositories.lms.requirement_submissions import RequirementSubmissionRepository
from repositories.lms.requirement_tables import RequirementTableRepository
from repositories.lms.steps import StepRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.access.audit import AuditAction, AuditLog
from services.clock import Clock
from services.lms.mail import LmsMail
from services.lms.participants import check_manager
from services.lms.references import named_step
from services.lms.requirement_keeping import RequirementKeeper, Submission, facts_of
from services.lms.requirement_rows import (
    Decision,
    Row,
    RowNotFound,
    from_kept,
    with_all_approved,
    with_decision,
)
from services.lms.requirement_submissions import REMARKS_LENGTH
from services.lms.table_progress import (
    TableProgress,
    as_facts,
    serial_numbers_of,
    table_progress,
)
from services.lms.texts import accepted_text

_KIND = "requirement_table_reviewed"
_MAX_DIGITS = 9
_WAITING_AT_ONCE = 1_000
_ROW_ACTIONS = {
    Decision.APPROVED: AuditAction.APPROVE_REQUIREMENT_ROW,
    Decision.REJECTED: AuditAction.REJECT_REQUIREMENT_ROW,
}
Rows = tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A submission that awaits review, and how far it is."""

    kept: Document
    table_name: str
    progress: TableProgress


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a decision came to: `all_approved` once the whole table is."""

    approved: bool
    all_approved: bool


class RequirementReviewService:
    """Lists what awaits review, and decides on rows and on whole tables."""

    def __init__(
        self,
        submissions: RequirementSubmissionRepository,
        tables: RequirementTableRepository,
        steps: StepRepository,
        keeper: RequirementKeeper,
        mail: LmsMail,
        audit: AuditLog,
        transaction: Transaction,
        clock: Clock,
    ):
        self._submissions = submissions
        self._tables = tables
        self._steps = steps
        self._keeper = keeper
        self._mail = mail
        self._audit = audit
        self._transaction = transaction
        self._clock = clock

    async def waiting(self, step_id: str | None) -> list[Waiting]:
        """The first thousand that await review, or of one step, the longest waiting first.

        What belongs to a table that is gone can't be decided on and is left out. Raises
        InvalidField.
        """
        step = await named_step(self._steps, step_id)
        tables: dict[ObjectId, Document | None] = {}
        waiting: dict[ObjectId, Waiting] = {}
        async with aclosing(self._submissions.each_waiting(step)) as found:
            async for kept in found:
                table_id = kept["requirement_table_id"]
                if table_id not in tables:
                    tables[table_id] = await self._tables.find(table_id)
                table = tables[table_id]
                # One that is offered again while the others are read comes twice.
                if table is None or kept["_id"] in waiting:
                    continue
                progress = table_progress(serial_numbers_of(table), as_facts(facts_of(kept)))
                waiting[kept["_id"]] = Waiting(kept, table["name"], progress)
                if len(waiting) == _WAITING_AT_ONCE:
                    break
        return list(waiting.values())

    async def decide_row(
        self,
        submission_id: str,
        serial_number: str,
        decision: Decision,
        remarks: str | None,
        manager_id: str | None,
        *,
        actor: Actor,
    ) -> Reviewed:
        """Approve a completed row, or reject it, which leaves it open.

        Raises RowNotFound, RowFrozen, RowsNotCompleted, InvalidField, AnotherManager, or
        what `RequirementKeeper.hold` does.
        """
        check_manager(manager_id, actor=actor)
        said = _accepted_remarks(remarks)
        row_number = _row_number(serial_number)

        def decide(rows: Rows, at: datetime) -> Rows:
            return with_decision(rows, row_number, decision, said, by=actor.id, at=at)

        action = _ROW_ACTIONS[decision]
        all_approved = await self._decide(submission_id, action, decide, row_number, actor=actor)
        return Reviewed(decision is Decision.APPROVED, all_approved)

    async def approve(
        self, submission_id: str, remarks: str | None, manager_id: str | None, *, actor: Actor
    ) -> Reviewed:
        """Approve a whole table, all of whose rows are completed.

        Raises RowsNotCompleted, InvalidField, AnotherManager, or what
        `RequirementKeeper.hold` does.
        """
        check_manager(manager_id, actor=actor)
        said = _accepted_remarks(remarks)

        def decide(rows: Rows, at: datetime) -> Rows:
            return with_all_approved(rows, said, by=actor.id, at=at)

        action = AuditAction.APPROVE_REQUIREMENT_TABLE
        return Reviewed(True, await self._decide(submission_id, action, decide, actor=actor))

    async def _decide(
        self,
        submission_id: str,
        action: AuditAction,
        decide: Callable[[Rows, datetime], Rows],
        row_number: int | None = None,
        *,
        actor: Actor,
    ) -> bool:
        """Carry out a decision on one row or all; tells whether the whole table is approved."""
        found = await self._keeper.find(submission_id)
        now = self._clock().replace(microsecond=0)
        async with self._allowance(found, row_number) as may_mail, self._transaction() as tx:
            enrolled, submission = await self._keeper.hold(found, actor=actor, at=now, tx=tx)
            rows = decide(submission.rows, now)
            all_approved = all(row.is_approved for row in rows)
            is_decided = not any(row.awaits_decision for row in rows)
            changes: Document = {}
            if is_decided:
                changes["awaits_review"] = False
            if all_approved:
                changes |= {"approved_at": now, "approved_by": actor.id}
            await self._keeper.keep(enrolled, submission, rows, changes, at=now, tx=tx)
            details = {"table": submission.table["name"], "row": row_number}
            await self._audit.record(action, found["_id"], actor=actor, tx=tx, details=details)
            if is_decided and may_mail:
                await self._tell(submission, rows, tx=tx)
        return all_approved

    def _allowance(
        self, found: Document, row_number: int | None
    ) -> AbstractAsyncContextManager[bool]:
        """Whether the participant may be mailed; not counted while more is to be decided."""
        others = (row for row in found["rows"] if row["serial_number"] != row_number)
        if row_number is not None and any(from_kept(row).awaits_decision for row in others):
            return nullcontext(True)
        return self._mail.allowance(_KIND, found["participant_id"])

    async def _tell(self, submission: Submission, rows: Rows, *, tx: Tx) -> None:
        """Mail what came of a review, once for all rows; nothing while it goes on well."""
        rejected = [row for row in rows if row.decision is Decision.REJECTED]
        if rejected:
            subject = f"Rows of {submission.table['name']} are to be done again"
            lines = [f"{row.activity}: {row.approval_remarks or ''}".rstrip() for row in rejected]
        elif all(row.is_approved for row in rows):
            subject = f"{submission.table['name']} is approved"
            remarks = dict.fromkeys(row.approval_remarks for row in rows)
            lines = [each for each in remarks if each]
        else:
            return
        await self._mail.tell_participant(
            _KIND, submission.kept["participant_id"], subject, "\n".join(lines), tx=tx
        )


def _accepted_remarks(remarks: str | None) -> str | None:
    return remarks and accepted_text(remarks, "approval_remarks", REMARKS_LENGTH)


def _row_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS):
        raise RowNotFound
    return int(text)
