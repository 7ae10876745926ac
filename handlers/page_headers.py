"""What every page tells its browser: what it may load, and who may look into it."""

import base64
import hashlib

from handlers.base import BaseHandler

_YEAR_SECONDS = 365 * 24 * 3600
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # Links in mails carry tokens in their query.
    "Referrer-Policy": "no-referrer",
    # As `frame-ancestors`, for browsers from before it.
    "X-Frame-Options": "DENY",
    # Whoever opened the page in a window has no hold on that window.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_HTTPS_HEADERS = {**_HEADERS, "Strict-Transport-Security": f"max-age={_YEAR_SECONDS}"}


def content_policy(*sources: str) -> str:
    """A Content-Security-Policy: a page loads from `sources` and nothing else.

    A source is a directive such as `script-src 'self'`. In every page forms go to this
    server alone, and nobody has it in a frame.
    """
    return "; ".join(
        (
            "default-src 'none'",
            *sources,
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def inline_style(style: str) -> str:
    """The source that allows the text of one `<style>` in the page, and no other."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"style-src 'sha256-{digest}'"


# Swagger UI draws its arrows as data: pictures.
SCRIPTED_POLICY = content_policy(
    "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'"
)
"""For pages that are an application: scripts and styles are files of this server."""


def set_page_headers(handler: BaseHandler, *, policy: str, cache: str = "no-store") -> None:
    """Give an answer what every page has; `policy` is made by `content_policy`.

    `cache` is `no-cache` for a page that is the same for everybody. When the server's public
    address is https, browsers are told to come by nothing else for a year.
    """
    is_https: bool = handler.settings["is_https"]
    for name, value in (_HTTPS_HEADERS if is_https else _HEADERS).items():
        handler.set_header(name, value)
    handler.set_header("Content-Security-Policy", policy)
    handler.set_header("Cache-Control", cache)
