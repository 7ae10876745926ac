"""The subscriptions of SOCIOX."""

from dataclasses import dataclass

from config.families.shared import Shared
from repositories.accounts.throttles import ThrottleRepository
from repositories.sociox.ledger import LedgerRepository
from repositories.sociox.plans import PlanRepository
from repositories.sociox.subscriptions import SubscriptionRepository
from services.access.authority import Authority
from services.accounts.throttles import ThrottleService
from services.sociox.managed_subscriptions import ManagedSubscriptionService
from services.sociox.renewals import RenewalService
from services.sociox.settling import Settler
from services.sociox.subscription_changes import SubscriptionChanges
from services.sociox.subscription_ledger import SubscriptionEraser, SubscriptionLedger
from services.sociox.subscription_mail import SubscriptionMail
from services.sociox.subscription_terms import Offers
from services.sociox.subscriptions import SubscriptionService


@dataclass(frozen=True)
class Subscriptions:
    """A user's own, those that admins manage, and renewing them all."""

    own: SubscriptionService
    managed: ManagedSubscriptionService
    renewals: RenewalService


def join(shared: Shared, plans: PlanRepository) -> Subscriptions:
    """The services of subscriptions."""
    storage, clock, transaction = shared.storage, shared.clock, shared.storage.transaction
    subscriptions, entries = SubscriptionRepository(storage), LedgerRepository(storage)
    throttles = ThrottleService(ThrottleRepository(storage), clock)
    mail = SubscriptionMail(shared.users, throttles, shared.outbox)
    settler = Settler(subscriptions, entries, mail)
    changes = SubscriptionChanges(subscriptions, entries, Offers(plans), settler, mail)
    ledger = SubscriptionLedger(entries, subscriptions, settler, transaction, clock)
    own = SubscriptionService(
        subscriptions, plans, shared.users, changes, ledger, mail, transaction, clock
    )
    managed = ManagedSubscriptionService(
        shared.users,
        own,
        changes,
        ledger,
        mail,
        Authority(shared.users),
        shared.audit,
        transaction,
        clock,
    )
    return Subscriptions(own, managed, RenewalService(subscriptions, settler, transaction, clock))


def eraser(shared: Shared) -> SubscriptionEraser:
    """What becomes of subscriptions and ledger when an account is deleted."""
    return SubscriptionEraser(
        SubscriptionRepository(shared.storage), LedgerRepository(shared.storage)
    )
