"""Registering by SMS code."""

from handlers.base import SecretAnswer
from handlers.bodies import Body
from handlers.forum.base import ForumHandler
from handlers.forum.views import TokenPair


class SendCode(Body, frozen=True, kw_only=True):
    """Where the code goes."""

    phone_number: str

    missing = {"phone_number": "Phone number is required."}


class CodeSent(SecretAnswer, frozen=True, kw_only=True):
    """The token that goes with the code."""

    token: str
    message: str


class SendCodeHandler(ForumHandler):
    """Send a code by SMS to a number without an account."""

    async def post(self) -> None:
        """FORUM section 3, "Send SMS Code"."""
        sent = await self.services.accounts.verification.send_code(
            self.parse(SendCode).phone_number
        )
        self.set_quotas(sent.quota)
        self.render(CodeSent(token=sent.token, message="Verification code sent successfully."))


class VerifyCode(Body, frozen=True, kw_only=True):
    """The token, the code from the SMS, and the new account's password."""

    token: str
    code: str
    password: str

    missing = {
        "token": "Invalid token.",
        "code": "Invalid or expired verification code.",
        "password": "Password is required.",
    }


class VerifyCodeHandler(ForumHandler):
    """Make the account of a verified number and sign it in."""

    async def post(self) -> None:
        """FORUM section 4, "Verify SMS Code and Register"."""
        body = self.parse(VerifyCode)
        tokens = await self.services.accounts.verification.register(
            body.token, body.code, body.password
        )
        self.render(TokenPair(refresh=tokens.refresh, access=tokens.access))
