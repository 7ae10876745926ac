"""What SOCIOX's handlers share: `{"message": ..., "data": ...}`, and its way with unknown ids."""

from collections.abc import Mapping
from typing import Any, ClassVar

from handlers.accounts.user_view import UserView
from handlers.base import BaseHandler
from handlers.routing import Access, Route
from repositories.types import Document
from services.errors import DomainError, NotFound


class SocioxHandler(BaseHandler):
    """A route of SOCIOX; its errors have the envelope of `BaseHandler`."""

    envelope: ClassVar[tuple[str, ...]] = ("message", "data")

    # CONTRACT section 2: an entity that does not exist is 400 where the document lists 400.
    statuses: Mapping[type[DomainError], int] = {NotFound: 400}

    def render_message(
        self, message: str, data: Any = None, *, meta: Any = None, status: int = 200
    ) -> None:
        """Answer with the entity itself, an array for lists, null for nothing."""
        answer = {"message": message, "data": data}
        self.render(answer if meta is None else {**answer, "meta": meta}, status=status)

    async def view_user(self, user: Document, *, shows_phone_number: bool = True) -> UserView:
        """An account as the one user object of CONTRACT section 3; see `UserView.of`."""
        roles = await self.services.access.assignments.names_in(user)
        return UserView.of(user, roles, shows_phone_number=shows_phone_number)


def served(
    method: str, path: str, handler: type[BaseHandler], access: Access, **types: Any
) -> Route:
    """A route of SOCIOX under both `/api/v1` and `/api` (CONTRACT section 1).

    `path` is what follows them; `types` are what else `Route` takes.
    """
    return Route(method, f"/api/v1{path}", handler, access, aliases=(f"/api{path}",), **types)
