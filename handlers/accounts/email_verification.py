"""Verifying an account's email address, for SHOP and SOCIOX alike."""

from handlers.base import Answer
from handlers.data import DataHandler
from handlers.pages import PageHandler


class VerifyEmailHandler(PageHandler):
    """The page that the link in a verification mail opens."""

    async def get(self) -> None:
        """CONTRACT section 3, "Links in mails": the button, and nothing done."""
        self.render_page(
            "Confirm your email address",
            "Press the button to confirm that this email address is yours.",
            button="Confirm",
        )

    async def post(self) -> None:
        """What the button does; once."""
        await self.services.accounts.email_verification.verify(self.token)
        self.render_page("Thank you", "Your email address is confirmed. You can close this page.")


class Sent(Answer, frozen=True, kw_only=True):
    """That a mail is on its way, if it is within the limit."""

    message: str


class ResendVerificationHandler(DataHandler):
    """Mail the caller another link to verify their address."""

    async def post(self) -> None:
        """Added for whoever missed the first mail; at most 5 an hour (CONTRACT section 3)."""
        await self.services.accounts.email_verification.send_again(actor=self.actor)
        self.render_data(Sent(message="Verification mail sent"))
