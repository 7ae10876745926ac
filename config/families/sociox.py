"""SOCIOX."""

from config.families.shared import Crossing, Shared
from services.services import AccountServices, SocioxServices


def crossing(_shared: Shared) -> Crossing:
    """What SOCIOX does when an account is deleted or renamed."""
    return Crossing()


def join(_shared: Shared, _accounts: AccountServices) -> SocioxServices:
    """SOCIOX's services, which work on accounts: deleting them, making children."""
    return SocioxServices()
