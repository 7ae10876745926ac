"""Users in the hands of admins."""

import msgspec

from handlers.bodies import Body
from handlers.pagination import Meta, PagedHandler, PageQuery
from handlers.parameters import Flag
from handlers.sociox.base import SocioxHandler
from services.sociox.user_filters import read_user_filter


class UsersQuery(PageQuery, frozen=True, kw_only=True):
    """Which users; `search` is what an address, a number or a word of a name begins with."""

    search: str | None = None
    kind: str | None = msgspec.field(default=None, name="type")
    active: Flag | None = None
    role: str | None = None


class UsersHandler(PagedHandler, SocioxHandler):
    """List users, by what they are called, type, role, and whether they are active."""

    async def get(self) -> None:
        """SOCIOX "Get List of users"; newest first, pages as in SHOP (CONTRACT section 5)."""
        query = self.read_query(UsersQuery)
        which = read_user_filter(
            search=query.search, kind=query.kind, active=query.active, role=query.role
        )
        page = await self.services.sociox.users.page(which, self.page_request())
        self.render_message(
            "Users retrieved successfully",
            [await self.view_user(user) for user in page.items],
            meta=Meta.of(page),
        )


class DeactivateHandler(SocioxHandler):
    """Shut an account out at once."""

    async def get(self, user_id: str) -> None:
        """SOCIOX "Deactivate User"; by GET as documented."""
        user = await self.services.sociox.users.deactivate(user_id, actor=self.actor)
        self.render_message("User deactivated successfully", await self.view_user(user))

    async def post(self, user_id: str) -> None:
        """The same by POST (CONTRACT section 5)."""
        await self.get(user_id=user_id)


class ReactivateHandler(SocioxHandler):
    """Let an account in again."""

    async def get(self, user_id: str) -> None:
        """SOCIOX "reactivate user"; by GET as documented."""
        user = await self.services.sociox.users.reactivate(user_id, actor=self.actor)
        self.render_message("User reactivated successfully", await self.view_user(user))

    async def post(self, user_id: str) -> None:
        """The same by POST (CONTRACT section 5)."""
        await self.get(user_id=user_id)


class UserHandler(SocioxHandler):
    """Delete an account."""

    async def delete(self, user_id: str) -> None:
        """SOCIOX "User delete"; its children and all that is theirs go too."""
        await self.services.sociox.users.delete(user_id, actor=self.actor)
        self.render_message("User deleted successfully")


class ResetLink(Body, frozen=True, kw_only=True):
    """Whose password is to be reset."""

    email: str


class SendResetLinkHandler(SocioxHandler):
    """Mail somebody a link for a new password."""

    async def post(self) -> None:
        """SOCIOX "send reset password link"."""
        body = self.parse(ResetLink)
        self.set_quotas(
            await self.services.sociox.users.send_reset_link(body.email, actor=self.actor)
        )
        self.render_message("Password reset link sent successfully")
