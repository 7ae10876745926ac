"""How moments are written in answers (CONTRACT section 2)."""

from datetime import datetime


def as_timestamp(moment: datetime) -> str:
    """UTC in whole seconds, `2025-01-18T10:00:00Z`."""
    return moment.isoformat()[:19] + "Z"
