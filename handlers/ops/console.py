"""`/console`: what administrators see of the whole product, and what they can do about it."""

from pathlib import Path

from handlers.base import BaseHandler
from handlers.ops.console_views import OverviewView, RetriedView
from handlers.ops.explorer import FileHandler
from services.errors import NotFound

_PAGES = Path(__file__).parent / "pages"
_FILES = {
    "page.css": _PAGES / "console.css",
    "page.js": _PAGES / "console.js",
    **{
        f"{part}.js": _PAGES / f"console-{part}.js"
        for part in ("charts", "format", "panels", "session")
    },
}


class UnknownConsoleFile(NotFound):
    """The console has no such file."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__("The console has no such file")


class ConsoleHandler(FileHandler):
    """Watch the product in a browser."""

    async def get(self) -> None:
        """Added (issue 6): a page without data; it asks for that with an admin's token."""
        await self.send_file(_PAGES / "console.html")


class ConsoleFileHandler(FileHandler):
    """Get what the console is made of."""

    async def get(self, name: str) -> None:
        """One of its scripts and styles; no other file can be named."""
        if name not in _FILES:
            raise UnknownConsoleFile
        await self.send_file(_FILES[name])


class ConsoleDataHandler(BaseHandler):
    """See the figures of the whole product: accounts, posts, sales, reviews, outbox, traffic."""

    async def get(self) -> None:
        """Added (issue 6): the figures as of some seconds ago at most."""
        self.render(OverviewView.of(await self.services.console.overview.read()))


class RetryDeadLetterHandler(BaseHandler):
    """Try a message again that the outbox gave up; one that is on its way is left alone."""

    async def post(self, message_id: str) -> None:
        """Added (issue 6). It is in the audit log; repeating it does nothing more."""
        dead_letters = self.services.console.dead_letters
        self.render(RetriedView.of(await dead_letters.retry(message_id, actor=self.actor)))


class RetryDeadLettersHandler(BaseHandler):
    """Try every message again that the outbox gave up and that it is not too late for."""

    async def post(self) -> None:
        """Added (issue 6). Each is in the audit log."""
        dead_letters = self.services.console.dead_letters
        self.render(RetriedView.of(await dead_letters.retry_all(actor=self.actor)))
