"""Accounts: shared by all families, and told by each what hangs on an account."""

import logging
from collections.abc import Sequence

from config.families.shared import Crossing, Shared
from repositories.accounts import personal
from repositories.accounts.codes import CodeRepository
from repositories.accounts.erasures import ErasureRepository
from repositories.accounts.mailed_links import MailedLinkRepository
from repositories.accounts.oauth_states import OAuthStateRepository
from repositories.accounts.sessions import SessionRepository
from repositories.accounts.throttles import ThrottleRepository
from repositories.personal import PersonalRepository
from repositories.pictures import PictureRepository
from services.accounts.deactivation import Deactivation
from services.accounts.deletion import AccountDeletionService
from services.accounts.email_registration import EmailRegistrationService
from services.accounts.email_verification import EmailVerificationService
from services.accounts.erasure import AccountErasure
from services.accounts.exporting import AccountExport
from services.accounts.google import GoogleSignInService
from services.accounts.google_accounts import GoogleAccounts
from services.accounts.google_provider import GoogleProvider, OAuthClient
from services.accounts.mailed_links import MailedLinks
from services.accounts.messages import MessageEraser
from services.accounts.password_change import PasswordChangeService
from services.accounts.password_reset import PasswordResetService
from services.accounts.profile import ProfileService
from services.accounts.registration import RegistrationService
from services.accounts.sessions import SessionService
from services.accounts.sign_in import SignInService
from services.accounts.throttles import ThrottleService
from services.accounts.verification import VerificationService
from services.services import AccountServices

_log = logging.getLogger("agora.start")


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
    email_registration = EmailRegistrationService(
        registration, email_verification, sessions, shared.hasher, storage.transaction
    )
    google_accounts = GoogleAccounts(
        users, session_repository, sessions, email_registration, storage.transaction, clock
    )
    link_repository = MailedLinkRepository(storage)
    links = MailedLinks(link_repository, users, clock)
    erasure = AccountErasure(
        users,
        session_repository,
        link_repository,
        ErasureRepository(storage),
        [
            *(eraser for crossing in crossings for eraser in crossing.erasers),
            MessageEraser(users, shared.outbox),
        ],
        shared.last_superadmin,
        storage.transaction,
        shared.wake_housekeeping,
    )
    return AccountServices(
        sessions=sessions,
        registration=registration,
        email_registration=email_registration,
        email_verification=email_verification,
        sign_in=sign_in,
        google=GoogleSignInService(
            _google_provider(shared), OAuthStateRepository(storage), google_accounts, clock
        ),
        password_change=PasswordChangeService(
            users, session_repository, sign_in, shared.hasher, storage.transaction, clock
        ),
        password_reset=PasswordResetService(
            users,
            session_repository,
            link_repository,
            links,
            sign_in,
            throttles,
            shared.hasher,
            shared.code_hasher,
            shared.outbox,
            storage.transaction,
            clock,
            public_url=shared.settings.public_url,
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
            shared.pictures,
            erasure,
            [renamer for crossing in crossings for renamer in crossing.renamers],
            storage.transaction,
            clock,
        ),
        deactivation=Deactivation(users, session_repository, shared.last_superadmin, clock),
        erasure=erasure,
        export=AccountExport(
            users,
            PictureRepository(storage),
            [
                PersonalRepository(storage, personal.KEPT),
                *(exporter for crossing in crossings for exporter in crossing.exporters),
            ],
        ),
        deletion=AccountDeletionService(
            users,
            links,
            erasure,
            throttles,
            shared.outbox,
            storage.transaction,
            clock,
            public_url=shared.settings.public_url,
        ),
    )


def _google_provider(shared: Shared) -> GoogleProvider | None:
    settings = shared.settings
    if not settings.google_client_id:
        return None
    if not settings.google_client_secret:
        # Not refused: where the endpoints are another provider's, a client may have none.
        _log.warning(
            "--google-client-id is given without --google-client-secret, "
            "which Google asks every server for"
        )
    client = OAuthClient(
        client_id=settings.google_client_id,
        client_secret=settings.google_client_secret,
        auth_url=settings.google_auth_url,
        token_url=settings.google_token_url,
        userinfo_url=settings.google_userinfo_url,
        redirect_uri=f"{settings.public_url}/api/v1/auth/google/callback",
    )
    return GoogleProvider(client, shared.http_client.post_form, shared.http_client.get)
