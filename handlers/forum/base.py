"""What FORUM's handlers share: its envelope, its words, and tokens in the body."""

from collections.abc import Mapping
from typing import Any, ClassVar

from handlers.base import METHODS_WITHOUT_BODY, Answer, BaseHandler, as_bearer_token
from handlers.bodies import MalformedBody
from services.accounts.sessions import (
    InvalidAccessToken,
    InvalidRefreshToken,
    TokenRequired,
)
from services.accounts.sign_in import InvalidCredentials
from services.errors import DomainError


class ForumError(Answer, frozen=True, kw_only=True):
    """FORUM's envelope of an error."""

    error: str


class ForumHandler(BaseHandler):
    """A route of FORUM or FORUM-OLD: errors are `{"error": "..."}`."""

    error_answers: ClassVar[tuple[type[Answer], ...]] = (ForumError,)

    words: Mapping[type[DomainError], str] = {
        TokenRequired: "Access token is required",
        InvalidAccessToken: "Invalid or expired access token",
        InvalidRefreshToken: "Invalid or expired refresh token",
        InvalidCredentials: "Invalid username or password",
    }
    """What the document says where a shared error has other words."""

    def error_body(self, error: DomainError) -> Any:
        """FORUM's envelope."""
        return ForumError(error=self.words.get(type(error), error.message))


class TokenInBodyHandler(ForumHandler):
    """A route that also takes `"Authorization": "Bearer ..."` in its JSON body."""

    def bearer_token(self) -> str | None:
        """The header's token, which wins even when it is bad, else the body's."""
        token = super().bearer_token()
        if token is not None or self.request.method in METHODS_WITHOUT_BODY:
            return token
        try:
            return as_bearer_token(self.body_object().get("Authorization"))
        except MalformedBody:
            # Who asks is settled before the body is; without a token that is read, nobody.
            return None


class UnauthenticatedWords(ForumHandler):
    """A route whose document has one message for a missing and a bad token."""

    unauthenticated: ClassVar[str] = "User is not authenticated"

    def error_body(self, error: DomainError) -> Any:
        """FORUM's envelope, with the route's own message."""
        if isinstance(error, TokenRequired | InvalidAccessToken):
            return ForumError(error=self.unauthenticated)
        return super().error_body(error)
