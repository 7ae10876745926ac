"""Which clock the server goes by."""

import logging
from collections.abc import Callable

from config.settings import SettingError, Settings
from services.clock import Clock, MovableClock, system_clock
from services.development import DevClock, Development

_log = logging.getLogger("agora.start")


def choose_clock(settings: Settings, base: Clock = system_clock) -> Clock:
    """The `base` itself, or with `--dev-clock` one that developers can set.

    Raises SettingError where time is not the server's own to move.
    """
    if not settings.dev_clock:
        return base
    if not settings.is_loopback_only:
        raise SettingError(
            f"--dev-clock lets whoever reaches the server move its time, and --address="
            f"{settings.address} can be reached from elsewhere; listen on localhost, or leave "
            "--dev-clock out."
        )
    if settings.storage not in ("embedded", "memory"):
        raise SettingError(
            "--dev-clock is for --storage=embedded or memory: other processes on this MongoDB, and "
            "MongoDB itself, have clocks that it can't move."
        )
    _log.warning("--dev-clock: this server's time can be moved by POST /dev/clock")
    return MovableClock(base)


def development_of(settings: Settings, clock: Clock, *, on_move: Callable[[], None]) -> Development:
    """What developers are shown; `on_move` is called when they have moved the chosen clock."""
    return Development(
        is_loopback_only=settings.is_loopback_only,
        clock=DevClock(clock, on_move) if isinstance(clock, MovableClock) else None,
    )
