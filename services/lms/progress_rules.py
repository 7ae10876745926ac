"""What a participant's progress is: computed from the outline of a course and from facts.

Pure: whoever shows, locks, unlocks or completes asks here, so that all views agree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bson import ObjectId

from repositories.types import Document
from services.lms.outline import CourseOutline, StepOutline
from services.lms.statuses import AttemptStatus, ExamStatus, exam_status
from services.lms.table_progress import (
    NOTHING_DONE,
    TableFacts,
    TableProgress,
    as_facts,
    table_progress,
)


@dataclass(frozen=True, slots=True)
class StepFacts:
    """What a participant did in a step.

    `attempt` is the last at the exam `form_id`; `tables` are by id in hex.
    """

    is_started: bool = False
    completed_ids: frozenset[ObjectId] = frozenset()
    attempt: AttemptStatus | None = None
    form_id: ObjectId | None = None
    tables: Mapping[str, TableFacts] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepState:
    """Where a participant stands in a step; `tables` has all of its requirement tables."""

    step: StepOutline
    is_locked: bool
    is_started: bool
    is_completed: bool
    materials_completed: bool
    completed_ids: frozenset[ObjectId]
    exam_status: ExamStatus
    tables: Mapping[ObjectId, TableProgress]

    @property
    def can_take_exam(self) -> bool:
        """Whether there is an exam and the mandatory materials are complete."""
        return self.step.exam_id is not None and self.materials_completed


@dataclass(frozen=True, slots=True)
class RequirementCounts:
    """How many rows of some requirement tables are completed, approved, and there."""

    completed: int
    approved: int
    total: int


@dataclass(frozen=True, slots=True)
class CourseProgress:
    """Where a participant stands in a course; `current` is None in a course without steps."""

    steps: tuple[StepState, ...]
    current: StepState | None
    is_completed: bool

    @property
    def completed_steps(self) -> int:
        """How many steps are complete."""
        return sum(state.is_completed for state in self.steps)

    @property
    def percentage(self) -> int:
        """The completed steps in percent, rounded down; 0 in a course without steps."""
        return 100 * self.completed_steps // len(self.steps) if self.steps else 0

    @property
    def requirements(self) -> RequirementCounts:
        """The rows of the requirement tables of the whole course (CONTRACT section 6)."""
        tables = [table for state in self.steps for table in state.tables.values()]
        return RequirementCounts(
            completed=sum(table.completed for table in tables),
            approved=sum(table.approved for table in tables),
            total=sum(table.total for table in tables),
        )

    def of_step(self, step_id: ObjectId) -> StepState | None:
        """The state of one step, None when it is not of this course."""
        return next((state for state in self.steps if state.step.id == step_id), None)


_NOTHING = StepFacts()


def facts_by_step(step_progress: Iterable[Document]) -> dict[ObjectId, StepFacts]:
    """The facts in documents of `repositories/lms/step_progress.py`, by step."""
    return {kept["step_id"]: _facts(kept) for kept in step_progress}


def progress_of(
    outline: CourseOutline, facts: Mapping[ObjectId, StepFacts], *, unlocks_all: bool = False
) -> CourseProgress:
    """The states of all steps, and what they make of the course (CONTRACT section 6).

    The first step is unlocked, a later one when the one before is complete; all are for
    managers (`unlocks_all`). A step without anything to do is complete once it is
    unlocked. A course is complete when all its steps are, and something was done in it:
    one whose steps are still empty is not complete for whoever joins it.
    """
    states: list[StepState] = []
    is_unlocked = True
    for step in outline.steps:
        state = _state(step, facts.get(step.id, _NOTHING), is_unlocked, unlocks_all)
        states.append(state)
        is_unlocked = state.is_completed
    return CourseProgress(
        steps=tuple(states),
        current=_current(states, outline.default_step_id),
        is_completed=all(state.is_completed for state in states)
        and any(state.is_started for state in states),
    )


def counted_attempt(
    attempt: AttemptStatus | None, form_id: ObjectId | None, exam_id: ObjectId | None
) -> AttemptStatus | None:
    """The last attempt in a step, at the exam `form_id`, if it counts for the step's exam now.

    An exam that took another's place begins anew, save for those who had passed.
    """
    return attempt if attempt is AttemptStatus.APPROVED or form_id == exam_id else None


def exam_fact(kept: Document, exam_id: ObjectId | None) -> tuple[AttemptStatus, ObjectId] | None:
    """The last attempt in a document of step progress, if it counts: its status and id."""
    exam = kept["exam"]
    if exam is None:
        return None
    status = counted_attempt(AttemptStatus(exam["status"]), exam["form_id"], exam_id)
    return None if status is None else (status, exam["attempt_id"])


def _state(step: StepOutline, facts: StepFacts, is_unlocked: bool, unlocks_all: bool) -> StepState:
    tables = {
        table_id: table_progress(rows, facts.tables.get(str(table_id), NOTHING_DONE))
        for table_id, rows in step.tables.items()
    }
    mandatory, completed = step.mandatory_ids, _completed(step, facts, tables)
    materials_completed = mandatory <= completed
    shown = exam_status(counted_attempt(facts.attempt, facts.form_id, step.exam_id))
    is_passed = shown is ExamStatus.APPROVED
    # With nothing to do, nothing was done before it was unlocked.
    did_materials = materials_completed and (is_unlocked or bool(mandatory))
    return StepState(
        step=step,
        is_locked=not (is_unlocked or unlocks_all),
        is_started=facts.is_started,
        is_completed=is_passed or (not step.needs_exam and did_materials),
        materials_completed=materials_completed,
        completed_ids=completed,
        exam_status=shown,
        tables=tables,
    )


def _completed(
    step: StepOutline, facts: StepFacts, tables: Mapping[ObjectId, TableProgress]
) -> frozenset[ObjectId]:
    """The materials that are complete: one that shows a table, once that is approved."""
    if not tables:
        return facts.completed_ids & step.material_ids
    return frozenset(
        each.id
        for each in step.materials
        if (
            each.id in facts.completed_ids
            if each.requirement_table_id is None
            else each.requirement_table_id in tables
            and tables[each.requirement_table_id].is_approved
        )
    )


def _current(states: list[StepState], default_step_id: ObjectId | None) -> StepState | None:
    """The step to go on with: the named one for newcomers, else the first that is open."""
    if not states:
        return None
    if default_step_id is not None and not any(state.is_started for state in states):
        for state in states:
            if state.step.id == default_step_id:
                return state
    return next((state for state in states if not state.is_completed), states[-1])


def _facts(kept: Document) -> StepFacts:
    exam = kept.get("exam")
    return StepFacts(
        is_started=kept.get("started_at") is not None,
        completed_ids=frozenset(kept["completed_material_ids"]),
        attempt=None if exam is None else AttemptStatus(exam["status"]),
        form_id=None if exam is None else exam["form_id"],
        tables={
            table_id: as_facts(each)
            for table_id, each in kept.get("requirement_tables", {}).items()
        },
    )
