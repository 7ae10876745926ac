"""What participants do in requirement tables."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bson import ObjectId

from repositories.lms.requirement_submissions import RequirementSubmissionRepository
from repositories.lms.requirement_tables import RequirementTableRepository
from repositories.lms.step_progress import StepProgressRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.clock import Clock
from services.errors import Forbidden
from services.lms.enrolment import Enrolments
from services.lms.errors import RequirementTableNotFound
from services.lms.ids import path_id
from services.lms.mail import LmsMail
from services.lms.participants import Participants
from services.lms.requirement_keeping import RequirementKeeper, Submission
from services.lms.requirement_rows import with_entry
from services.lms.requirement_rules import accepted_amount
from services.lms.texts import accepted_text

REMARKS_LENGTH = 2_000
_KIND = "requirement_table_submitted"


class AnotherSubmission(Forbidden):
    """The submission is another participant's."""

    code = "another_submission"

    def __init__(self) -> None:
        super().__init__(
            "This submission is another participant's; managers name them in participant_id"
        )


class RequirementSubmissionService:
    """Opens, fills and submits requirement tables."""

    def __init__(
        self,
        submissions: RequirementSubmissionRepository,
        tables: RequirementTableRepository,
        step_progress: StepProgressRepository,
        keeper: RequirementKeeper,
        enrolments: Enrolments,
        participants: Participants,
        mail: LmsMail,
        transaction: Transaction,
        clock: Clock,
    ):
        self._submissions = submissions
        self._tables = tables
        self._step_progress = step_progress
        self._keeper = keeper
        self._enrolments = enrolments
        self._participants = participants
        self._mail = mail
        self._transaction = transaction
        self._clock = clock

    async def mine(self, table_id: str, participant_id: str | None, *, actor: Actor) -> Submission:
        """What a participant did in a table; the first time makes it (CONTRACT section 6).

        Raises RequirementTableNotFound, StepLocked when there is none yet, or what
        `Enrolments.locked` and `Participants.resolve` do.
        """
        participant = await self._participants.resolve(participant_id, actor=actor)
        wanted = path_id(table_id, RequirementTableNotFound)
        table = await self._tables.find(wanted)
        if table is None:
            raise RequirementTableNotFound
        kept = await self._submissions.find_of(participant, wanted)
        if kept is None:
            now = self._clock().replace(microsecond=0)
            async with self._transaction() as tx:
                kept = await self._opened(participant, table, actor=actor, at=now, tx=tx)
        return Submission.of(table, kept)

    async def _opened(
        self, participant: ObjectId, table: Document, *, actor: Actor, at: datetime, tx: Tx
    ) -> Document:
        course_id, step_id = table["course_id"], table["step_id"]
        enrolled = await self._enrolments.locked(participant, course_id, at=at, tx=tx)
        await self._enrolments.open_step(enrolled, step_id, actor=actor, tx=tx)
        if await self._tables.find(table["_id"], tx=tx) is None:
            raise RequirementTableNotFound
        # Another request of the same participant may have made it just before.
        kept = await self._submissions.find_of(participant, table["_id"], tx=tx)
        if kept is not None:
            return kept
        kept = {
            "_id": ObjectId(),
            "participant_id": participant,
            "requirement_table_id": table["_id"],
            "step_id": step_id,
            "course_id": course_id,
            "rows": [],
            "submitted_at": None,
            "awaits_review": False,
            "approved_at": None,
            "approved_by": None,
            "created_at": at,
            "updated_at": at,
        }
        await self._submissions.insert(kept, tx=tx)
        await self._step_progress.open(participant, step_id, course_id, at=at, tx=tx)
        await self._enrolments.settle(enrolled, at=at, tx=tx)
        return kept

    async def update_row(
        self,
        submission_id: str,
        participant_id: str | None,
        given: Mapping[str, Any],
        *,
        actor: Actor,
    ) -> bool:
        """Change what a participant did in a row; tells whether all rows are completed now.

        `given` has `serial_number` and `completed`, and `completed_value` and `remarks`
        where they change. Raises UnknownReference, RowFrozen, InvalidField,
        AnotherSubmission, or what `RequirementKeeper.hold` does.
        """
        entry = _accepted(given)
        found = await self._own(submission_id, participant_id, actor=actor)
        now = self._clock().replace(microsecond=0)
        async with self._transaction() as tx:
            enrolled, submission = await self._keeper.hold(found, actor=actor, at=now, tx=tx)
            rows = with_entry(submission.rows, given["serial_number"], entry, at=now)
            await self._keeper.keep(enrolled, submission, rows, {}, at=now, tx=tx)
        return all(row.completed for row in rows)

    async def submit(
        self, submission_id: str, participant_id: str | None, *, actor: Actor
    ) -> datetime:
        """Offer a table for review, also partly done and again; when that was.

        Raises AnotherSubmission, or what `RequirementKeeper.hold` does.
        """
        found = await self._own(submission_id, participant_id, actor=actor)
        now = self._clock().replace(microsecond=0)
        async with self._transaction() as tx:
            enrolled, submission = await self._keeper.hold(found, actor=actor, at=now, tx=tx)
            changes = {"submitted_at": now, "awaits_review": True}
            await self._keeper.keep(enrolled, submission, submission.rows, changes, at=now, tx=tx)
            # Managers know already of one that waits.
            if not submission.kept["awaits_review"]:
                await self._tell_managers(submission, tx=tx)
        return now

    async def _tell_managers(self, submission: Submission, *, tx: Tx) -> None:
        name = submission.table["name"]
        text = (
            f"{name} was submitted and awaits its review.\n\nSubmission {submission.kept['_id']}\n"
        )
        await self._mail.tell_managers(_KIND, f"New submission of {name}", text, tx=tx)

    async def erase(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Delete what an account did: it tells of a person, and can't be reviewed any more."""
        await self._submissions.delete_of(user_id, tx=tx)

    async def _own(
        self, submission_id: str, participant_id: str | None, *, actor: Actor
    ) -> Document:
        participant = await self._participants.resolve(participant_id, actor=actor)
        found = await self._keeper.find(submission_id)
        if found["participant_id"] != participant:
            raise AnotherSubmission
        return found


def _accepted(given: Mapping[str, Any]) -> Document:
    entry: Document = {"completed": given["completed"]}
    if "completed_value" in given:
        value = given["completed_value"]
        entry["completed_value"] = value and accepted_amount(value, "completed_value")
    if "remarks" in given:
        remarks = given["remarks"]
        entry["remarks"] = remarks and accepted_text(remarks, "remarks", REMARKS_LENGTH)
    return entry
