"""SOCIOX."""

from collections.abc import Sequence

from config.families import subscriptions
from config.families.shared import Crossing, Shared
from repositories.accounts.sessions import SessionRepository
from repositories.personal import PersonalRepository
from repositories.sociox import personal
from repositories.sociox.plans import PlanRepository
from repositories.sociox.subscriptions import SubscriptionRepository
from services.access.authority import Authority
from services.services import AccountServices, SocioxServices
from services.sociox.admins import AdminService
from services.sociox.children import ChildService
from services.sociox.figures import SocioxFigures
from services.sociox.plans import PlanService
from services.sociox.user_details import UserDetailsService
from services.sociox.users import UserManagementService


def crossing(shared: Shared) -> Crossing:
    """What SOCIOX does when an account is deleted or exported."""
    return Crossing(
        erasers=(subscriptions.eraser(shared),),
        exporters=(PersonalRepository(shared.storage, personal.KEPT),),
    )


def join(
    shared: Shared, accounts: AccountServices, crossings: Sequence[Crossing]
) -> SocioxServices:
    """SOCIOX's services, which work on accounts: deleting them, making children."""
    users, transaction, clock = shared.users, shared.storage.transaction, shared.clock
    plans = PlanRepository(shared.storage)
    joined = subscriptions.join(shared, plans)
    return SocioxServices(
        users=UserManagementService(
            users,
            accounts.deactivation,
            accounts.erasure,
            accounts.password_reset,
            Authority(users),
            shared.audit,
            transaction,
        ),
        user_details=UserDetailsService(
            users,
            SessionRepository(shared.storage),
            joined.own,
            [counter for crossing in crossings for counter in crossing.counters],
            clock,
        ),
        admins=AdminService(
            users,
            accounts.registration,
            shared.hasher,
            Authority(users),
            accounts.erasure,
            shared.audit,
            transaction,
            clock,
        ),
        children=ChildService(
            users,
            accounts.registration,
            accounts.email_verification,
            accounts.erasure,
            joined.own,
            shared.hasher,
            transaction,
            clock,
        ),
        plans=PlanService(plans, shared.audit, transaction, clock),
        subscriptions=joined.own,
        managed_subscriptions=joined.managed,
        renewals=joined.renewals,
    )


def figures(shared: Shared) -> SocioxFigures:
    """What SOCIOX tells the console."""
    return SocioxFigures(PlanRepository(shared.storage), SubscriptionRepository(shared.storage))
