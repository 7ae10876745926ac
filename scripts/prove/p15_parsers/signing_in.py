"""How schemathesis signs in, and again when it was signed out (its SCHEMATHESIS_HOOKS)."""

import os
from typing import Any

import schemathesis

from scripts.prove.p15_parsers.target import PORT, access_token

_SECONDS = 300


@schemathesis.auth(refresh_interval=_SECONDS, retry_on=[401])
class SuperadminToken:
    """The superadmin's token; schemathesis asks for another after a 401."""

    def get(self, _case: Any, _context: Any) -> str:
        """A new one."""
        return access_token(int(os.environ[PORT]))

    def set(self, case: Any, token: str, _context: Any) -> None:
        """Have a request sent with it."""
        case.headers["Authorization"] = f"Bearer {token}"
