"""Subscriptions of others, in the hands of admins; what they change is in the audit log."""

from datetime import datetime

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor, AdminPermission
from services.access.audit import AuditAction, AuditLog
from services.access.authority import Authority, is_admin
from services.access.errors import InsufficientPermissions
from services.access.texts import parse_id
from services.clock import Clock
from services.errors import Invalid
from services.pagination import Page, PageRequest
from services.sociox.errors import UnknownUser
from services.sociox.subscription_changes import Changed, NoSubscription, SubscriptionChanges
from services.sociox.subscription_history import By
from services.sociox.subscription_ledger import SubscriptionLedger
from services.sociox.subscription_mail import SubscriptionMail
from services.sociox.subscription_terms import Choice
from services.sociox.subscriptions import SubscriptionService


class ChildAccount(Invalid):
    """A child has its parent's subscription, and none of its own."""

    code = "child_account"

    def __init__(self, parent_id: ObjectId):
        super().__init__(f"This is a child account; its subscription is its parent's, {parent_id}")


class ManagedSubscriptionService:
    """Does for an account what its holder could do."""

    def __init__(
        self,
        users: UserRepository,
        own: SubscriptionService,
        changes: SubscriptionChanges,
        ledger: SubscriptionLedger,
        mail: SubscriptionMail,
        authority: Authority,
        audit: AuditLog,
        transaction: Transaction,
        clock: Clock,
    ):
        self._users = users
        self._own = own
        self._changes = changes
        self._ledger = ledger
        self._mail = mail
        self._authority = authority
        self._audit = audit
        self._transaction = transaction
        self._clock = clock

    async def get(self, user_id: str, *, actor: Actor) -> Document:
        """An account's newest subscription; a child's is its parent's.

        Raises UnknownUser, InsufficientPermissions or NoSubscription.
        """
        subscription = await self._own.summary_of(await self._holder_to_read(user_id, actor))
        if subscription is None:
            raise NoSubscription
        return subscription

    async def ledger(self, user_id: str, page: PageRequest, *, actor: Actor) -> Page:
        """A page of an account's ledger, or of a child's parent's.

        Raises UnknownUser or InsufficientPermissions.
        """
        return await self._ledger.page(await self._holder_to_read(user_id, actor), page)

    async def subscribe(self, user_id: str, choice: Choice, *, actor: Actor) -> Document:
        """Subscribe an account.

        Raises what `SubscriptionChanges.subscribe` and `_hold` do, as do the others here.
        """
        now = self._now()
        async with (
            self._mail.allowance("subscribed", parse_id(user_id)) as is_told,
            self._transaction() as tx,
        ):
            holder_id = await self._hold(user_id, actor, tx=tx)
            subscription = await self._changes.subscribe(
                holder_id, choice, by=By.ADMIN, is_told=is_told, at=now, tx=tx
            )
            await self._record(AuditAction.CREATE_SUBSCRIPTION, subscription, actor, tx)
        return subscription

    async def change(self, user_id: str, choice: Choice, *, actor: Actor) -> Changed:
        """Change an account's plan."""
        now = self._now()
        async with (
            self._mail.allowance("changed", parse_id(user_id)) as is_told,
            self._transaction() as tx,
        ):
            holder_id = await self._hold(user_id, actor, tx=tx)
            changed = await self._changes.change(
                holder_id, choice, by=By.ADMIN, is_told=is_told, at=now, tx=tx
            )
            await self._record(AuditAction.UPDATE_SUBSCRIPTION, changed.subscription, actor, tx)
        return changed

    async def cancel(self, user_id: str, reason: str | None, *, actor: Actor) -> Document:
        """Cancel an account's subscription."""
        now = self._now()
        async with (
            self._mail.allowance("cancelled", parse_id(user_id)) as is_told,
            self._transaction() as tx,
        ):
            holder_id = await self._hold(user_id, actor, tx=tx)
            subscription = await self._changes.cancel(
                holder_id, reason, by=By.ADMIN, is_told=is_told, at=now, tx=tx
            )
            await self._record(AuditAction.CANCEL_SUBSCRIPTION, subscription, actor, tx)
        return subscription

    async def _holder_to_read(self, user_id: str, actor: Actor) -> ObjectId:
        """Whose subscription an account has; admins are read by admins without limits."""
        parsed = parse_id(user_id)
        user = None if parsed is None else await self._users.find(parsed)
        if user is None:
            raise UnknownUser
        if is_admin(user) and not actor.is_full_admin:
            raise InsufficientPermissions
        holder_id: ObjectId = user.get("parent_id") or user["_id"]
        return holder_id

    async def _hold(self, user_id: str, actor: Actor, *, tx: Tx) -> ObjectId:
        """The account, kept until `tx` ends, if the caller may act on it.

        Raises UnknownUser, InsufficientPermissions or ChildAccount.
        """
        parsed = parse_id(user_id)
        user = None if parsed is None else await self._users.lock(parsed, tx=tx)
        if user is None:
            raise UnknownUser
        permission = AdminPermission.MANAGE_SUBSCRIPTIONS
        await self._authority.check(actor, permission, user, allows_own=True, tx=tx)
        if user.get("parent_id") is not None:
            raise ChildAccount(user["parent_id"])
        held: ObjectId = user["_id"]
        return held

    async def _record(
        self, action: AuditAction, subscription: Document, actor: Actor, tx: Tx
    ) -> None:
        details = {
            "user_id": str(subscription["user_id"]),
            "plan_id": str(subscription["plan_id"]),
            "billing_cycle": subscription["billing_cycle"],
        }
        await self._audit.record(action, subscription["_id"], actor=actor, tx=tx, details=details)

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)
