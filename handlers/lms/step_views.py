"""The answers about steps and what is in them."""

from datetime import datetime

from handlers.base import Answer
from handlers.lms.course_views import shown_id
from handlers.timestamps import as_timestamp
from repositories.types import Document
from services.lms.material_rules import shown_content
from services.lms.progress_rules import StepState
from services.lms.steps import StepDetails
from services.lms.studying import Studied


class StepView(Answer, frozen=True, kw_only=True):
    """A step as managers keep it."""

    id: str
    course_id: str
    name: str
    description: str
    order_index: int
    has_exam: bool
    exam_id: str | None
    unlock_on_exam_pass: bool
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, step: Document) -> "StepView":
        """A step as it is shown."""
        return cls(
            id=str(step["_id"]),
            course_id=str(step["course_id"]),
            name=step["name"],
            description=step["description"],
            order_index=step["order_index"],
            has_exam=step["exam_id"] is not None,
            exam_id=shown_id(step["exam_id"]),
            unlock_on_exam_pass=step["unlock_on_exam_pass"],
            created_at=as_timestamp(step["created_at"]),
            updated_at=as_timestamp(step["updated_at"]),
        )


class MaterialView(Answer, frozen=True, kw_only=True):
    """A material as managers keep it."""

    id: str
    step_id: str
    material_type: str
    title: str
    description: str
    order_index: int
    is_mandatory: bool
    content: dict[str, str]
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, material: Document) -> "MaterialView":
        """A material as it is shown."""
        return cls(
            id=str(material["_id"]),
            step_id=str(material["step_id"]),
            material_type=material["material_type"],
            title=material["title"],
            description=material["description"],
            order_index=material["order_index"],
            is_mandatory=material["is_mandatory"],
            content=shown_content(material),
            created_at=as_timestamp(material["created_at"]),
            updated_at=as_timestamp(material["updated_at"]),
        )


class StudiedMaterialView(Answer, frozen=True, kw_only=True):
    """A material as a participant has it; without content in a locked step."""

    id: str
    material_type: str
    title: str
    description: str
    order_index: int
    is_mandatory: bool
    content: dict[str, str] | None
    is_completed: bool

    @classmethod
    def of(
        cls, material: Document, state: StepState, *, shows_content: bool
    ) -> "StudiedMaterialView":
        """A material as somebody who stands so in its step sees it."""
        return cls(
            id=str(material["_id"]),
            material_type=material["material_type"],
            title=material["title"],
            description=material["description"],
            order_index=material["order_index"],
            is_mandatory=material["is_mandatory"],
            content=shown_content(material) if shows_content else None,
            is_completed=material["_id"] in state.completed_ids,
        )


class ExamInfoView(Answer, frozen=True, kw_only=True):
    """The exam at the end of a step."""

    id: str
    name: str
    duration_minutes: int
    total_marks: int
    passing_marks: int

    @classmethod
    def of(cls, form: Document) -> "ExamInfoView":
        """What is told of an exam before it is taken."""
        return cls(
            id=str(form["_id"]),
            name=form["name"],
            duration_minutes=form["duration_minutes"],
            total_marks=form["total_marks"],
            passing_marks=form["passing_marks"],
        )


class StepProgressView(Answer, frozen=True, kw_only=True):
    """How far a participant has come in a step."""

    is_started: bool
    materials_completed: bool
    completed_materials_count: int
    total_materials: int
    exam_status: str

    @classmethod
    def of(cls, state: StepState) -> "StepProgressView":
        """A state as it is shown."""
        return cls(
            is_started=state.is_started,
            materials_completed=state.materials_completed,
            completed_materials_count=len(state.completed_ids),
            total_materials=len(state.step.materials),
            exam_status=state.exam_status.value,
        )


class StepDetailsView(Answer, frozen=True, kw_only=True):
    """A step with what is in it, as a participant has it."""

    id: str
    name: str
    description: str
    course_id: str
    order_index: int
    is_locked: bool
    has_exam: bool
    exam_id: str | None
    exam_info: ExamInfoView | None
    unlock_on_exam_pass: bool
    materials: list[StudiedMaterialView]
    progress: StepProgressView

    @classmethod
    def of(cls, details: StepDetails) -> "StepDetailsView":
        """A step as the caller sees it."""
        step, state = details.step, details.state
        return cls(
            id=str(step["_id"]),
            name=step["name"],
            description=step["description"],
            course_id=str(step["course_id"]),
            order_index=step["order_index"],
            is_locked=state.is_locked,
            has_exam=step["exam_id"] is not None,
            exam_id=shown_id(step["exam_id"]),
            exam_info=None if details.exam is None else ExamInfoView.of(details.exam),
            unlock_on_exam_pass=step["unlock_on_exam_pass"],
            materials=[
                StudiedMaterialView.of(each, state, shows_content=details.shows_content)
                for each in details.materials
            ],
            progress=StepProgressView.of(state),
        )


class MaterialCompletedView(Answer, frozen=True, kw_only=True):
    """That a material is complete."""

    message: str
    material_id: str


class MaterialsCompletedView(Answer, frozen=True, kw_only=True):
    """That the materials of a step are complete, and whether its exam can be taken."""

    message: str
    can_take_exam: bool
    exam_id: str | None

    @classmethod
    def of(cls, studied: Studied) -> "MaterialsCompletedView":
        """What comes of it as it is shown."""
        return cls(
            message="All materials marked as complete",
            can_take_exam=studied.can_take_exam,
            exam_id=shown_id(studied.exam_id),
        )
