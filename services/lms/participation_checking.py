"""Looking for progress that what happened does not bear out."""

from bson import ObjectId

from repositories.lms.checking import ParticipationCheckingRepository
from repositories.lms.courses import CourseRepository
from repositories.lms.step_progress import StepProgressRepository
from repositories.types import Document, Transaction, Tx
from services.checking import Progress
from services.lms.outlines import Outlines
from services.lms.progress_rules import facts_by_step, progress_of
from services.lms.requirement_keeping import facts_of
from services.lms.summaries import summary_of


class ParticipationCheck:
    """Compares summaries with the facts, and the facts with attempts and submissions."""

    def __init__(
        self,
        repository: ParticipationCheckingRepository,
        courses: CourseRepository,
        step_progress: StepProgressRepository,
        outlines: Outlines,
        transaction: Transaction,
    ):
        self._repository = repository
        self._courses = courses
        self._step_progress = step_progress
        self._outlines = outlines
        self._transaction = transaction

    async def find_problems(self, progress: Progress) -> list[str]:
        """One sentence for each problem."""
        problems = []
        async for enrollment in self._repository.enrollments():
            if await self._is_wrong(enrollment, tx=None):
                problems += await self._enrollment_again(enrollment)
            progress()
        async for kept in self._repository.progress():
            if await self._fact_faults(kept, tx=None):
                problems += await self._facts_again(kept["_id"])
            progress()
        return problems

    async def _enrollment_again(self, enrollment: Document) -> list[str]:
        participant_id, course_id = enrollment["participant_id"], enrollment["course_id"]
        async with self._transaction() as tx:
            found = await self._repository.find_enrollment(participant_id, course_id, tx=tx)
            if found is None or not await self._is_wrong(found, tx=tx):
                return []
        return [f"enrollments: {found['_id']} has a summary that the facts do not make."]

    async def _is_wrong(self, enrollment: Document, *, tx: Tx) -> bool:
        """Whether a summary that is not stale is not what the rules make of the facts."""
        summary = enrollment["summary"]
        course = await self._courses.find(enrollment["course_id"], tx=tx)
        if course is None or summary is None:
            return False
        if summary["outline_version"] != course["outline_version"]:
            return False
        outline = await self._outlines.get(course, tx=tx)
        kept = await self._step_progress.of_course(
            enrollment["participant_id"], course["_id"], tx=tx
        )
        made = summary_of(progress_of(outline, facts_by_step(kept)), outline.version)
        return outline.version == summary["outline_version"] and made != summary

    async def _facts_again(self, progress_id: ObjectId) -> list[str]:
        async with self._transaction() as tx:
            kept = await self._repository.find_progress(progress_id, tx=tx)
            faults = [] if kept is None else await self._fact_faults(kept, tx=tx)
        return [f"step_progress: {progress_id} {fault}." for fault in faults]

    async def _fact_faults(self, kept: Document, *, tx: Tx) -> list[str]:
        participant_id, faults = kept["participant_id"], []
        if await self._repository.find_enrollment(participant_id, kept["course_id"], tx=tx) is None:
            faults.append(f"is of {participant_id}, who does not take the course")
        exam = kept["exam"]
        if exam is not None:
            attempt = await self._repository.find_attempt(exam["attempt_id"], tx=tx)
            if attempt is None:
                faults.append(f"tells of attempt {exam['attempt_id']}, which is not there")
            elif attempt["status"] != exam["status"]:
                faults.append(f"has an exam {exam['status']} that is {attempt['status']}")
        for table_id, facts in kept.get("requirement_tables", {}).items():
            submission = await self._repository.find_submission(
                participant_id, ObjectId(table_id), tx=tx
            )
            if submission is None or facts_of(submission) != facts:
                faults.append(f"says of requirement table {table_id} what its submission does not")
        return faults
