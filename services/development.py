"""What is shown to developers on their own machine, and to nobody else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.clock import MovableClock
from services.errors import Invalid

# Far enough for every period there is, and periods can be added to it without an overflow.
FURTHEST_SECONDS = 36525 * 24 * 3600
_FURTHEST = timedelta(seconds=FURTHEST_SECONDS)


class TimeMovesForward(Invalid):
    """The moment that was asked for is over."""

    code = "time_moves_forward"

    def __init__(self, now: datetime):
        super().__init__(
            f"It is {now:%Y-%m-%dT%H:%M:%SZ} already and time moves forward only; "
            '{"reset": true} goes back to the machine\'s time'
        )


class TooFarAhead(Invalid):
    """The moment that was asked for is too far away."""

    code = "too_far_ahead"

    def __init__(self) -> None:
        super().__init__("Time can be moved to 100 years ahead of the machine's at most")


class DevClock:
    """Moves the server's time, so that what expires can be seen to (`--dev-clock`).

    Forward only: what has expired, renewed or been deleted stays so, and what is written
    has to come after what was. The one way back is to the machine's time, which is
    also what a new start does; things of the future that were made meanwhile stay.
    """

    def __init__(self, clock: MovableClock, on_move: Callable[[], None]):
        self._clock = clock
        self._on_move = on_move

    def now(self) -> datetime:
        """The server's time."""
        return self._clock()

    @property
    def offset_seconds(self) -> int:
        """How far it is ahead of the machine's."""
        return round(self._clock.ahead.total_seconds())

    def advance(self, seconds: int) -> None:
        """Move on by up to FURTHEST_SECONDS. Raises TooFarAhead."""
        self._put(self._clock.ahead + timedelta(seconds=seconds))

    def move_to(self, moment: datetime) -> None:
        """Move on to a moment. Raises TimeMovesForward or TooFarAhead."""
        now = self._clock()
        if moment < now:
            raise TimeMovesForward(now)
        self._put(self._clock.ahead + (moment - now))

    def reset(self) -> None:
        """Go back to the machine's time."""
        self._put(timedelta(0))

    def _put(self, ahead: timedelta) -> None:
        if ahead > _FURTHEST:
            raise TooFarAhead
        self._clock.ahead = ahead
        self._on_move()


@dataclass(frozen=True, slots=True)
class Development:
    """`is_loopback_only` tells that the server can be reached from this machine alone.

    `clock` is None where time can't be moved.
    """

    is_loopback_only: bool
    clock: DevClock | None
