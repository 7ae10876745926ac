"""The running application with a hand-set clock and no senders, and a client to call it."""

import re
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from tornado.httpclient import HTTPRequest
from tornado.simple_httpclient import SimpleAsyncHTTPClient

from config.bootstrap import Agora, bootstrap
from config.clock import choose_clock
from config.settings import Settings
from handlers.router import AgoraRouter
from handlers.server import Listener
from repositories.embedded import EmbeddedStore
from repositories.storage import EmbeddedStorage, Storage
from server import make_listener, make_router

SECRET = "a secret that is only used by tests, and long enough"


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2025, 1, 18, 10, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> None:
        """Move by `timedelta(**parts)`."""
        self.now += timedelta(**parts)


@dataclass(frozen=True)
class Reply:
    """What the server answered; `body` is the decoded JSON, if it was JSON."""

    status: int
    body: Any
    headers: Any
    content: bytes


@dataclass
class Api:
    """A client of one running application."""

    base_url: str
    agora: Agora
    clock: HandClock
    listener: Listener
    router: AgoraRouter
    plans: list[Any] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._client = SimpleAsyncHTTPClient(force_instance=True, max_clients=100)

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> Reply:
        """Send a request; `body` is JSON, or bytes as they are."""
        content = body if isinstance(body, bytes | None) else msgspec.json.encode(body)
        sent = {"Content-Type": "application/json", **(headers or {})}
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        response = await self._client.fetch(
            HTTPRequest(
                self.base_url + path,
                method=method,
                body=content,
                headers=sent,
                allow_nonstandard_methods=True,
                follow_redirects=False,
                request_timeout=30,
            ),
            raise_error=False,
        )
        is_json = response.headers.get("Content-Type", "") == "application/json"
        decoded = msgspec.json.decode(response.body) if is_json and response.body else None
        return Reply(response.code, decoded, response.headers, response.body)

    async def get(self, path: str, **options: Any) -> Reply:
        """GET a path."""
        return await self.call("GET", path, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> Reply:
        """POST to a path; without a body, an empty one."""
        return await self.call("POST", path, b"" if body is None else body, **options)

    async def sign_in(self, name: str = "13800138000", password: str = "secret1") -> str:
        """The access token of a forum account, made if need be."""
        credentials = {"phone_number": name, "password": password}
        await self.post("/api/register/", credentials)
        reply = await self.post("/api/login/", credentials)
        assert reply.status == 200, reply
        return str(reply.body["access"])

    async def create_post(self, token: str, content: str = "This is a post.", **more: Any) -> int:
        """The number of a new post."""
        reply = await self.post(
            "/api/forum/create_post/", {"content": content, **more}, token=token
        )
        assert reply.status == 201, reply
        return int(reply.body["postid"])

    async def last_sms(self) -> str:
        """What the newest SMS says."""
        entries = [
            entry for entry in await self.agora.services.outbox.recent(10) if entry.channel == "sms"
        ]
        return entries[0].body or ""

    async def last_code(self) -> str:
        """The six digits in the newest SMS."""
        found = re.search(r"\b[0-9]{6}\b", await self.last_sms())
        assert found
        return found.group()

    async def close(self) -> None:
        """Stop the application."""
        self._client.close()
        await self.listener.stop(within_seconds=1)
        await self.agora.close()


_made: list[tempfile.TemporaryDirectory[str]] = []


async def _made_store() -> Path:
    """A closed store as a first start leaves it: a copy is there in a tenth of the time."""
    if not _made:
        directory = tempfile.TemporaryDirectory(prefix="agora-tests-")
        storage = EmbeddedStorage(await EmbeddedStore.open(Path(directory.name), durable=False))
        agora = await bootstrap(
            Settings(storage="memory", jwt_secret=SECRET), storage=storage, senders={}
        )
        await agora.close()
        _made.append(directory)
    return Path(_made[0].name)


async def start(storage: Storage | None = None, **settings: Any) -> Api:
    """Run the application on a free port of the loopback."""
    fixed: dict[str, Any] = {"storage": "memory", "jwt_secret": SECRET, "bcrypt_cost": 4}
    chosen = Settings(**{"address": "127.0.0.1", **fixed, **settings})
    hand_clock = HandClock()
    clock = choose_clock(chosen, hand_clock)
    plans: list[Any] = []
    if storage is None:
        store = EmbeddedStore.in_memory(
            like=await _made_store(), observer=lambda *plan: plans.append(plan), clock=clock
        )
        storage = EmbeddedStorage(store)
    agora = await bootstrap(chosen, clock=clock, storage=storage, senders={})
    router = make_router(agora, chosen, lambda _handler: None)
    listener = make_listener(router, chosen)
    (port,) = listener.listen("127.0.0.1", [0])
    return Api(f"http://127.0.0.1:{port}", agora, hand_clock, listener, router, plans)
