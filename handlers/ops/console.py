"""`/console`: what administrators see of the whole product, and what they can do about it."""

from handlers.base import BaseHandler
from handlers.ops.console_views import OverviewView, RetriedView


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
