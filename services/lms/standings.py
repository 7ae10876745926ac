"""Where participants stand in courses, as lists show it: kept summaries, made anew when old."""

from collections.abc import Sequence
from dataclasses import dataclass

from repositories.lms.enrollments import EnrollmentRepository
from repositories.lms.step_progress import StepProgressRepository
from repositories.types import Document
from services.lms.outlines import Outlines
from services.lms.progress_rules import facts_by_step, progress_of
from services.lms.summaries import summary_of


@dataclass(frozen=True, slots=True)
class Standing:
    """An enrollment with its course, and the summary of the progress (`summaries.py`)."""

    enrollment: Document
    course: Document
    summary: Document

    @property
    def is_completed(self) -> bool:
        """Whether the course is complete."""
        return is_completed(self.enrollment, self.summary["is_completed"])


class Standings:
    """Reads the summaries of enrollments as the courses are now."""

    def __init__(
        self,
        enrollments: EnrollmentRepository,
        step_progress: StepProgressRepository,
        outlines: Outlines,
    ):
        self._enrollments = enrollments
        self._step_progress = step_progress
        self._outlines = outlines

    async def of(self, taken: Sequence[tuple[Document, Document]]) -> list[Standing]:
        """What each enrollment has come to, given with its course as read after it.

        One that an older outline made is made anew, and kept for whoever reads next: who has
        finished a course may do nothing in it any more.
        """
        made: list[tuple[Document, Document]] = []
        standings = []
        for enrollment, course in taken:
            summary = enrollment["summary"]
            if summary is None or summary["outline_version"] != course["outline_version"]:
                summary = await self._made(enrollment, course)
                made.append((enrollment, summary))
            standings.append(Standing(enrollment, course, summary))
        await self._enrollments.refresh_summaries(made)
        return standings

    async def _made(self, enrollment: Document, course: Document) -> Document:
        outline = await self._outlines.get(course)
        kept = await self._step_progress.of_course(enrollment["participant_id"], course["_id"])
        return summary_of(progress_of(outline, facts_by_step(kept)), outline.version)


def is_completed(enrollment: Document | None, is_by_rules: bool) -> bool:
    """Whether a course is complete: once it was, it stays so, whatever is added to it."""
    return is_by_rules or (enrollment is not None and enrollment["completed_at"] is not None)
