"""`/dev/clock`: the server's time, for developers on their own machine to move."""

from datetime import datetime
from typing import Annotated

import msgspec

from handlers.base import Answer, BaseHandler
from handlers.bodies import Body
from handlers.errors import UnknownRoute
from handlers.ops.local import is_local
from handlers.timestamps import as_timestamp
from services.development import FURTHEST_SECONDS, DevClock
from services.errors import Invalid


class MoveClock(Body, frozen=True, kw_only=True):
    """Where to move the time to: exactly one of these. `reset` is to the machine's time."""

    advance_seconds: Annotated[int, msgspec.Meta(ge=1, le=FURTHEST_SECONDS)] | None = None
    now: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    reset: bool | None = None


class ServerTime(Answer, frozen=True, kw_only=True):
    """The server's time, and how far it is ahead of the machine's."""

    now: datetime
    offset_seconds: int


class NotOneMove(Invalid):
    """The body names no move of the clock, or several."""

    code = "not_one_move"

    def __init__(self) -> None:
        super().__init__('Send exactly one of "advance_seconds", "now" and "reset": true')


class DevClockHandler(BaseHandler):
    """See and move the server's time, with `--dev-clock` and from this machine."""

    async def get(self) -> None:
        """Added: what the server takes for now."""
        self._render(self._clock())

    async def post(self) -> None:
        """Added: what is due by then happens at once. Forward only, but for a reset."""
        clock = self._clock()
        body = self.parse(MoveClock)
        if (body.advance_seconds is not None) + (body.now is not None) + bool(body.reset) != 1:
            raise NotOneMove
        if body.advance_seconds is not None:
            clock.advance(body.advance_seconds)
        elif body.now is not None:
            clock.move_to(body.now)
        else:
            clock.reset()
        self._render(clock)

    def _clock(self) -> DevClock:
        clock = self.services.development.clock
        if clock is None or not is_local(self.request):
            raise UnknownRoute
        return clock

    def _render(self, clock: DevClock) -> None:
        now = as_timestamp(clock.now())
        self.render(ServerTime(now=now, offset_seconds=clock.offset_seconds))
