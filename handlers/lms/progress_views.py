"""The answers about how far a participant has come."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import UNSET, UnsetType

from handlers.base import Answer
from handlers.lms.course_views import shown_id
from handlers.lms.step_views import StudiedMaterialView
from handlers.timestamps import as_timestamp
from repositories.types import Document
from services.lms.attempt_rules import total_score
from services.lms.progress import CourseStanding, StepStanding
from services.lms.progress_rules import StepState
from services.lms.standings import Standing
from services.lms.table_progress import TableProgress


class CurrentStepView(Answer, frozen=True, kw_only=True):
    """The step to go on with."""

    step_id: str
    step_name: str
    order_index: int

    @classmethod
    def of(cls, summary: Document) -> "CurrentStepView | None":
        """The current step of a summary, None in a course without steps."""
        current = summary["current_step"]
        if current is None:
            return None
        return cls(
            step_id=str(current["step_id"]),
            step_name=current["name"],
            order_index=current["order_index"],
        )


class CountsView(Answer, frozen=True, kw_only=True):
    """How many steps are complete; `percentage` is rounded down."""

    completed_steps: int
    total_steps: int
    percentage: int

    @classmethod
    def of(cls, summary: Document) -> "CountsView":
        """The counts of a summary."""
        return cls(
            completed_steps=summary["completed_steps"],
            total_steps=summary["total_steps"],
            percentage=summary["percentage"],
        )


class StepStateView(Answer, frozen=True, kw_only=True):
    """How far a participant has come in a step."""

    is_started: bool
    materials_completed: bool
    exam_status: str

    @classmethod
    def of(cls, state: StepState) -> "StepStateView":
        """A state as it is shown."""
        return cls(
            is_started=state.is_started,
            materials_completed=state.materials_completed,
            exam_status=state.exam_status.value,
        )

    @classmethod
    def of_summary(cls, summary: Document) -> "StepStateView":
        """The state of a summary's current step."""
        return cls(
            is_started=summary["is_started"],
            materials_completed=summary["materials_completed"],
            exam_status=summary["exam_status"],
        )


class RequirementStatusView(Answer, frozen=True, kw_only=True):
    """The rows of all requirement tables of a course."""

    completed: int
    approved: int
    total: int

    @classmethod
    def of(cls, counts: Mapping[str, int]) -> "RequirementStatusView":
        """The counts of a summary."""
        return cls(
            completed=counts["completed"], approved=counts["approved"], total=counts["total"]
        )


class MyCourseView(Answer, frozen=True, kw_only=True):
    """A course that somebody takes."""

    course_id: str
    course_name: str
    description: str
    image_url: str | None
    is_default: bool
    current_step: CurrentStepView | None
    progress: CountsView
    step_progress: StepStateView
    requirement_status: RequirementStatusView
    is_completed: bool

    @classmethod
    def of(cls, standing: Standing) -> "MyCourseView":
        """A course as a list shows it."""
        course, summary = standing.course, standing.summary
        return cls(
            course_id=str(course["_id"]),
            course_name=course["name"],
            description=course["description"],
            image_url=course["image_url"],
            is_default=course["is_default"],
            current_step=CurrentStepView.of(summary),
            progress=CountsView.of(summary),
            step_progress=StepStateView.of_summary(summary),
            requirement_status=RequirementStatusView.of(summary["requirements"]),
            is_completed=standing.is_completed,
        )


class CourseHeadingView(Answer, frozen=True, kw_only=True):
    """Which course it is."""

    id: str
    name: str
    description: str


class ExamHeadingView(Answer, frozen=True, kw_only=True):
    """Which exam ends a step."""

    id: str
    name: str
    duration_minutes: int

    @classmethod
    def of(cls, form: Document | None) -> "ExamHeadingView | None":
        """The heading of a form, None for none."""
        if form is None:
            return None
        return cls(
            id=str(form["_id"]), name=form["name"], duration_minutes=form["duration_minutes"]
        )


class CourseStepProgressView(Answer, frozen=True, kw_only=True):
    """A step of a course, and how far a participant has come in it."""

    id: str
    name: str
    description: str
    order_index: int
    is_locked: bool
    is_completed: bool
    exam_id: str | None
    exam_info: ExamHeadingView | None
    progress: StepStateView
    material_count: int

    @classmethod
    def of(
        cls, state: StepState, order_index: int, exam: Document | None
    ) -> "CourseStepProgressView":
        """A step as its course shows it."""
        return cls(
            id=str(state.step.id),
            name=state.step.name,
            description=state.step.description,
            order_index=order_index,
            is_locked=state.is_locked,
            is_completed=state.is_completed,
            exam_id=shown_id(state.step.exam_id),
            exam_info=ExamHeadingView.of(exam),
            progress=StepStateView.of(state),
            material_count=len(state.step.materials),
        )


