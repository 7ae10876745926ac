"""What LMS's routes read of their queries."""

from handlers.parameters import Flag, Query


class ParticipantQuery(Query, frozen=True, kw_only=True):
    """Whose progress is meant; the caller's without it, another's for managers."""

    participant_id: str | None = None


class ManagerQuery(Query, frozen=True, kw_only=True):
    """Who says that they review: the caller, whether it is there or not."""

    manager_id: str | None = None


class CoursesQuery(Query, frozen=True, kw_only=True):
    """Which courses."""

    is_active: Flag | None = None
    is_default: Flag | None = None


class StepQuery(Query, frozen=True, kw_only=True):
    """Those of a step, or all."""

    step_id: str | None = None


class PendingQuery(StepQuery, frozen=True, kw_only=True):
    """Those of a step, of a course, or all."""

    course_id: str | None = None


class ExamLinkQuery(Query, frozen=True, kw_only=True):
    """The form that is to be the exam; an empty one takes the exam away."""

    form_id: str | None = None


class RegradeQuery(Query, frozen=True, kw_only=True):
    """Whether only to say what would change."""

    dry_run: Flag | None = None
