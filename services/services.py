"""Every service, by the name under which handlers and scripts call it."""

from dataclasses import dataclass

from services.access.rights import Rights
from services.accounts.email_registration import EmailRegistrationService
from services.accounts.email_verification import EmailVerificationService
from services.accounts.google import GoogleSignInService
from services.accounts.password_change import PasswordChangeService
from services.accounts.profile import ProfileService
from services.accounts.registration import RegistrationService
from services.accounts.sessions import SessionService
from services.accounts.sign_in import SignInService
from services.accounts.verification import VerificationService
from services.development import Development
from services.forum.posts import PostService
from services.forum.replies import ReplyService
from services.forum.sleep_records import SleepRecordService
from services.health import HealthService
from services.messaging.outbox import OutboxService
from services.pictures.pictures import PictureService
from services.shop.cart import CartService
from services.shop.catalog import CatalogService
from services.shop.order_changes import OrderChangeService
from services.shop.orders import OrderService


@dataclass(frozen=True, slots=True)
class AccessServices:
    """Roles and permissions of all families."""

    rights: Rights


@dataclass(frozen=True, slots=True)
class AccountServices:
    """The one account system of all families."""

    registration: RegistrationService
    email_registration: EmailRegistrationService
    email_verification: EmailVerificationService
    sign_in: SignInService
    google: GoogleSignInService
    password_change: PasswordChangeService
    sessions: SessionService
    verification: VerificationService
    profile: ProfileService


@dataclass(frozen=True, slots=True)
class ForumServices:
    """FORUM and FORUM-OLD."""

    posts: PostService
    replies: ReplyService
    sleep_records: SleepRecordService


@dataclass(frozen=True, slots=True)
class ShopServices:
    """SHOP."""

    cart: CartService
    orders: OrderService
    order_changes: OrderChangeService
    catalog: CatalogService


@dataclass(frozen=True, slots=True)
class Services:
    """What handlers can ask for; joined once, in `config/bootstrap.py`."""

    accounts: AccountServices
    access: AccessServices
    forum: ForumServices
    shop: ShopServices
    pictures: PictureService
    outbox: OutboxService
    health: HealthService
    development: Development
