"""Passwords: what is accepted, and bcrypt in threads behind a bounded queue."""

import asyncio
import hmac
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import bcrypt

from services.errors import Invalid, Unavailable

_MIN_BYTES = 6
_MAX_BYTES = 72


class InvalidPassword(Invalid):
    """The password can't be set."""

    code = "invalid_password"

    def __init__(self) -> None:
        super().__init__(
            f"The password must be {_MIN_BYTES} to {_MAX_BYTES} bytes of UTF-8, without NUL."
        )


def is_acceptable(password: str) -> bool:
    """Whether a password can be set, and so can be anybody's (CONTRACT section 3)."""
    return "\0" not in password and _MIN_BYTES <= len(password.encode()) <= _MAX_BYTES


class PasswordHasher:
    """Hashes and checks passwords, off the event loop.

    bcrypt at cost 12 takes a quarter of a second of one core, so at most `queue`
    calls wait for the `threads`; more are Unavailable at once.
    """

    def __init__(self, *, cost: int = 12, threads: int = 2, queue: int = 32):
        self._cost = cost
        self.limit = threads + queue
        self._jobs = 0
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="bcrypt")
        # A well-formed hash that no password has: checking against it costs what any other does.
        self._nobody = bcrypt.gensalt(cost) + b"." * 31

    async def hash(self, password: str) -> bytes:
        """The hash to store. Raises InvalidPassword or Unavailable."""
        if not is_acceptable(password):
            raise InvalidPassword
        salt = bcrypt.gensalt(self._cost)
        return bytes(await self._run(bcrypt.hashpw, password.encode(), salt))

    async def check(self, password: str, password_hash: bytes | None) -> bool:
        """Whether the password is the one hashed. Raises Unavailable.

        Without a hash, as for an unknown account, it takes the same time and is False:
        who has an account must not show in how long a refusal takes.
        """
        if password_hash is None or not is_acceptable(password):
            # bcrypt raises beyond 72 bytes; such a password still pays for a hash.
            await self._run(bcrypt.checkpw, b"another password", self._nobody)
            return False
        return bool(await self._run(bcrypt.checkpw, password.encode(), password_hash))

    async def _run(self, function: Any, *arguments: bytes) -> Any:
        if self._jobs >= self.limit:
            raise Unavailable("Too many sign-ins at once; try again in a moment.")
        self._jobs += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._pool, function, *arguments
            )
        finally:
            self._jobs -= 1

    @property
    def jobs(self) -> int:
        """How many run or wait, of `limit` that may."""
        return self._jobs

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def same(left: bytes, right: bytes) -> bool:
    """Compare secrets in a time that does not tell where they differ."""
    return hmac.compare_digest(left, right)
