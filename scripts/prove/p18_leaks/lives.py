"""What people do with passwords, codes and tokens, well and badly."""

import itertools
from typing import Any

import msgspec

from config.bootstrap import Agora
from scripts.prove.history import History
from scripts.prove.http_client import HttpClient
from scripts.prove.p18_leaks.secrets import Answers, Secrets
from scripts.prove.stored import found_in, newest_message

_AUTH = "/api/v1/auth"


class Life:
    """Lives through it all, and notes what is secret in it."""

    def __init__(
        self,
        client: HttpClient,
        agora: Agora,
        answers: Answers,
        secrets: Secrets,
        history: History,
    ):
        self._client = client
        self._agora = agora
        self._answers = answers
        self._secrets = secrets
        self._history = history
        self._numbers = itertools.count(1)

    def _password(self) -> str:
        password = f"password-{next(self._numbers)}-of-a-proof"
        self._secrets.passwords.add(password)
        return password

    async def _ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        entry = self._history.sent(method, {"path": path.partition("?")[0]})
        reply = await self._client.call(method, path, body, token=token)
        entry.answered(reply.status)
        self._answers.add(reply.content)
        is_json = reply.headers.get("content-type", "").startswith("application/json")
        return reply.body if is_json and reply.content else None

    async def _post(self, path: str, body: Any, token: str | None = None) -> Any:
        return await self._ask("POST", path, body, token)

    async def _mailed(self, to: str, pattern: str) -> str:
        secret = found_in(await newest_message(self._agora.storage, to), pattern)
        self._secrets.mailed.add(secret)
        return secret

    async def by_email(self, number: int) -> None:
        """Register, sign in, refresh, change, forget, reset, mistype, leave."""
        email, first, second = f"some{number}@example.com", self._password(), self._password()
        body = {"email": email, "password": first, "name": "Some One"}
        await self._post(f"{_AUTH}/register", body)
        await self._mailed(email, r"verify-email\?token=(\S+)")
        answer = await self._post(f"{_AUTH}/login", {"email": email, "password": first})
        access, refresh = answer["data"]["access_token"], answer["data"]["refresh_token"]
        await self._post(f"{_AUTH}/refresh", {"refresh_token": refresh})
        changed = {"current_password": first, "new_password": second}
        await self._post(f"{_AUTH}/change-password", changed, access)
        await self._post(f"{_AUTH}/login", {"email": email, "password": self._password()})
        await self._post(f"{_AUTH}/refresh", {"refresh_token": refresh})
        await self._post("/api/auth/forgot-password", {"email": email})
        code = await self._mailed(email, r"^([0-9]{6})$")
        token = await self._mailed(email, r"reset-password\?token=(\S+)")
        await self._ask("GET", f"/reset-password?token={token}")
        reset = {"email": email, "otp": code, "newPassword": self._password()}
        await self._post("/api/auth/reset-password", reset)
        login = {"email": email, "password": reset["newPassword"]}
        access = (await self._post(f"{_AUTH}/login", login))["data"]["access_token"]
        await self._ask("GET", f"{_AUTH}/profile", token=access)
        child = {"email": f"child-{email}", "password": self._password(), "name": "Child"}
        await self._post("/api/users/child-users", {**child, "permissions": []}, access)
        await self._post("/api/users/delete", {"email": email}, access)
        await self._mailed(email, r"confirm-delete\?token=(\S+)")

    async def by_phone(self, number: int) -> None:
        """Register with a code and without, sign in, sign out."""
        phone = f"+8613{number:09d}"
        answer = await self._post("/api/send_verification_code/", {"phone_number": phone})
        code = await self._mailed(phone, r"\b([0-9]{6})\b")
        body = {"token": answer["token"], "code": code, "password": self._password()}
        await self._post("/api/verify-code/", body)
        name = {"phone_number": f"member{number}", "password": self._password()}
        await self._post("/api/register/", name)
        answer = await self._post("/api/login/", name)
        await self._post("/api/logout/", {"refresh": answer["refresh"]})

    async def badly(self) -> None:
        """What can't be read, or is sent to where it does not belong."""
        password, paths = self._password(), ("/api/login/", f"{_AUTH}/login", f"{_AUTH}/register")
        broken = msgspec.Raw(f'{{"password": "{password}'.encode())
        for path in paths:
            await self._post(path, broken)
            await self._post(path, {"email": password, "phone_number": 1, "password": [password]})
            await self._ask("GET", f"{path}?password={password}", token=password)
