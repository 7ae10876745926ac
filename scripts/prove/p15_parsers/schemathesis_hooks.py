"""How schemathesis signs in, and what it leaves alone (its SCHEMATHESIS_HOOKS)."""

import os
from typing import Any

import schemathesis

from scripts.prove.p15_parsers.target import PORT, access_token

_SECONDS = 300
# They are HTTP's and not the document's: broken ones are answered 400 by the parser, without a
# body. `raw_requests` breaks them.
_FRAMING = frozenset({"connection", "content-length", "host", "transfer-encoding"})


@schemathesis.auth(refresh_interval=_SECONDS, retry_on=[401])
class SuperadminToken:
    """The superadmin's token; schemathesis asks for another after a 401."""

    def get(self, _case: Any, _context: Any) -> str:
        """A new one."""
        return access_token(int(os.environ[PORT]))

    def set(self, case: Any, token: str, _context: Any) -> None:
        """Have a request sent with it."""
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.hook
def map_headers(_context: Any, headers: dict[str, Any] | None) -> dict[str, Any] | None:
    """Leave the framing as it is."""
    if headers is None:
        return None
    return {name: text for name, text in headers.items() if name.lower() not in _FRAMING}
