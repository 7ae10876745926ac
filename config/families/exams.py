"""The exams of the LMS: sitting them, closing them, reviewing them."""

from dataclasses import dataclass

from config.families.shared import Shared
from repositories.lms.courses import CourseRepository
from repositories.lms.exam_attempts import ExamAttemptRepository
from repositories.lms.exam_extensions import ExamExtensionRepository
from repositories.lms.exam_papers import ExamPaperRepository
from repositories.lms.forms import FormRepository
from repositories.lms.step_progress import StepProgressRepository
from repositories.lms.steps import StepRepository
from services.lms.attempt_moves import AttemptMoves
from services.lms.enrolment import Enrolments
from services.lms.exam_closing import ExamClosing
from services.lms.exam_extensions import ExamExtensionService
from services.lms.exams import ExamService
from services.lms.mail import LmsMail
from services.lms.participants import Participants
from services.lms.regrading import RegradingService
from services.lms.review_mail import ReviewMail
from services.lms.reviews import ReviewService
from services.lms.submissions import SubmissionService


@dataclass(frozen=True)
class Exams:
    """The services of exams."""

    exams: ExamService
    closing: ExamClosing
    extensions: ExamExtensionService
    regrading: RegradingService
    submissions: SubmissionService
    reviews: ReviewService


def join(
    shared: Shared, enrolments: Enrolments, participants: Participants, lms_mail: LmsMail
) -> Exams:
    """The services of exams."""
    storage, transaction, clock = shared.storage, shared.storage.transaction, shared.clock
    attempts, papers = ExamAttemptRepository(storage), ExamPaperRepository(storage)
    extensions, forms = ExamExtensionRepository(storage), FormRepository(storage)
    steps, courses = StepRepository(storage), CourseRepository(storage)
    mail = ReviewMail(lms_mail)
    moves = AttemptMoves(attempts, StepProgressRepository(storage), enrolments)
    closing = ExamClosing(attempts, papers, moves, mail, transaction, clock)
    return Exams(
        exams=ExamService(
            attempts,
            papers,
            extensions,
            forms,
            steps,
            enrolments,
            participants,
            moves,
            closing,
            transaction,
            clock,
        ),
        closing=closing,
        extensions=ExamExtensionService(
            extensions, attempts, papers, forms, shared.users, closing, transaction, clock
        ),
        regrading=RegradingService(attempts, papers, forms, transaction),
        submissions=SubmissionService(
            attempts, papers, steps, courses, shared.users, closing, clock
        ),
        reviews=ReviewService(
            attempts,
            papers,
            enrolments,
            moves,
            closing,
            mail,
            shared.audit,
            transaction,
            clock,
        ),
    )
