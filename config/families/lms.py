"""The LMS."""

from config.families import exams, requirements
from config.families.shared import Crossing, Shared
from repositories.accounts.throttles import ThrottleRepository
from repositories.lms import personal
from repositories.lms.courses import CourseRepository
from repositories.lms.enrollments import EnrollmentRepository
from repositories.lms.exam_attempts import ExamAttemptRepository
from repositories.lms.exam_results import ExamResultRepository
from repositories.lms.forms import FormRepository
from repositories.lms.materials import MaterialRepository
from repositories.lms.requirement_submissions import RequirementSubmissionRepository
from repositories.lms.requirement_tables import RequirementTableRepository
from repositories.lms.step_progress import StepProgressRepository
from repositories.lms.steps import StepRepository
from repositories.personal import PersonalRepository
from services.accounts.throttles import ThrottleService
from services.lms.counting import LmsCounter
from services.lms.course_editing import CourseEditor
from services.lms.course_participants import CourseParticipantsService
from services.lms.courses import CourseService
from services.lms.enrolment import Enrolments, EnrolmentService
from services.lms.exam_links import ExamLinks
from services.lms.figures import LmsFigures
from services.lms.form_statistics import FormStatisticsService
from services.lms.forms import FormService
from services.lms.mail import LmsMail
from services.lms.material_editing import MaterialEditor
from services.lms.outlines import Outlines
from services.lms.participants import Participants
from services.lms.progress import ProgressService
from services.lms.standings import Standings
from services.lms.step_editing import StepEditor
from services.lms.steps import StepService
from services.lms.studying import StudyService
from services.services import LmsServices


def join(shared: Shared) -> tuple[LmsServices, Crossing]:
    """The LMS's services, and what they do when an account is deleted or counted."""
    storage, transaction, clock = shared.storage, shared.storage.transaction, shared.clock
    courses, steps = CourseRepository(storage), StepRepository(storage)
    materials, forms = MaterialRepository(storage), FormRepository(storage)
    tables = RequirementTableRepository(storage)
    submissions = RequirementSubmissionRepository(storage)
    enrollments, step_progress = EnrollmentRepository(storage), StepProgressRepository(storage)
    outlines = Outlines(courses, steps, materials, tables)
    standings = Standings(enrollments, step_progress, outlines)
    results = ExamResultRepository(storage)
    participants = Participants(shared.users)
    enrolments = Enrolments(enrollments, step_progress, courses, shared.users, outlines)
    links = ExamLinks(courses, steps, forms)
    mail = LmsMail(
        shared.users,
        ThrottleService(ThrottleRepository(storage), clock),
        shared.outbox,
        shared.settings.lms_managers_mail,
    )
    of_exams = exams.join(shared, enrolments, participants, mail)
    of_requirements = requirements.join(shared, enrolments, participants, links, mail)
    enrolment = EnrolmentService(
        enrolments, enrollments, step_progress, courses, participants, transaction, clock
    )
    services = LmsServices(
        courses=CourseService(courses, steps, step_progress, outlines),
        course_editing=CourseEditor(
            courses, steps, materials, forms, tables, submissions, transaction, clock
        ),
        enrolment=enrolment,
        steps=StepService(courses, steps, materials, forms, step_progress, outlines, participants),
        step_editing=StepEditor(
            courses, steps, materials, forms, tables, submissions, links, transaction, clock
        ),
        material_editing=MaterialEditor(materials, tables, links, transaction, clock),
        studying=StudyService(
            steps, materials, step_progress, enrolments, participants, transaction, clock
        ),
        forms=FormService(forms, steps, links, transaction, clock),
        exams=of_exams.exams,
        exam_closing=of_exams.closing,
        exam_extensions=of_exams.extensions,
        regrading=of_exams.regrading,
        submissions=of_exams.submissions,
        reviews=of_exams.reviews,
        requirement_tables=of_requirements.tables,
        requirement_submissions=of_requirements.submissions,
        requirement_review=of_requirements.review,
        course_participants=CourseParticipantsService(
            courses, enrollments, step_progress, results, shared.users, outlines, standings
        ),
        form_statistics=FormStatisticsService(forms, results),
        progress=ProgressService(
            courses,
            steps,
            materials,
            forms,
            enrollments,
            step_progress,
            ExamAttemptRepository(storage),
            outlines,
            standings,
            participants,
        ),
    )
    return services, Crossing(
        erasers=(enrolment, of_exams.exams, of_requirements.submissions),
        counters=(
            LmsCounter(
                enrollments,
                ExamAttemptRepository(storage),
                submissions,
            ),
        ),
        exporters=(
            PersonalRepository(storage, personal.KEPT),
            personal.PersonalPaperRepository(storage),
        ),
    )


def figures(shared: Shared) -> LmsFigures:
    """What the LMS tells the console."""
    storage = shared.storage
    return LmsFigures(
        ExamAttemptRepository(storage), RequirementSubmissionRepository(storage), shared.clock
    )
