"""Google as an OAuth 2.0 provider: where it sends people, and who it says they are."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

import msgspec

from services.errors import DomainError, Invalid
from services.messaging.addresses import InvalidEmail, parse_email

_SCOPE = "openid email profile"
_TOKEN = re.compile(r"[\x21-\x7e]+")
# RFC 6749, section 5.2: the fault of this server's settings, not of the code.
_OUR_FAULT = ("invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope")


class PostForm(Protocol):
    """Posts a form; answers status and body, or raises OSError when none came."""

    async def __call__(self, url: str, fields: Mapping[str, str]) -> tuple[int, bytes]: ...


class Get(Protocol):
    """Reads an address; answers status and body, or raises OSError when none came."""

    async def __call__(self, url: str, headers: Mapping[str, str]) -> tuple[int, bytes]: ...


class CodeRefused(Invalid):
    """The provider does not take the authorization code."""

    code = "oauth_code_refused"

    def __init__(self) -> None:
        super().__init__("Google refused the authorization code; start the sign-in again")


class ProviderFailed(DomainError):
    """The provider did not answer, or not as it should."""

    code = "oauth_provider_failed"

    def __init__(self) -> None:
        super().__init__("Google can't be asked who you are; try again later")


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom Google vouches for; `email` in our one spelling, names may be empty."""

    sub: str
    email: str
    is_email_verified: bool
    given_name: str
    family_name: str


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """Who this server is to the provider, and where that is.

    `client_secret` is empty for a client that has none (RFC 6749, section 2.1, "public").
    """

    client_id: str
    client_secret: str
    auth_url: str
    token_url: str
    userinfo_url: str
    redirect_uri: str

    def __repr__(self) -> str:
        return f"OAuthClient({self.client_id})"


class _TokenAnswer(msgspec.Struct):
    access_token: str


class _Refusal(msgspec.Struct):
    error: str = ""


class _Userinfo(msgspec.Struct):
    sub: str
    email: str
    email_verified: Any = False
    given_name: Any = ""
    family_name: Any = ""


T = TypeVar("T")
_log = logging.getLogger("agora.google")


class GoogleProvider:
    """The authorization code flow (RFC 6749, section 4.1) and userinfo (OpenID Connect, 5.3)."""

    def __init__(self, client: OAuthClient, post_form: PostForm, get: Get):
        self._client = client
        self._post_form = post_form
        self._get = get

    def authorization_url(self, state: str) -> str:
        """Where somebody agrees to sign in here; they come back with a code and `state`."""
        client = self._client
        query = urlencode(
            {
                "response_type": "code",
                "client_id": client.client_id,
                "redirect_uri": client.redirect_uri,
                "scope": _SCOPE,
                "state": state,
            }
        )
        return f"{client.auth_url}{'&' if '?' in client.auth_url else '?'}{query}"

    async def identify(self, code: str) -> Identity:
        """Who agreed. Raises CodeRefused or ProviderFailed."""
        try:
            access_token = await self._exchange(code)
            headers = {"Authorization": f"Bearer {access_token}"}
            status, body = await self._get(self._client.userinfo_url, headers)
        except OSError:
            raise ProviderFailed from None
        if status != 200:
            raise ProviderFailed
        return _identity(_decoded(body, _Userinfo))

    async def _exchange(self, code: str) -> str:
        client = self._client
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "client_id": client.client_id,
            "redirect_uri": client.redirect_uri,
        }
        if client.client_secret:
            fields["client_secret"] = client.client_secret
        status, body = await self._post_form(client.token_url, fields)
        if status == 400 and _decoded(body, _Refusal).error not in _OUR_FAULT:
            raise CodeRefused
        if status != 200:
            _log.warning("The provider's token endpoint answered %d: %.200r", status, body)
            raise ProviderFailed
        token = _decoded(body, _TokenAnswer).access_token
        # It goes into a header.
        if not _TOKEN.fullmatch(token):
            raise ProviderFailed
        return token


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise ProviderFailed from None


def _identity(said: _Userinfo) -> Identity:
    """What userinfo says of a person (CONTRACT section 3, "Google")."""
    if not said.sub:
        raise ProviderFailed
    try:
        email = parse_email(said.email)
    except InvalidEmail:
        raise ProviderFailed from None
    return Identity(
        sub=said.sub,
        email=email,
        # Only `true` counts: not "true", and not 1.
        is_email_verified=said.email_verified is True,
        given_name=_text(said.given_name),
        family_name=_text(said.family_name),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