class CourseProgressView(Answer, frozen=True, kw_only=True):
    """A course, step by step."""

    course: CourseHeadingView
    current_step_id: str | None
    current_step_order_index: int | None
    completed_step_ids: list[str]
    is_completed: bool
    steps: list[CourseStepProgressView]

    @classmethod
    def of(cls, standing: CourseStanding) -> "CourseProgressView":
        """Where somebody stands, as it is shown."""
        course, progress = standing.course, standing.progress
        current = None
        steps = []
        for place, state in enumerate(progress.steps):
            if state is progress.current:
                current = place
            exam = None if state.step.exam_id is None else standing.exams.get(state.step.exam_id)
            steps.append(CourseStepProgressView.of(state, place, exam))
        return cls(
            course=CourseHeadingView(
                id=str(course["_id"]), name=course["name"], description=course["description"]
            ),
            current_step_id=None if current is None else steps[current].id,
            current_step_order_index=current,
            completed_step_ids=[step.id for step in steps if step.is_completed],
            is_completed=standing.is_completed,
            steps=steps,
        )


class StepHeadingView(Answer, frozen=True, kw_only=True):
    """Which step it is."""

    id: str
    name: str
    description: str
    order_index: int


class OneStepProgressView(Answer, frozen=True, kw_only=True):
    """How far a participant has come in a step, and with which materials."""

    is_started: bool
    materials_completed: bool
    completed_materials: list[str]
    exam_status: str
    is_completed: bool


class RequirementProgressView(Answer, frozen=True, kw_only=True):
    """How far a participant has come in a requirement table."""

    completed: int
    approved: int
    total: int
    is_submitted: bool


class MaterialProgressView(StudiedMaterialView, frozen=True, kw_only=True):
    """A material as a participant has it; `requirement_progress` is of requirement tables only."""

    requirement_progress: RequirementProgressView | UnsetType = UNSET

    @classmethod
    def of_standing(cls, material: Document, standing: StepStanding) -> "MaterialProgressView":
        """A material of a step as somebody who stands so in it sees it."""
        state = standing.state
        plain = StudiedMaterialView.of(material, state, shows_content=standing.shows_content)
        table_id = material.get("requirement_table_id")
        table = None if table_id is None else state.tables.get(table_id)
        return cls(**_fields(plain), requirement_progress=_requirement_progress(table))


class ExamSubmissionView(Answer, frozen=True, kw_only=True):
    """The last attempt at the exam of a step; `total_score` once all is marked."""

    submission_id: str
    form_id: str
    attempt_number: int
    submission_status: str
    mcq_score: int | None
    theory_score: int | None
    total_score: int | None
    feedback: str | None
    started_at: datetime
    submitted_at: datetime | None

    @classmethod
    def of(cls, attempt: Document | None) -> "ExamSubmissionView | None":
        """An attempt as its participant sees it, None for none."""
        if attempt is None:
            return None
        submitted_at = attempt["submitted_at"]
        return cls(
            submission_id=str(attempt["_id"]),
            form_id=str(attempt["form_id"]),
            attempt_number=attempt["attempt_number"],
            submission_status=attempt["status"],
            mcq_score=attempt["mcq_score"],
            theory_score=attempt["theory_score"],
            total_score=total_score(attempt),
            feedback=attempt["feedback"],
            started_at=as_timestamp(attempt["started_at"]),
            submitted_at=None if submitted_at is None else as_timestamp(submitted_at),
        )


class StepStandingView(Answer, frozen=True, kw_only=True):
    """A step, material by material."""

    step: StepHeadingView
    progress: OneStepProgressView
    materials: list[MaterialProgressView]
    exam_submission: ExamSubmissionView | None

    @classmethod
    def of(cls, standing: StepStanding) -> "StepStandingView":
        """Where somebody stands, as it is shown."""
        state = standing.state
        return cls(
            step=StepHeadingView(
                id=str(state.step.id),
                name=state.step.name,
                description=state.step.description,
                order_index=standing.order_index,
            ),
            progress=OneStepProgressView(
                is_started=state.is_started,
                materials_completed=state.materials_completed,
                completed_materials=[
                    str(each.id) for each in state.step.materials if each.id in state.completed_ids
                ],
                exam_status=state.exam_status.value,
                is_completed=state.is_completed,
            ),
            materials=[
                MaterialProgressView.of_standing(each, standing) for each in standing.materials
            ],
            exam_submission=ExamSubmissionView.of(standing.attempt),
        )


def _requirement_progress(table: TableProgress | None) -> RequirementProgressView | UnsetType:
    if table is None:
        return UNSET
    return RequirementProgressView(
        completed=table.completed,
        approved=table.approved,
        total=table.total,
        is_submitted=table.is_submitted,
    )


def _fields(view: StudiedMaterialView) -> dict[str, Any]:
    return {name: getattr(view, name) for name in view.__struct_fields__}
