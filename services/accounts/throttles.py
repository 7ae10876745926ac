"""How often something may be tried, counted in the store so that all processes agree."""

import hashlib
import ipaddress
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from repositories.accounts.throttles import ThrottleRepository
from services.clock import Clock
from services.errors import Throttled
from services.limits import Limit, Quota

LOGIN_FAILURES_OF_ACCOUNT = Limit("login-account", 10, timedelta(minutes=15))
LOGIN_FAILURES_OF_ADDRESS = Limit("login-address", 300, timedelta(minutes=1))


def mails_of(kind: str) -> Limit:
    """How many mails of one kind go to one address (CONTRACT section 3)."""
    return Limit(f"mail-{kind}", 5, timedelta(hours=1))


class ThrottleService:
    """Counts attempts before they are made, so that many at once can't slip through."""

    def __init__(self, throttles: ThrottleRepository, clock: Clock):
        self._throttles = throttles
        self._clock = clock

    @asynccontextmanager
    async def attempt(
        self, limit: Limit, *parts: str, counts: type[Exception]
    ) -> AsyncIterator[None]:
        """Try something that counts only when it ends with the error `counts`.

        It is counted before it is done, so that a thousand guesses at once are no
        more than the limit, and uncounted after. Raises Throttled.
        """
        await self._take(limit, parts)
        try:
            yield
        except counts:
            raise
        except BaseException:
            await self._throttles.give_back(_key(limit, parts))
            raise
        await self._throttles.give_back(_key(limit, parts))

    @asynccontextmanager
    async def allowance(self, limit: Limit, *parts: str) -> AsyncIterator[bool]:
        """Whether one more is within the limit, for what is left out in silence beyond it.

        It is counted before it is done, and uncounted when it fails.
        """
        is_allowed = await self._is_taken(limit, parts)
        try:
            yield is_allowed
        except BaseException:
            if is_allowed:
                await self._throttles.give_back(_key(limit, parts))
            raise

    @asynccontextmanager
    async def within(self, limit: Limit, *parts: str) -> AsyncIterator[None]:
        """Do one more of what has a limit; uncounted when it fails. Raises Throttled beyond it."""
        await self._take(limit, parts)
        try:
            yield
        except BaseException:
            await self._throttles.give_back(_key(limit, parts))
            raise

    async def _is_taken(self, limit: Limit, parts: tuple[str, ...]) -> bool:
        now = self._clock()
        return await self._throttles.take(
            _key(limit, parts), limit=limit.count, resets_at=now + limit.window, at=now
        )

    async def _take(self, limit: Limit, parts: tuple[str, ...]) -> None:
        if await self._is_taken(limit, parts):
            return
        raise Throttled(
            "Too many attempts. Please wait before trying again.", await self.quota(limit, *parts)
        )

    async def quota(self, limit: Limit, *parts: str) -> Quota:
        """What is left of a limit now."""
        running, now = await self._throttles.find(_key(limit, parts)), self._clock()
        if running is None or running["resets_at"] <= now:
            return Quota(limit, limit.count, None)
        seconds = math.ceil((running["resets_at"] - now).total_seconds())
        return Quota(limit, max(0, limit.count - running["count"]), seconds)

    async def clear(self, limit: Limit, *parts: str) -> None:
        """Forget all attempts."""
        await self._throttles.clear(_key(limit, parts))


def network_of(address: str) -> str:
    """Whom an address counts as: itself, or its /64 where one subscriber holds 2**64 of them."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    mapped = parsed.ipv4_mapped
    return str(mapped or ipaddress.ip_network((parsed, 64), strict=False))


def _key(limit: Limit, parts: tuple[str, ...]) -> str:
    # Hashed: identifiers are personal, of any length, and no part can imitate a separator.
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(4, "big") + encoded)
    return f"{limit.name}:{digest.hexdigest()[:40]}"
