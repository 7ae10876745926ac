"""Child users: the accounts that a parent makes for others, and runs (CONTRACT section 5)."""

from collections.abc import Sequence
from typing import Protocol

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.access.errors import NothingToChange
from services.access.texts import accepted_name, parse_id
from services.accounts.email_verification import EmailVerificationService
from services.accounts.erasure import AccountErasure
from services.accounts.names import Name
from services.accounts.passwords import PasswordHasher
from services.accounts.registration import RegistrationService
from services.accounts.sessions import InvalidAccessToken
from services.clock import Clock
from services.errors import Forbidden, Invalid, NotFound
from services.messaging.addresses import parse_email
from services.pagination import Page, PageRequest

MAX_PERMISSIONS = 50


class ChildNotFound(NotFound):
    """The caller has no such child; another's does not exist for it."""

    def __init__(self) -> None:
        super().__init__("Child user not found")


class TooManyPermissions(Invalid):
    """A child's permissions are free names, but not without end."""

    code = "invalid_field"

    def __init__(self) -> None:
        super().__init__(f"permissions must be at most {MAX_PERMISSIONS} names")


class PlanLimitReached(Forbidden):
    """The parent's plan allows no more children."""

    code = "plan_limit_reached"

    def __init__(self, limit: int):
        super().__init__(
            f"The plan's limit of {limit} child users is reached; remove one or take a larger plan"
        )


class TeamLimit(Protocol):
    """What knows how many children a plan allows."""

    async def team_limit(self, parent_id: ObjectId, *, tx: Tx) -> int | None:
        """How many children an account may have, None for any number."""
        ...


class ChildService:
    """Makes, lists, changes and removes the children of the caller, and nobody else's.

    The names in their `permissions` mean something to the clients only: they are kept
    apart from an admin's limits, and open no route of this server.
    """

    def __init__(
        self,
        users: UserRepository,
        registration: RegistrationService,
        verification: EmailVerificationService,
        erasure: AccountErasure,
        plan: TeamLimit,
        hasher: PasswordHasher,
        transaction: Transaction,
        clock: Clock,
    ):
        self._users = users
        self._registration = registration
        self._verification = verification
        self._erasure = erasure
        self._plan = plan
        self._hasher = hasher
        self._transaction = transaction
        self._clock = clock

    async def create(
        self, text: str, password: str, name: Name, permissions: Sequence[str], *, actor: Actor
    ) -> Document:
        """Make a child with an email and mail it a link to verify its address.

        Raises InvalidEmail, UnusableText, TooManyPermissions, InvalidPassword,
        PlanLimitReached, EmailTaken or Unavailable.
        """
        email, accepted = parse_email(text), _accepted(permissions)
        password_hash = await self._hasher.hash(password)
        async with self._verification.allowance(email) as may_mail, self._transaction() as tx:
            # Held until the child is there: a parent who leaves now takes the child along, and
            # of two children for the last place one comes second.
            if await self._users.lock(actor.id, tx=tx) is None:
                raise InvalidAccessToken
            await self._check_limit(actor.id, tx)
            child = await self._registration.insert_with_email(
                email,
                name,
                password_hash,
                type="child",
                parent_id=actor.id,
                child_permissions=accepted,
                tx=tx,
            )
            if may_mail:
                await self._verification.send(child, tx=tx)
            return child

    async def _check_limit(self, parent_id: ObjectId, tx: Tx) -> None:
        limit = await self._plan.team_limit(parent_id, tx=tx)
        if limit is None:
            return
        # Deactivated ones too: they come back by one click of an admin.
        if await self._users.count_children(parent_id, tx=tx) >= limit:
            raise PlanLimitReached(limit)

    async def page(self, request: PageRequest, *, actor: Actor) -> Page:
        """The caller's children, oldest first."""
        children = await self._users.page_of_children(
            actor.id, offset=request.offset, limit=request.size
        )
        return Page(children, await self._users.count_children(actor.id), request)

    async def change(
        self,
        child_id: str,
        *,
        name: Name | None = None,
        permissions: Sequence[str] | None = None,
        actor: Actor,
    ) -> Document:
        """Change what is given and answer the child as it is then.

        Raises NothingToChange, UnusableText, TooManyPermissions or ChildNotFound.
        """
        changes: Document = {}
        if name is not None:
            changes |= {"first_name": name.first, "last_name": name.last}
        if permissions is not None:
            changes["child_permissions"] = _accepted(permissions)
        if not changes:
            raise NothingToChange("name, permissions")
        changed = await self._users.update_child(
            actor.id, _parsed(child_id), changes, at=self._clock()
        )
        if changed is None:
            raise ChildNotFound
        return changed

    async def remove(self, child_id: str, *, actor: Actor) -> None:
        """Delete a child's account and everything that is theirs.

        Raises ChildNotFound or LastSuperadmin.
        """
        parsed = _parsed(child_id)
        async with self._transaction() as tx:
            child = await self._users.lock(parsed, tx=tx)
            if child is None or child.get("parent_id") != actor.id:
                raise ChildNotFound
            await self._erasure.erase(parsed, tx=tx)


def _parsed(child_id: str) -> ObjectId:
    parsed = parse_id(child_id)
    if parsed is None:
        raise ChildNotFound
    return parsed


def _accepted(permissions: Sequence[str]) -> list[str]:
    """The names, each once, in the given order. Raises UnusableText or TooManyPermissions."""
    if len(permissions) > MAX_PERMISSIONS:
        raise TooManyPermissions
    return list(dict.fromkeys(accepted_name(each, "each of permissions") for each in permissions))
