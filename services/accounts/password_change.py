"""Changing one's own password."""

from repositories.accounts.sessions import SessionRepository
from repositories.accounts.users import UserRepository
from repositories.types import Transaction
from services.access.actor import Actor
from services.accounts.passwords import InvalidPassword, PasswordHasher, is_acceptable
from services.accounts.sessions import InvalidAccessToken
from services.accounts.sign_in import InvalidCredentials, SignInService
from services.clock import Clock
from services.errors import Invalid
from services.limits import Quota


class WrongPassword(Invalid):
    """What was given as the current password is not it; a 401 would tell of a bad token."""

    code = "wrong_password"

    def __init__(self, quotas: tuple[Quota, ...]) -> None:
        super().__init__("The current password is wrong")
        self.quotas = quotas


class PasswordChangeService:
    """Changes a password for who knows the current one (CONTRACT section 3)."""

    def __init__(
        self,
        users: UserRepository,
        sessions: SessionRepository,
        sign_in: SignInService,
        hasher: PasswordHasher,
        transaction: Transaction,
        clock: Clock,
    ):
        self._users = users
        self._sessions = sessions
        self._sign_in = sign_in
        self._hasher = hasher
        self._transaction = transaction
        self._clock = clock

    async def change(
        self, current: str, new: str, *, address: str, actor: Actor
    ) -> tuple[Quota, ...]:
        """Put `new` in place of `current`, and end every session but the caller's.

        Whoever knew the old password may be signed in elsewhere, and goes; the caller
        has just proved to be the owner, and stays. `address` is the network address of
        who asks. Answers what is left to guess at the password. Raises InvalidPassword,
        WrongPassword, Throttled or Unavailable.
        """
        if not is_acceptable(new):
            raise InvalidPassword
        user = await self._users.find(actor.id)
        if user is None:
            raise InvalidAccessToken
        try:
            quotas = await self._sign_in.check_password(user, current, address=address)
        except InvalidCredentials as refusal:
            raise WrongPassword(refusal.quotas) from None
        new_hash = await self._hasher.hash(new)
        async with self._transaction() as tx:
            # Read again: of two changes at once only one had the current password.
            locked = await self._users.lock(actor.id, tx=tx)
            if locked is None or locked["password_hash"] != user["password_hash"]:
                raise WrongPassword(quotas)
            changes = {"password_hash": new_hash}
            await self._users.update(actor.id, changes, at=self._clock(), tx=tx)
            await self._sessions.delete_of(actor.id, but=actor.session_id, tx=tx)
        return quotas
