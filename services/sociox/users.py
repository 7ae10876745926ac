"""Users in the hands of admins: shutting out, letting in, deleting, reset links."""

from repositories.accounts.users import UserFilter, UserRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor, AdminPermission
from services.access.audit import AuditAction, AuditLog
from services.access.authority import Authority
from services.access.texts import parse_id
from services.accounts.deactivation import Deactivation
from services.accounts.erasure import AccountErasure
from services.accounts.password_reset import PasswordResetService
from services.accounts.standing import is_shut_out
from services.errors import Invalid, Throttled
from services.limits import Quota
from services.messaging.addresses import parse_email
from services.pagination import Page, PageRequest
from services.sociox.errors import UnknownUser


class InactiveUser(Invalid):
    """Who is shut out can't sign in, by a new password neither."""

    code = "account_inactive"

    def __init__(self) -> None:
        super().__init__("The account, or its parent's, is deactivated; reactivate it first")


class TooManyResetMails(Throttled):
    """An address gets only so many of these mails (CONTRACT section 3, "Throttles")."""

    def __init__(self, exceeded: Quota) -> None:
        super().__init__(
            "This address got five reset mails within an hour; wait before sending another",
            exceeded,
        )


class UserManagementService:
    """What admins do to accounts; each change reads caller and account again (`Authority`)."""

    def __init__(
        self,
        users: UserRepository,
        deactivation: Deactivation,
        erasure: AccountErasure,
        password_reset: PasswordResetService,
        authority: Authority,
        audit: AuditLog,
        transaction: Transaction,
    ):
        self._users = users
        self._deactivation = deactivation
        self._erasure = erasure
        self._password_reset = password_reset
        self._authority = authority
        self._audit = audit
        self._transaction = transaction

    async def page(self, which: UserFilter, page: PageRequest) -> Page:
        """A page of the accounts that a filter means, newest first."""
        items, total = await self._users.page(which, page.offset, page.size)
        return Page(items, total, page)

    async def deactivate(self, user_id: str, *, actor: Actor) -> Document:
        """Shut an account out; repeating it changes nothing. The account as it is then.

        Raises UnknownUser, InsufficientPermissions, OwnAccount or LastSuperadmin.
        """
        async with self._transaction() as tx:
            user = await self._user_to_change(user_id, actor, tx)
            if not user["is_active"]:
                return user
            changed = await self._deactivation.deactivate(user, tx=tx)
            await self._audit.record(AuditAction.DEACTIVATE_USER, user["_id"], actor=actor, tx=tx)
        return changed

    async def reactivate(self, user_id: str, *, actor: Actor) -> Document:
        """Let an account in again; repeating it changes nothing. The account as it is then.

        Raises UnknownUser, InsufficientPermissions or OwnAccount.
        """
        async with self._transaction() as tx:
            user = await self._user_to_change(user_id, actor, tx)
            if user["is_active"]:
                return user
            changed = await self._deactivation.reactivate(user, tx=tx)
            await self._audit.record(AuditAction.REACTIVATE_USER, user["_id"], actor=actor, tx=tx)
        return changed

    async def delete(self, user_id: str, *, actor: Actor) -> None:
        """Delete an account, its children and all that is theirs.

        Raises UnknownUser, InsufficientPermissions, OwnAccount or LastSuperadmin.
        """
        async with self._transaction() as tx:
            user = await self._user_to_change(user_id, actor, tx)
            await self._erasure.erase(user["_id"], tx=tx)
            await self._audit.record(AuditAction.DELETE_USER, user["_id"], actor=actor, tx=tx)

    async def send_reset_link(self, text: str, *, actor: Actor) -> Quota:
        """Mail an account's address a link and a code for a new password.

        Answers how many more it may get. Raises InvalidEmail, UnknownUser,
        InsufficientPermissions, InactiveUser or TooManyResetMails: unlike who forgot a
        password, an admin is told.
        """
        email = parse_email(text)
        async with self._password_reset.allowance(email) as may_mail:
            quota = await self._password_reset.quota(email)
            async with self._transaction() as tx:
                found = await self._users.find_by_email(email)
                user = await self._user_to_change(
                    "" if found is None else str(found["_id"]), actor, tx, allows_own=True
                )
                if await is_shut_out(user, self._users, tx=tx):
                    raise InactiveUser
                if not may_mail:
                    raise TooManyResetMails(quota)
                await self._password_reset.send(user, tx=tx)
                action = AuditAction.SEND_RESET_LINK
                await self._audit.record(action, user["_id"], actor=actor, tx=tx)
        return quota

    async def _user_to_change(
        self, user_id: str, actor: Actor, tx: Tx, *, allows_own: bool = False
    ) -> Document:
        """The account, which stays as it is meanwhile, and on which the caller may act."""
        parsed = parse_id(user_id)
        user = None if parsed is None else await self._users.lock(parsed, tx=tx)
        if user is None:
            raise UnknownUser
        permission = AdminPermission.MANAGE_USERS
        await self._authority.check(actor, permission, user, allows_own=allows_own, tx=tx)
        return user
