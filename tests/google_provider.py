"""A small OAuth 2.0 provider on the loopback, in Google's place."""

import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler

from tests.harness import Api, Reply

CLIENT_ID, CLIENT_SECRET = "agora.apps.example", "the secret of agora"
REDIRECT_URI = "http://localhost:8000/api/v1/auth/google/callback"
JOHN: dict[str, Any] = {
    "sub": "1080",
    "email": "john@example.com",
    "email_verified": True,
    "given_name": "John",
    "family_name": "Doe",
}


@dataclass
class Provider:
    """Gives codes for identities; `token_answer` and `userinfo_answer` replace its answers."""

    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    token_answer: tuple[int, bytes] | None = None
    userinfo_answer: tuple[int, bytes] | None = None
    exchanges: int = 0
    client_secret: str = CLIENT_SECRET

    def __post_init__(self) -> None:
        application = Application(
            [
                ("/token", _TokenHandler, {"provider": self}),
                ("/userinfo", _UserinfoHandler, {"provider": self}),
            ],
            log_function=lambda _handler: None,
        )
        (socket,) = bind_sockets(0, "127.0.0.1")
        self._server = HTTPServer(application)
        self._server.add_sockets([socket])
        self.base = f"http://127.0.0.1:{socket.getsockname()[1]}"

    @property
    def settings(self) -> dict[str, str]:
        """The server's settings that lead here."""
        return {
            "google_client_id": CLIENT_ID,
            "google_client_secret": self.client_secret,
            "google_auth_url": f"{self.base}/auth?prompt=select_account",
            "google_token_url": f"{self.base}/token",
            "google_userinfo_url": f"{self.base}/userinfo",
        }

    def grant(self, **identity: Any) -> str:
        """A code of somebody who agreed: John, or who differs from him by `identity`."""
        code = secrets.token_urlsafe(8)
        self.codes[code] = {**JOHN, **identity}
        return code

    async def stop(self) -> None:
        """Close every connection."""
        self._server.stop()
        await self._server.close_all_connections()


class _ProviderHandler(RequestHandler):
    def initialize(self, provider: Provider) -> None:
        self.provider = provider

    def answer(self, status: int, body: dict[str, Any] | bytes) -> None:
        self.set_status(status)
        if status == 302:
            self.set_header("Location", f"{self.provider.base}/userinfo")
        self.finish(body)


class _TokenHandler(_ProviderHandler):
    def post(self) -> None:
        provider = self.provider
        provider.exchanges += 1
        if provider.token_answer is not None:
            self.answer(*provider.token_answer)
            return
        sent = {name: values[0] for name, values in parse_qs(self.request.body.decode()).items()}
        code = sent.pop("code")
        assert sent == {
            "grant_type": "authorization_code",
            "client_id": CLIENT_ID,
            **({"client_secret": provider.client_secret} if provider.client_secret else {}),
            "redirect_uri": REDIRECT_URI,
        }
        if code not in provider.codes:
            self.answer(400, {"error": "invalid_grant"})
            return
        token = secrets.token_urlsafe(8)
        provider.tokens[token] = provider.codes.pop(code)
        self.answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": 3599})


class _UserinfoHandler(_ProviderHandler):
    def get(self) -> None:
        if self.provider.userinfo_answer is not None:
            self.answer(*self.provider.userinfo_answer)
            return
        scheme, _, token = self.request.headers["Authorization"].partition(" ")
        assert scheme == "Bearer"
        self.answer(200, self.provider.tokens[token])


def callback(**query: str) -> str:
    """The path that Google sends somebody back to."""
    return "/api/v1/auth/google/callback?" + urlencode(query)


async def begin(api: Api) -> str:
    """The state of a sign-in that has begun."""
    reply = await api.get("/api/v1/auth/google")
    assert reply.status == 200, reply
    return str(reply.body["data"]["state"])


async def come_back(api: Api, provider: Provider, **identity: Any) -> Reply:
    """Go to Google and come back as somebody."""
    state = await begin(api)
    return await api.get(callback(code=provider.grant(**identity), state=state))
