"""The requirement tables of the LMS: keeping them, filling them, reviewing them."""

from dataclasses import dataclass

from config.families.shared import Shared
from repositories.lms.materials import MaterialRepository
from repositories.lms.requirement_submissions import RequirementSubmissionRepository
from repositories.lms.requirement_tables import RequirementTableRepository
from repositories.lms.step_progress import StepProgressRepository
from repositories.lms.steps import StepRepository
from services.lms.enrolment import Enrolments
from services.lms.exam_links import ExamLinks
from services.lms.mail import LmsMail
from services.lms.participants import Participants
from services.lms.requirement_keeping import RequirementKeeper
from services.lms.requirement_review import RequirementReviewService
from services.lms.requirement_submissions import RequirementSubmissionService
from services.lms.requirement_tables import RequirementTableService


@dataclass(frozen=True)
class Requirements:
    """The services of requirement tables."""

    tables: RequirementTableService
    submissions: RequirementSubmissionService
    review: RequirementReviewService


def join(
    shared: Shared,
    enrolments: Enrolments,
    participants: Participants,
    links: ExamLinks,
    mail: LmsMail,
) -> Requirements:
    """The services of requirement tables."""
    storage, transaction, clock = shared.storage, shared.storage.transaction, shared.clock
    tables, steps = RequirementTableRepository(storage), StepRepository(storage)
    submissions = RequirementSubmissionRepository(storage)
    step_progress = StepProgressRepository(storage)
    keeper = RequirementKeeper(submissions, tables, step_progress, enrolments)
    return Requirements(
        tables=RequirementTableService(
            tables, submissions, steps, MaterialRepository(storage), links, transaction, clock
        ),
        submissions=RequirementSubmissionService(
            submissions,
            tables,
            step_progress,
            keeper,
            enrolments,
            participants,
            mail,
            transaction,
            clock,
        ),
        review=RequirementReviewService(
            submissions, tables, steps, keeper, mail, shared.audit, transaction, clock
        ),
    )
