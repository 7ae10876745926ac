"""Pages that links in mails open: a sentence, and a button that does the job."""

import html
from collections.abc import Mapping

from handlers.base import BaseHandler
from handlers.page_headers import content_policy, inline_style, set_page_headers
from handlers.parameters import Query
from services.accounts.mailed_links import InvalidLink
from services.errors import DomainError, Invalid

_STYLE = """
  body { font: 18px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto 0;
         padding: 0 1.5rem; color: #222; background: #fafafa }
  h1 { font-size: 1.4rem }
  label { display: block; margin-bottom: 1rem }
  input { font: inherit; display: block; width: 100%; box-sizing: border-box; padding: .4rem }
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
{form}
"""
_FORM = '<form method="post" enctype="text/plain">{fields}<button>{button}</button></form>'
_FIELD = (
    '<label>{label}<input type="password" name="{name}" autocomplete="new-password" required>'
    "</label>"
)
_MAX_FIELDS = 20
# No script at all, and nothing from elsewhere.
_POLICY = content_policy(inline_style(_STYLE))


class LinkQuery(Query, frozen=True, kw_only=True):
    """The token that the link of a mail carries."""

    token: str = ""


class UnreadableForm(Invalid):
    """What came is not what the page's form sends."""

    code = "unreadable_form"

    def __init__(self) -> None:
        super().__init__("The form can't be read; open the link of the mail again")


class PageHandler(BaseHandler):
    """A page of a link with a `token`: GET shows a button, the button's POST does the job.

    Never GET: programs that look through mails for what is bad open every link. The
    button is that of a form that posts to the page's own address: the token stays in the
    query it came in, which no referrer has and no log line shows, and is never written into
    the page. `text/plain`, because forms of the usual types are refused (CONTRACT section 2),
    and so no script is needed (docs/decisions/0006, 0011).
    """

    @property
    def token(self) -> str:
        """The link's token, '' without one."""
        return self.read_query(LinkQuery).token

    def read_form(self) -> dict[str, str]:
        """The fields of the page's form by name. Raises UnreadableForm.

        As HTML encodes a form as text/plain: `name=value` and a line break for each field.
        A password field holds no line break, so that nothing in it can pass for another.
        """
        # A megabyte of line breaks would hold the event loop, and no page has so many fields.
        if self.request.body.count(b"\r\n") > _MAX_FIELDS:
            raise UnreadableForm
        try:
            lines = self.request.body.decode().split("\r\n")
        except UnicodeDecodeError:
            raise UnreadableForm from None
        fields = (line.partition("=") for line in lines if line)
        return {name: value for name, _, value in fields}

    def render_page(
        self,
        title: str,
        text: str,
        *,
        button: str | None = None,
        passwords: Mapping[str, str] | None = None,
        status: int = 200,
    ) -> None:
        """Answer with a page; all that is given is text, not HTML.

        `passwords` are the fields above the button, each name with its label.
        """
        self.set_status(status)
        set_page_headers(self, policy=_POLICY)
        fields = "".join(
            _FIELD.format(name=html.escape(name), label=html.escape(label))
            for name, label in (passwords or {}).items()
        )
        form = _FORM.format(fields=fields, button=html.escape(button)) if button else ""
        page = _PAGE.format(
            title=html.escape(title), text=html.escape(text), style=_STYLE, form=form
        )
        self.send(page.encode(), "text/html; charset=utf-8")

    def render_error(self, error: DomainError, status: int) -> None:
        """Tell a person, who sees it in a browser."""
        if isinstance(error, InvalidLink):
            # A double click is two requests, and the browser shows the answer to the second.
            self.render_page(
                "This link no longer works",
                "It was used before or is too old. If you have just pressed its button twice, the "
                "first time did the job.",
                status=status,
            )
            return
        self.render_page("That did not work", f"{error.message.removesuffix('.')}.", status=status)
