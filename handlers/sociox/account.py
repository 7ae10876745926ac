"""The caller's own account, from seeing it to the end of it."""

from handlers.bodies import Body
from handlers.sociox.base import SocioxHandler


class DeleteAccount(Body, frozen=True, kw_only=True):
    """The caller's address, if they like; what else the document shows is ignored."""

    email: str | None = None


class ConfirmDeletion(Body, frozen=True, kw_only=True):
    """The token of a mail's link."""

    token: str


class UserDetailsHandler(SocioxHandler):
    """See the caller's own account."""

    async def get(self) -> None:
        """SOCIOX "user details"."""
        user = await self.services.accounts.profile.get_user(actor=self.actor)
        self.render_message("User details retrieved successfully", await self.view_user(user))


class DeleteAccountHandler(SocioxHandler):
    """Mail the caller a link that deletes their account."""

    async def post(self) -> None:
        """SOCIOX "delete User"."""
        body = self.parse(DeleteAccount)
        self.set_quotas(await self.services.accounts.deletion.request(body.email, actor=self.actor))
        self.render_message("A mail with a link to confirm the deletion is on its way")


class ConfirmDeletionHandler(SocioxHandler):
    """Delete the account that a link was mailed to."""

    async def post(self) -> None:
        """SOCIOX "confim delete user"; the token is the proof (CONTRACT section 5)."""
        body = self.parse(ConfirmDeletion)
        await self.services.accounts.deletion.confirm(body.token)
        self.render_message("User deleted successfully")
