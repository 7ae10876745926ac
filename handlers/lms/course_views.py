"""The answers about courses."""

from datetime import datetime

import msgspec

from handlers.base import Answer
from handlers.timestamps import as_timestamp
from repositories.types import Document
from services.lms.courses import CourseDetails
from services.lms.enrolment import Joined


def shown_id(found: object | None) -> str | None:
    """An id as it is shown, None for none."""
    return None if found is None else str(found)


class CourseView(Answer, frozen=True, kw_only=True):
    """A course."""

    id: str
    name: str
    description: str
    image_url: str | None
    previous_course_id: str | None
    next_course_id: str | None
    default_step_id: str | None
    order_index: int
    is_active: bool
    is_default: bool
    created_at: datetime
    updated_at: datetime
    created_by: str

    @classmethod
    def of(cls, course: Document) -> "CourseView":
        """A course as it is shown."""
        return cls(
            id=str(course["_id"]),
            name=course["name"],
            description=course["description"],
            image_url=course["image_url"],
            previous_course_id=shown_id(course["previous_course_id"]),
            next_course_id=shown_id(course["next_course_id"]),
            default_step_id=shown_id(course["default_step_id"]),
            order_index=course["order_index"],
            is_active=course["is_active"],
            is_default=course["is_default"],
            created_at=as_timestamp(course["created_at"]),
            updated_at=as_timestamp(course["updated_at"]),
            created_by=str(course["created_by"]),
        )


class CourseStepView(Answer, frozen=True, kw_only=True):
    """A step in its course, and whether the caller may do anything in it yet."""

    id: str
    name: str
    description: str
    order_index: int
    exam_id: str | None
    is_locked: bool


class CourseDetailsView(CourseView, frozen=True, kw_only=True):
    """A course with its steps."""

    steps: list[CourseStepView]

    @classmethod
    def of_details(cls, details: CourseDetails) -> "CourseDetailsView":
        """A course as the caller sees it."""
        steps = [
            CourseStepView(
                id=str(state.step.id),
                name=state.step.name,
                description=state.step.description,
                order_index=place,
                exam_id=shown_id(state.step.exam_id),
                is_locked=state.is_locked,
            )
            for place, state in enumerate(details.progress.steps)
        ]
        return cls(**msgspec.structs.asdict(CourseView.of(details.course)), steps=steps)


class EnrolledView(Answer, frozen=True, kw_only=True):
    """The course that somebody takes now, or took before, and the step to go on with."""

    message: str
    course_id: str
    course_name: str
    current_step_id: str | None

    @classmethod
    def of(cls, joined: Joined, message: str) -> "EnrolledView":
        """An enrollment as it is shown."""
        return cls(
            message=message,
            course_id=str(joined.course["_id"]),
            course_name=joined.course["name"],
            current_step_id=shown_id(joined.current_step_id),
        )


class Done(Answer, frozen=True, kw_only=True):
    """That it was done."""

    message: str
