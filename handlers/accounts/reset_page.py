"""The page that the link in a mail about a forgotten password opens."""

from handlers.pages import PageHandler
from services.accounts.passwords import InvalidPassword

_TITLE = "Choose a new password"
_FIELDS = {"password": "New password", "repeated": "The same again"}


class ResetPasswordPage(PageHandler):
    """Choose a new password in a browser."""

    async def get(self) -> None:
        """CONTRACT section 3, "Links in mails": the form, or that the link is dead."""
        await self.services.accounts.password_reset.check_link(self.token)
        self._render_form("It must have 6 to 72 characters.")

    async def post(self) -> None:
        """What the button does; once. A password that is refused can be typed anew."""
        given = self.read_form()
        password = given.get("password", "")
        if given.get("repeated") != password:
            self._render_form("The two passwords differ; nothing is changed yet.", status=400)
            return
        try:
            await self.services.accounts.password_reset.by_link(
                self.token, password, address=self.request.remote_ip or ""
            )
        except InvalidPassword as refused:
            self._render_form(refused.message, status=400)
            return
        self.render_page(
            "Your password is changed",
            "Whoever was signed in is signed out. You can close this page and sign in again.",
        )

    def _render_form(self, text: str, *, status: int = 200) -> None:
        self.render_page(_TITLE, text, button="Change password", passwords=_FIELDS, status=status)
