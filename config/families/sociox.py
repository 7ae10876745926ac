"""SOCIOX."""

from config.families.shared import Crossing, Shared
from services.services import SocioxServices


def join(_shared: Shared) -> tuple[SocioxServices, Crossing]:
    """SOCIOX's services, and what they do when an account is deleted or renamed."""
    return SocioxServices(), Crossing()
