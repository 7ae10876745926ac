"""Forgotten passwords: asking for a mail, and a new password by what is in it."""

from handlers.bodies import Body
from handlers.sociox.base import SocioxHandler


class ForgotPassword(Body, frozen=True, kw_only=True):
    """Whose password is forgotten."""

    email: str


class ResetByCode(Body, frozen=True, kw_only=True, rename="camel"):
    """The code of a mail, the address that it came to, and the password to be."""

    email: str
    otp: str
    new_password: str


class ResetByLink(Body, frozen=True, kw_only=True, rename="camel"):
    """The token of a mail's link, and the password to be."""

    token: str
    new_password: str


class ForgotPasswordHandler(SocioxHandler):
    """Mail a link and a code to whoever forgot a password."""

    async def post(self) -> None:
        """SOCIOX "ForgotPassword"; the same for an address that nobody has."""
        body = self.parse(ForgotPassword)
        await self.services.accounts.password_reset.request(body.email)
        self.render_message("If an account has this address, a mail is on its way to it")


class ResetByCodeHandler(SocioxHandler):
    """Set a new password by a mail's code."""

    async def post(self) -> None:
        """SOCIOX "Reset Email Password"."""
        body = self.parse(ResetByCode)
        await self.services.accounts.password_reset.by_code(
            body.email, body.otp, body.new_password, address=self.request.remote_ip or ""
        )
        self.render_message("Password reset successfully")


class ResetByLinkHandler(SocioxHandler):
    """Set a new password by the token of a mail's link."""

    async def post(self) -> None:
        """SOCIOX "reset user password"; the token is the proof (CONTRACT section 5)."""
        body = self.parse(ResetByLink)
        await self.services.accounts.password_reset.by_link(
            body.token, body.new_password, address=self.request.remote_ip or ""
        )
        self.render_message("Password reset successfully")
