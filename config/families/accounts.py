"""Accounts: shared by all families, and told by each what hangs on an account."""

from collections.abc import Sequence

from config.families.shared import Crossing, Shared
from repositories.accounts.codes import CodeRepository
from repositories.accounts.sessions import SessionRepository
from repositories.accounts.throttles import ThrottleRepository
from services.accounts.email_registration import EmailRegistrationService
from services.accounts.email_verification import EmailVerificationService
from services.accounts.password_change import PasswordChangeService
from services.accounts.profile import ProfileService
from services.accounts.registration import RegistrationService
from services.accounts.sessions import SessionService
from services.accounts.sign_in import SignInService
from services.accounts.throttles import ThrottleService
from services.accounts.verification import VerificationService
from services.services import AccountServices


def join(shared: Shared, crossings: Sequence[Crossing]) -> AccountServices:
    """The account services."""
    storage, clock, users = shared.storage, shared.clock, shared.users
    session_repository = SessionRepository(storage)
    sessions = SessionService(session_repository, users, shared.signer, storage.transaction, clock)
    registration = RegistrationService(users, shared.hasher, clock)
    throttles = ThrottleService(ThrottleRepository(storage), clock)
    email_verification = EmailVerificationService(
        users,
        shared.signer,
        throttles,
        shared.outbox,
        storage.transaction,
        clock,
        public_url=shared.settings.public_url,
    )
    sign_in = SignInService(users, sessions, shared.hasher, throttles, storage.transaction)
    return AccountServices(
        sessions=sessions,
        registration=registration,
        email_registration=EmailRegistrationService(
            registration, email_verification, sessions, shared.hasher, storage.transaction
        ),
        email_verification=email_verification,
        sign_in=sign_in,
        password_change=PasswordChangeService(
            users, session_repository, sign_in, shared.hasher, storage.transaction, clock
        ),
        verification=VerificationService(
            CodeRepository(storage),
            users,
            registration,
            sessions,
            shared.hasher,
            shared.signer,
            shared.code_hasher,
            shared.outbox,
            storage.transaction,
            clock,
        ),
        profile=ProfileService(
            users,
            session_repository,
            shared.pictures,
            [eraser for crossing in crossings for eraser in crossing.erasers],
            [renamer for crossing in crossings for renamer in crossing.renamers],
            storage.transaction,
            clock,
        ),
    )
