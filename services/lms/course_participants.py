"""Who takes a course and how far they have come: what managers see and take away of it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.lms.courses import CourseRepository
from repositories.lms.enrollments import EnrollmentRepository
from repositories.lms.exam_results import ExamResultRepository
from repositories.lms.step_progress import StepProgressRepository
from repositories.types import Document
from services.lms.attempt_rules import total_score
from services.lms.errors import CourseNotFound
from services.lms.ids import path_id
from services.lms.outline import CourseOutline, StepOutline
from services.lms.outlines import Outlines
from services.lms.participants import shown_name
from services.lms.progress_rules import exam_fact
from services.lms.standings import Standing, Standings
from services.lms.statuses import AttemptStatus, exam_status
from services.pagination import Page, PageRequest

# Reading and writing so many takes 2 ms.
_BATCH = 20


@dataclass(frozen=True, slots=True)
class ParticipantStanding:
    """A participant of a course; `name` is None when the account is being deleted."""

    name: str | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class ExamResult:
    """What came of somebody's last attempt at an exam; `score` is None until all is marked."""

    status: AttemptStatus
    score: int | None

    @property
    def shown_status(self) -> str:
        """The status as views of progress show it."""
        return exam_status(self.status).value


@dataclass(frozen=True, slots=True)
class ParticipantResults:
    """A participant of a course with the results by step, where there are any."""

    participant: ParticipantStanding
    exams: dict[ObjectId, ExamResult]


@dataclass(frozen=True, slots=True)
class CourseResults:
    """The results of a course: its steps with an exam, and everybody who takes it."""

    course: Document
    steps: Sequence[tuple[int, StepOutline]]
    batches: AsyncIterator[list[ParticipantResults]]


class CourseParticipantsService:
    """Shows managers who takes a course."""

    def __init__(
        self,
        courses: CourseRepository,
        enrollments: EnrollmentRepository,
        step_progress: StepProgressRepository,
        results: ExamResultRepository,
        users: UserRepository,
        outlines: Outlines,
        standings: Standings,
    ):
        self._courses = courses
        self._enrollments = enrollments
        self._step_progress = step_progress
        self._results = results
        self._users = users
        self._outlines = outlines
        self._standings = standings

    async def page(
        self, course_id: str, page: PageRequest
    ) -> tuple[list[ParticipantStanding], Page]:
        """Some participants, in the order in which they joined. Raises CourseNotFound."""
        wanted = path_id(course_id, CourseNotFound)
        enrollments, total = await self._enrollments.page_of_course(wanted, page.offset, page.size)
        return await self._participants(enrollments, wanted), Page(enrollments, total, page)

    async def results(self, course_id: str) -> CourseResults:
        """The results of a course, read bit by bit as they are asked for. Raises CourseNotFound."""
        course = await self._courses.find(path_id(course_id, CourseNotFound))
        if course is None:
            raise CourseNotFound
        outline = await self._outlines.get(course)
        steps = [each for each in enumerate(outline.steps) if each[1].exam_id is not None]
        return CourseResults(course, steps, self._batches(outline))

    async def _batches(self, outline: CourseOutline) -> AsyncIterator[list[ParticipantResults]]:
        course_id, last_id = outline.course_id, None
        while enrollments := await self._enrollments.of_course_after(course_id, last_id, _BATCH):
            participants = await self._participants(enrollments, course_id)
            exams = await self._exams(enrollments, outline)
            yield [
                ParticipantResults(each, exams.get(each.standing.enrollment["participant_id"], {}))
                for each in participants
            ]
            last_id = enrollments[-1]["_id"]
            await asyncio.sleep(0)

    async def _participants(
        self, enrollments: Sequence[Document], course_id: ObjectId
    ) -> list[ParticipantStanding]:
        # Read after the enrollments, as `Standings.of` wants it; a course that is deleted
        # meanwhile has nobody any more.
        course = await self._courses.find(course_id)
        if course is None:
            raise CourseNotFound
        users = await self._users.with_ids([each["participant_id"] for each in enrollments])
        names = {user["_id"]: shown_name(user) for user in users}
        standings = await self._standings.of([(each, course) for each in enrollments])
        return [
            ParticipantStanding(names.get(each.enrollment["participant_id"]), each)
            for each in standings
        ]

    async def _exams(
        self, enrollments: Sequence[Document], outline: CourseOutline
    ) -> dict[ObjectId, dict[ObjectId, ExamResult]]:
        """What came of the exams of some participants, by participant and step."""
        exam_ids = {step.id: step.exam_id for step in outline.steps}
        ids = [each["participant_id"] for each in enrollments]
        found = [
            (kept["participant_id"], kept["step_id"], fact)
            for kept in await self._step_progress.exams_of_course(ids, outline.course_id)
            if (fact := exam_fact(kept, exam_ids.get(kept["step_id"]))) is not None
        ]
        attempts = await self._results.with_ids([fact[1] for _, _, fact in found])
        exams: dict[ObjectId, dict[ObjectId, ExamResult]] = {}
        for participant_id, step_id, (status, attempt_id) in found:
            attempt = attempts.get(attempt_id)
            score = None if attempt is None else total_score(attempt)
            exams.setdefault(participant_id, {})[step_id] = ExamResult(status, score)
        return exams
