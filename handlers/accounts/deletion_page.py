"""The page that the link in a mail about the deletion of an account opens."""

from handlers.pages import PageHandler


class ConfirmDeletionPage(PageHandler):
    """Delete one's account in a browser."""

    async def get(self) -> None:
        """CONTRACT section 3, "Links in mails": the button, or that the link is dead."""
        await self.services.accounts.deletion.check_link(self.token)
        self.render_page(
            "Delete your account",
            "Your account is deleted for good, with all that is yours and with its child users. "
            "This can't be undone.",
            button="Delete my account",
        )

    async def post(self) -> None:
        """What the button does; once."""
        await self.services.accounts.deletion.confirm(self.token)
        self.render_page(
            "Your account is deleted", "All that was yours is gone. You can close this page."
        )
