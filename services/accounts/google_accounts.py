"""Which account a Google identity signs in to."""

from bson import ObjectId

from repositories.accounts.sessions import SessionRepository
from repositories.accounts.users import UserRepository
from repositories.errors import Taken, WriteConflict
from repositories.types import Document, Transaction
from services.accounts.email_registration import EmailRegistrationService
from services.accounts.google_provider import Identity
from services.accounts.names import name_from_elsewhere
from services.accounts.registration import EmailTaken
from services.accounts.sessions import SessionService
from services.accounts.sign_in import InactiveAccount, SignedIn
from services.accounts.standing import is_shut_out
from services.clock import Clock
from services.errors import Conflict, Unavailable

_TRIES = 5


class EmailNotVerified(Conflict):
    """The address has an account, and Google does not vouch that it is this person's."""

    code = "email_not_verified"

    def __init__(self) -> None:
        super().__init__(
            "An account with this email exists, and Google has not verified that it is yours"
        )


class OtherIdentity(Conflict):
    """The account of this address is another Google identity's."""

    code = "other_google_account"

    def __init__(self) -> None:
        super().__init__("The account with this email is linked to another Google account")


class GoogleAccounts:
    """Finds, links or makes the account of an identity, and signs it in (CONTRACT section 3)."""

    def __init__(
        self,
        users: UserRepository,
        session_repository: SessionRepository,
        sessions: SessionService,
        registration: EmailRegistrationService,
        transaction: Transaction,
        clock: Clock,
    ):
        self._users = users
        self._session_repository = session_repository
        self._sessions = sessions
        self._registration = registration
        self._transaction = transaction
        self._clock = clock

    async def sign_in(self, identity: Identity) -> SignedIn:
        """Sign in to the account bound to the identity, or to be bound to it.

        Raises EmailNotVerified, OtherIdentity or InactiveAccount.
        """
        for _ in range(_TRIES):
            try:
                return await self._sign_in(identity)
            except (EmailTaken, WriteConflict):
                # Another made, linked or deleted the account meanwhile. Looked at again here,
                # not by running the request again: its state and its code are used up.
                continue
        raise Unavailable("Too many sign-ins of this account at once; try again in a moment")

    async def _sign_in(self, identity: Identity) -> SignedIn:
        user = await self._users.find_by_google_sub(identity.sub)
        if user is None:
            user = await self._users.find_by_email(identity.email)
            if user is None:
                return await self._register(identity)
            if not identity.is_email_verified:
                raise EmailNotVerified
        return await self._open(user["_id"], identity)

    async def _register(self, identity: Identity) -> SignedIn:
        return await self._registration.open_account(
            identity.email,
            name_from_elsewhere(identity.given_name, identity.family_name),
            None,
            email_verified=identity.is_email_verified,
            google_sub=identity.sub,
        )

    async def _open(self, user_id: ObjectId, identity: Identity) -> SignedIn:
        async with self._transaction() as tx:
            user = await self._users.lock(user_id, tx=tx)
            if user is None:
                raise EmailTaken
            if await is_shut_out(user, self._users, tx=tx):
                raise InactiveAccount
            changes = _linking(user, identity)
            if changes:
                try:
                    user = await self._users.update(user_id, changes, at=self._clock(), tx=tx)
                except Taken:
                    raise EmailTaken from None
            if "password_hash" in changes:
                await self._session_repository.delete_of(user_id, tx=tx)
            if user is None:
                raise EmailTaken
            return SignedIn(user, await self._sessions.open(user_id, tx=tx))


def _linking(user: Document, identity: Identity) -> Document:
    """What linking changes of an account: nothing where it is linked. Raises OtherIdentity.

    An address that was never verified may have been registered by somebody else, to wait
    for its owner: all they could come back by goes, the password, the sessions and the
    Google identity.
    """
    if user.get("google_sub") == identity.sub:
        return {}
    if user["email"] != identity.email or not identity.is_email_verified:
        raise EmailTaken
    if not user["email_verified"]:
        return {"google_sub": identity.sub, "email_verified": True, "password_hash": None}
    if user.get("google_sub") is not None:
        raise OtherIdentity
    return {"google_sub": identity.sub}
