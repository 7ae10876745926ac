"""Every service, by the name under which handlers and scripts call it."""

from dataclasses import dataclass

from services.access.assignments import AssignmentService
from services.access.audit_reading import AuditReader
from services.access.permissions import PermissionService
from services.access.rights import Rights
from services.access.roles import RoleService
from services.accounts.deactivation import Deactivation
from services.accounts.deletion import AccountDeletionService
from services.accounts.email_registration import EmailRegistrationService
from services.accounts.email_verification import EmailVerificationService
from services.accounts.erasure import AccountErasure
from services.accounts.exporting import AccountExport
from services.accounts.google import GoogleSignInService
from services.accounts.password_change import PasswordChangeService
from services.accounts.password_reset import PasswordResetService
from services.accounts.profile import ProfileService
from services.accounts.registration import RegistrationService
from services.accounts.sessions import SessionService
from services.accounts.sign_in import SignInService
from services.accounts.verification import VerificationService
from services.console.dead_letters import DeadLetterService
from services.console.overview import OverviewService
from services.development import Development
from services.forum.posts import PostService
from services.forum.replies import ReplyService
from services.forum.sleep_records import SleepRecordService
from services.health import HealthService
from services.lms.course_editing import CourseEditor
from services.lms.course_participants import CourseParticipantsService
from services.lms.courses import CourseService
from services.lms.enrolment import EnrolmentService
from services.lms.exam_closing import ExamClosing
from services.lms.exam_extensions import ExamExtensionService
from services.lms.exams import ExamService
from services.lms.form_statistics import FormStatisticsService
from services.lms.forms import FormService
from services.lms.material_editing import MaterialEditor
from services.lms.progress import ProgressService
from services.lms.regrading import RegradingService
from services.lms.requirement_review import RequirementReviewService
from services.lms.requirement_submissions import RequirementSubmissionService
from services.lms.requirement_tables import RequirementTableService
from services.lms.reviews import ReviewService
from services.lms.step_editing import StepEditor
from services.lms.steps import StepService
from services.lms.studying import StudyService
from services.lms.submissions import SubmissionService
from services.messaging.outbox import OutboxService
from services.monitoring.metrics import Metrics
from services.monitoring.traffic import Traffic
from services.pictures.pictures import PictureService
from services.shop.brand_editing import BrandEditor
from services.shop.cart import CartService
from services.shop.catalog import CatalogService
from services.shop.category_editing import CategoryEditor
from services.shop.order_changes import OrderChangeService
from services.shop.orders import OrderService
from services.shop.product_editing import ProductEditor
from services.shop.product_import import ProductImport
from services.shop.promotion_management import PromotionManagementService
from services.sociox.admins import AdminService
from services.sociox.children import ChildService
from services.sociox.managed_subscriptions import ManagedSubscriptionService
from services.sociox.plans import PlanService
from services.sociox.renewals import RenewalService
from services.sociox.subscriptions import SubscriptionService
from services.sociox.user_details import UserDetailsService
from services.sociox.users import UserManagementService


@dataclass(frozen=True, slots=True)
class AccessServices:
    """Roles and permissions of all families, and what staff did."""

    rights: Rights
    roles: RoleService
    permissions: PermissionService
    assignments: AssignmentService
    audit: AuditReader


@dataclass(frozen=True, slots=True)
class AccountServices:
    """The one account system of all families."""

    registration: RegistrationService
    email_registration: EmailRegistrationService
    email_verification: EmailVerificationService
    sign_in: SignInService
    google: GoogleSignInService
    password_change: PasswordChangeService
    password_reset: PasswordResetService
    sessions: SessionService
    verification: VerificationService
    profile: ProfileService
    deactivation: Deactivation
    erasure: AccountErasure
    export: AccountExport
    deletion: AccountDeletionService


@dataclass(frozen=True, slots=True)
class ForumServices:
    """FORUM and FORUM-OLD."""

    posts: PostService
    replies: ReplyService
    sleep_records: SleepRecordService


@dataclass(frozen=True, slots=True)
class LmsServices:
    """LMS."""

    courses: CourseService
    course_editing: CourseEditor
    enrolment: EnrolmentService
    steps: StepService
    step_editing: StepEditor
    material_editing: MaterialEditor
    studying: StudyService
    forms: FormService
    exams: ExamService
    exam_closing: ExamClosing
    exam_extensions: ExamExtensionService
    regrading: RegradingService
    submissions: SubmissionService
    reviews: ReviewService
    requirement_tables: RequirementTableService
    requirement_submissions: RequirementSubmissionService
    requirement_review: RequirementReviewService
    progress: ProgressService
    course_participants: CourseParticipantsService
    form_statistics: FormStatisticsService


@dataclass(frozen=True, slots=True)
class CatalogEditing:
    """The catalog of SHOP in the hands of staff."""

    products: ProductEditor
    categories: CategoryEditor
    brands: BrandEditor
    product_import: ProductImport


@dataclass(frozen=True, slots=True)
class Monitoring:
    """What this process sees of itself; without `metrics` nobody may ask for them."""

    traffic: Traffic
    metrics: Metrics | None


@dataclass(frozen=True, slots=True)
class ShopServices:
    """SHOP."""

    cart: CartService
    orders: OrderService
    order_changes: OrderChangeService
    promotions: PromotionManagementService
    catalog: CatalogService
    catalog_editing: CatalogEditing


@dataclass(frozen=True, slots=True)
class SocioxServices:
    """SOCIOX."""

    admins: AdminService
    users: UserManagementService
    user_details: UserDetailsService
    children: ChildService
    plans: PlanService
    subscriptions: SubscriptionService
    managed_subscriptions: ManagedSubscriptionService
    renewals: RenewalService


@dataclass(frozen=True, slots=True)
class ConsoleServices:
    """What administrators see of the whole product, and do about it."""

    overview: OverviewService
    dead_letters: DeadLetterService


@dataclass(frozen=True, slots=True)
class Services:
    """What handlers can ask for; joined once, in `config/bootstrap.py`."""

    accounts: AccountServices
    access: AccessServices
    forum: ForumServices
    lms: LmsServices
    shop: ShopServices
    sociox: SocioxServices
    console: ConsoleServices
    pictures: PictureService
    outbox: OutboxService
    health: HealthService
    monitoring: Monitoring
    development: Development
