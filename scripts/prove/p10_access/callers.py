"""Who calls: an account of every kind, somebody without a token, and somebody with a wrong one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bson import ObjectId

from config.bootstrap import Agora
from services.access.actor import AdminPermission
from services.accounts.names import split_name

NONE, RUBBISH = "nobody", "a rubbish token"
USER, OTHER, CHILD = "user", "other user", "child"
CUSTOMER_EXPERIENCE, MANAGER = "customer_experience", "manager"
LIMITED_TO_NOTHING = "admin with nothing"
ADMIN, SUPERADMIN = "admin", "superadmin"
LIMITED = {each: f"admin with {each}" for each in AdminPermission}

#: What is stored of each kind beside what every account has; a child has its parent, too. An admin
#: "with" something is limited to it.
KINDS: Mapping[str, Mapping[str, Any]] = {
    USER: {},
    OTHER: {},
    CHILD: {"type": "child"},
    CUSTOMER_EXPERIENCE: {"roles": ["user", "customer_experience"]},
    MANAGER: {"roles": ["user", "manager"]},
    LIMITED_TO_NOTHING: {"roles": ["user", "admin"], "permissions": []},
    **{
        name: {"roles": ["user", "admin"], "permissions": [permission.value]}
        for permission, name in LIMITED.items()
    },
    ADMIN: {"roles": ["user", "admin"]},
    SUPERADMIN: {"roles": ["user", "superadmin"]},
}
CALLERS = (NONE, RUBBISH, *KINDS)
_RUBBISH_TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl"  # noqa: S105 - no secret


@dataclass(frozen=True)
class Account:
    """An account of some kind."""

    id: ObjectId
    email: str


class Callers:
    """The accounts, made past HTTP, and a token for whoever is to call next."""

    def __init__(self, agora: Agora):
        self._agora = agora
        self._made = 0
        self._tokens: dict[str, str] = {}
        self.accounts: dict[str, Account] = {}

    async def make(self, kind: str) -> Account:
        """A new account of a kind; one that is called for by its kind, if it is the first."""
        self._made += 1
        email = f"caller{self._made}@example.com"
        registration = self._agora.services.accounts.registration
        user = await registration.insert_with_email(email, split_name("Some Caller"), None)
        changes = dict(KINDS[kind])
        if kind == CHILD:
            changes["parent_id"] = self.accounts[USER].id
        if changes:
            users = self._agora.storage["users"]
            await users.update_one({"_id": user["_id"]}, {"$set": changes})
        account = Account(user["_id"], email)
        self.accounts.setdefault(kind, account)
        return account

    async def token(self, kind: str) -> str | None:
        """What a caller shows."""
        if kind == NONE:
            return None
        if kind == RUBBISH:
            return _RUBBISH_TOKEN
        if kind not in self._tokens:
            self._tokens[kind] = await self.token_of(self.accounts[kind])
        return self._tokens[kind]

    def forget(self, kind: str) -> None:
        """The caller's session may have ended: it signs in anew before the next call."""
        self._tokens.pop(kind, None)

    async def token_of(self, account: Account) -> str:
        """A new access token of an account."""
        return (await self._agora.services.accounts.sessions.open(account.id)).access
