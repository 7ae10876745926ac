"""Which pages of other origins may read the answers (the Fetch standard, "CORS protocol")."""

from collections.abc import Mapping, Sequence

from tornado.httputil import HTTPHeaders

ANY_ORIGIN = "*"
_SENT = "Authorization, Content-Type, Idempotency-Key, If-None-Match, X-Request-ID"
_EXPOSED = {
    "Access-Control-Expose-Headers": (
        "Allow, Content-Disposition, ETag, RateLimit, RateLimit-Policy, Retry-After, "
        "WWW-Authenticate, X-Request-ID"
    )
}
_FOR_ALL = {"Access-Control-Allow-Origin": ANY_ORIGIN, **_EXPOSED}
# An answer is another for another origin, also where this one gets nothing.
_VARYING = {"Vary": "Origin"}
# The longest that Chromium keeps a preflight's answer; others keep it longer.
_MAX_AGE_SECONDS = 7200


class CrossOrigin:
    """Allows pages of the `origins`, or of every one with `*`, to call the API.

    Callers show who they are by a token that the page itself puts in, never by a cookie
    that the browser adds: so nothing is said of credentials, and `*` lends nobody rights.
    """

    def __init__(self, origins: Sequence[str]):
        self._allows_all = ANY_ORIGIN in origins
        self._origins = frozenset(origins)

    def answer_headers(self, request: HTTPHeaders) -> Mapping[str, str]:
        """What every answer to such a request has, errors too: without it a page sees nothing."""
        if self._allows_all:
            return _FOR_ALL
        origin = request.get("Origin")
        if origin is None or origin not in self._origins:
            return _VARYING
        return {**_VARYING, "Access-Control-Allow-Origin": origin, **_EXPOSED}

    def preflight_headers(self, request: HTTPHeaders, methods: Sequence[str]) -> Mapping[str, str]:
        """What the answer to an OPTIONS has besides, if it is a browser that asks beforehand."""
        if "Access-Control-Request-Method" not in request or not self._allows(request):
            return {}
        return {
            "Access-Control-Allow-Methods": ", ".join(methods),
            "Access-Control-Allow-Headers": _SENT,
            "Access-Control-Max-Age": str(_MAX_AGE_SECONDS),
        }

    def _allows(self, request: HTTPHeaders) -> bool:
        return self._allows_all or request.get("Origin") in self._origins
