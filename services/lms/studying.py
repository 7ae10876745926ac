"""Completing materials: what a participant does in a step before its exam."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId

from repositories.lms.materials import MaterialRepository
from repositories.lms.step_progress import StepProgressRepository
from repositories.lms.steps import StepRepository
from repositories.types import Transaction, Tx
from services.access.actor import Actor
from services.clock import Clock
from services.errors import Invalid
from services.lms.enrolment import Enrolled, Enrolments
from services.lms.errors import MaterialNotFound, StepNotFound
from services.lms.ids import path_id
from services.lms.participants import Participants
from services.lms.progress_rules import StepState


class CompletedByApproval(Invalid):
    """A requirement table is complete when a manager has approved it."""

    code = "completed_by_approval"

    def __init__(self) -> None:
        super().__init__("A requirement table is complete once it is approved; submit it instead")


@dataclass(frozen=True, slots=True)
class Studied:
    """A step whose materials were completed: whether its exam can be taken now, and which."""

    can_take_exam: bool
    exam_id: ObjectId | None


class StudyService:
    """Keeps which materials a participant completed."""

    def __init__(
        self,
        steps: StepRepository,
        materials: MaterialRepository,
        step_progress: StepProgressRepository,
        enrolments: Enrolments,
        participants: Participants,
        transaction: Transaction,
        clock: Clock,
    ):
        self._steps = steps
        self._materials = materials
        self._step_progress = step_progress
        self._enrolments = enrolments
        self._participants = participants
        self._transaction = transaction
        self._clock = clock

    async def complete(
        self, material_id: str, participant_id: str | None, *, actor: Actor
    ) -> ObjectId:
        """Complete a material; again is as once. Its id.

        Raises MaterialNotFound, StepLocked, CompletedByApproval, or what `Enrolments.locked`
        and `Participants.resolve` do.
        """
        participant = await self._participants.resolve(participant_id, actor=actor)
        wanted = path_id(material_id, MaterialNotFound)
        material = await self._materials.find(wanted)
        if material is None:
            raise MaterialNotFound
        now = self._clock().replace(microsecond=0)
        async with self._transaction() as tx:
            enrolled = await self._enrolments.locked(
                participant, material["course_id"], at=now, tx=tx
            )
            state = await self._enrolments.open_step(
                enrolled, material["step_id"], actor=actor, tx=tx
            )
            outline = next((each for each in state.step.materials if each.id == wanted), None)
            if outline is None:
                raise MaterialNotFound
            if outline.requirement_table_id is not None:
                raise CompletedByApproval
            await self._keep(enrolled, state, [wanted], at=now, tx=tx)
        return wanted

    async def complete_all(
        self, step_id: str, participant_id: str | None, *, actor: Actor
    ) -> Studied:
        """Complete all materials of a step but its requirement tables (CONTRACT section 6).

        Raises StepNotFound, StepLocked, or what `Enrolments.locked` and
        `Participants.resolve` do.
        """
        participant = await self._participants.resolve(participant_id, actor=actor)
        wanted = path_id(step_id, StepNotFound)
        step = await self._steps.find(wanted)
        if step is None:
            raise StepNotFound
        now = self._clock().replace(microsecond=0)
        async with self._transaction() as tx:
            enrolled = await self._enrolments.locked(participant, step["course_id"], at=now, tx=tx)
            state = await self._enrolments.open_step(enrolled, wanted, actor=actor, tx=tx)
            simple = [each.id for each in state.step.materials if each.requirement_table_id is None]
            return await self._keep(enrolled, state, simple, at=now, tx=tx)

    async def _keep(
        self,
        enrolled: Enrolled,
        state: StepState,
        material_ids: Sequence[ObjectId],
        *,
        at: datetime,
        tx: Tx,
    ) -> Studied:
        kept = await self._step_progress.open(
            enrolled.participant_id, state.step.id, enrolled.course["_id"], at=at, tx=tx
        )
        await self._step_progress.add_materials(kept["_id"], material_ids, tx=tx)
        settled = await self._enrolments.settle(enrolled, at=at, tx=tx)
        after = settled.progress.of_step(state.step.id)
        return Studied(after is not None and after.can_take_exam, state.step.exam_id)
