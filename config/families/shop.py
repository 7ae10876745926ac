"""The shop."""

from config.families.shared import Crossing, Shared
from services.services import ShopServices


def join(shared: Shared) -> tuple[ShopServices, Crossing]:
    """The shop's services, and what they do when an account is deleted or renamed."""
    return ShopServices(), Crossing()
