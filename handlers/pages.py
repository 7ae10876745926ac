"""Pages that links in mails open: a sentence, and a button that does the job."""

import base64
import hashlib
import html

from handlers.base import BaseHandler
from services.errors import DomainError

_STYLE = """
  body { font: 18px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto 0;
         padding: 0 1.5rem; color: #222; background: #fafafa }
  h1 { font-size: 1.4rem }
  button { font: inherit; padding: .5rem 1.5rem; border: 0; border-radius: 6px;
           color: #fff; background: #1f5fbf; cursor: pointer }
"""
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
<h1>{title}</h1>
<p>{text}</p>
{button}
"""
_BUTTON = '<form method="post" enctype="text/plain"><button>{button}</button></form>'
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    # No script at all, nothing from elsewhere, and in nobody's frame.
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class PageHandler(BaseHandler):
    """A page of a link with a `token`: GET shows a button, the button's POST does the job.

    Never GET: programs that look through mails for what is bad open every link. The
    button is a form without fields that posts to the page's own address: the token stays
    in the query it came in, which no referrer has and no log line shows, and is never
    written into the page. `text/plain`, because forms of the usual types are refused
    (CONTRACT section 2), and so no script is needed.
    """

    @property
    def token(self) -> str:
        """The link's token, '' without one."""
        return self.get_query_argument("token", "")

    def render_page(
        self, title: str, text: str, *, button: str | None = None, status: int = 200
    ) -> None:
        """Answer with a page; all that is given is text, not HTML."""
        self.set_status(status)
        for name, value in _HEADERS.items():
            self.set_header(name, value)
        shown = _BUTTON.format(button=html.escape(button)) if button else ""
        page = _PAGE.format(
            title=html.escape(title), text=html.escape(text), style=_STYLE, button=shown
        )
        self.finish(page)

    def render_error(self, error: DomainError, status: int) -> None:
        """Tell a person, who sees it in a browser."""
        self.render_page("That did not work", f"{error.message}.", status=status)
