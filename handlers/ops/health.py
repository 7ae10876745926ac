"""Whether the server runs, and whether it can work."""

from handlers.base import Answer, BaseHandler


class Status(Answer, frozen=True, kw_only=True):
    """`ok`."""

    status: str


_OK = Status(status="ok")


class HealthHandler(BaseHandler):
    """Tell that the process answers."""

    async def get(self) -> None:
        """SHOP, "Health Check"."""
        self.render(_OK)


class ReadyHandler(BaseHandler):
    """Tell that the storage answers too, and that no stop was asked for; else 503."""

    async def get(self) -> None:
        """For load balancers."""
        await self.services.health.check_ready()
        self.render(_OK)
