"""Guesses at passwords: names spelled differently, senders forged, let through or not."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from scripts.prove.history import History
from scripts.prove.http_client import HttpClient, Reply

#: What proxies and caches call the address of who asked.
_SENDER_HEADERS = (
    "X-Forwarded-For",
    "X-Real-IP",
    "X-Client-IP",
    "True-Client-IP",
    "CF-Connecting-IP",
    "Forwarded",
)
_LOGIN = "/api/login/"
_EMAIL_LOGINS = ("/api/v1/auth/login", "/api/auth/login", "/api/v1/admin/login")
_WRONG = "not the password"
_REFUSALS = (400, 401)
_LONGEST_WAIT_SECONDS = 900


def forged_address(chance: random.Random) -> str:
    """Any address, of either kind, or what is none."""
    kind = chance.random()
    if kind < 0.7:
        return ".".join(str(chance.randrange(256)) for _ in range(4))
    if kind < 0.9:
        return ":".join(f"{chance.randrange(1 << 16):x}" for _ in range(8))
    return chance.choice(
        ("127.0.0.1", "::1", "unknown", "10.0.0.1:80", "[::1]:80", "", "localhost")
    )


def forged_list(chance: random.Random) -> str:
    """Several of them, as if by way of proxies."""
    return ", ".join(forged_address(chance) for _ in range(chance.randint(1, 5)))


def forged_headers(chance: random.Random) -> dict[str, str]:
    """Headers that claim to come from elsewhere."""
    chosen = chance.sample(_SENDER_HEADERS, chance.randint(1, len(_SENDER_HEADERS)))
    headers = {name: forged_list(chance) for name in chosen}
    if "Forwarded" in headers:
        headers["Forwarded"] = f"for={forged_address(chance)}"
    return headers


@dataclass(frozen=True)
class Target:
    """An account whose password is guessed: a phone number, as digits, or an email address."""

    name: str

    @property
    def is_email(self) -> bool:
        """Whether it signs in with an email address."""
        return "@" in self.name

    def spelled(self, chance: random.Random) -> str:
        """The same name in other letters, or with spaces and dashes."""
        if self.is_email:
            cased = "".join(chance.choice((each.lower(), each.upper())) for each in self.name)
            return " " * chance.randint(0, 2) + cased + " " * chance.randint(0, 2)
        spaced = "".join(each + chance.choice(("", "", "", " ", "-")) for each in self.name)
        return chance.choice(("", "+")) + spaced

    def login(self, chance: random.Random, password: str) -> tuple[str, dict[str, str]]:
        """One of the ways to sign in: path and body."""
        name = self.spelled(chance)
        if self.is_email:
            return chance.choice(_EMAIL_LOGINS), {"email": name, "password": password}
        field_name = chance.choice(("phone_number", "username"))
        return _LOGIN, {field_name: name, "password": password}


@dataclass
class Guesses:
    """What came of guesses; every answer is either a refusal of the password or 429."""

    history: History
    let_through: Counter[str] = field(default_factory=Counter)
    throttled: int = 0
    spellings: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    @property
    def sent(self) -> int:
        """How many were answered."""
        return self.let_through.total() + self.throttled

    async def guess(
        self,
        client: HttpClient,
        target: Target,
        chance: random.Random,
        headers: Mapping[str, str],
    ) -> bool:
        """Guess a password, wrongly; whether it was let through. Raises NoAnswer."""
        path, body = target.login(chance, _WRONG)
        self.spellings.update(body[name] for name in body if name != "password")
        entry = self.history.sent("guess", {"at": target.name, "path": path, "headers": headers})
        reply = await client.call("POST", path, body, headers=headers)
        entry.answered(reply.status)
        if reply.status in _REFUSALS:
            self.let_through[target.name] += 1
            return True
        self._expect_throttled(reply)
        return False

    def _expect_throttled(self, reply: Reply) -> None:
        if reply.status != 429:
            self.problems.append(f"a guess was answered {reply.status} {reply.content[:100]!r}")
            return
        self.throttled += 1
        wait = reply.headers.get("retry-after", "")
        if not wait.isascii() or not wait.isdigit() or not 1 <= int(wait) <= _LONGEST_WAIT_SECONDS:
            self.problems.append(f"429 with Retry-After {wait!r}")

    async def guess_all(
        self,
        clients: Sequence[HttpClient],
        work: Iterator[Target],
        chance: random.Random,
        headers: Callable[[], Mapping[str, str]],
    ) -> None:
        """Guess at each target of `work`, from all clients at once. Raises NoAnswer."""

        async def go_on(client: HttpClient) -> None:
            for target in work:
                await self.guess(client, target, chance, headers())

        await asyncio.gather(*map(go_on, clients))


async def enters(
    client: HttpClient, target: Target, password: str, headers: Mapping[str, str]
) -> bool:
    """Whether the owner, who has the password, gets in. Raises NoAnswer."""
    path, field_name = (_EMAIL_LOGINS[0], "email") if target.is_email else (_LOGIN, "username")
    body = {field_name: target.name, "password": password}
    return (await client.call("POST", path, body, headers=headers)).status == 200
