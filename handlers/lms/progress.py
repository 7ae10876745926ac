"""How far a participant has come."""

from handlers.lms.base import LmsHandler
from handlers.lms.progress_views import CourseProgressView, MyCourseView, StepStandingView


class MyCoursesHandler(LmsHandler):
    """The courses that somebody takes."""

    async def get(self) -> None:
        """LMS "Get My Courses"."""
        standings = await self.services.lms.progress.courses(
            self.participant_query(), actor=self.actor
        )
        self.render([MyCourseView.of(each) for each in standings])


class CourseProgressHandler(LmsHandler):
    """One course, step by step."""

    async def get(self, course_id: str) -> None:
        """LMS "Get Course Progress"."""
        standing = await self.services.lms.progress.course(
            course_id, self.participant_query(), actor=self.actor
        )
        self.render(CourseProgressView.of(standing))


class StepProgressHandler(LmsHandler):
    """One step, material by material."""

    async def get(self, step_id: str) -> None:
        """LMS "Get Step Progress"."""
        standing = await self.services.lms.progress.step(
            step_id, self.participant_query(), actor=self.actor
        )
        self.render(StepStandingView.of(standing))
