"""`/dev/outbox`: mail and SMS that would have gone out, for developers on their own machine."""

import html
from collections.abc import Iterable

from handlers.base import BaseHandler
from handlers.errors import UnknownRoute
from handlers.ops.local import is_local
from handlers.page_headers import content_policy, inline_style, set_page_headers
from services.messaging.outbox import OutboxEntry

_SHOWN = 50
_STYLE = """
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto;
         padding: 0 1rem; color: #222; background: #fafafa }
  article { background: #fff; border: 1px solid #ddd; border-radius: 6px;
            padding: .75rem 1rem; margin: 1rem 0 }
  header { color: #555; font-size: .9rem }
  h2 { font-size: 1rem; margin: .25rem 0 }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .5rem 0 0 }
"""
_POLICY = content_policy(inline_style(_STYLE))
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Outbox</title>
<style>{style}</style>
<h1>Outbox</h1>
<p>The newest {shown} messages. Without <code>--smtp-url</code> or <code>--sms-url</code> they
are held here.</p>
{messages}
"""


class DevOutboxHandler(BaseHandler):
    """Show the newest messages, only here and only to this machine."""

    async def get(self) -> None:
        """CONTRACT section 8. Elsewhere there is no such page."""
        if not self.services.development.is_loopback_only or not is_local(self.request):
            raise UnknownRoute
        entries = await self.services.outbox.recent(_SHOWN)
        set_page_headers(self, policy=_POLICY)
        page = _PAGE.format(style=_STYLE, shown=_SHOWN, messages=_messages(entries))
        self.send(page.encode(), "text/html; charset=utf-8")


def _messages(entries: Iterable[OutboxEntry]) -> str:
    return "\n".join(map(_message, entries)) or "<p>Nothing has been sent yet.</p>"


def _message(entry: OutboxEntry) -> str:
    status = "held" if entry.is_held else entry.status
    said = entry.text or entry.body or "(no longer kept)"
    facts = f"{entry.channel} · {entry.kind} · {status} · {entry.created_at:%Y-%m-%d %H:%M:%S} UTC"
    title = f"To {entry.to}" + (f": {entry.subject}" if entry.subject else "")
    return (
        f"<article><header>{html.escape(facts)}</header>"
        f"<h2>{html.escape(title)}</h2><pre>{html.escape(said)}</pre></article>"
    )
