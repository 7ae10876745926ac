"""Accounts with an email, of every kind that SOCIOX knows."""

from dataclasses import dataclass
from typing import Any

from bson import ObjectId

from services.access.actor import AdminPermission
from services.accounts.names import split_name
from services.accounts.passwords import PasswordHasher
from tests.harness import Api, Reply

PASSWORD = "secret1"
ADMIN = "/api/v1/admin"

_PARENT_ID = ObjectId("0123456789abcdef01234567")
KINDS: dict[str, dict[str, Any]] = {
    "user": {},
    "child": {"type": "child", "parent_id": _PARENT_ID},
    "customer_experience": {"roles": ["user", "customer_experience"]},
    "manager": {"roles": ["user", "manager"]},
    "admin with nothing": {"roles": ["user", "admin"], "permissions": []},
    **{
        f"admin with {name}": {"roles": ["user", "admin"], "permissions": [name.value]}
        for name in AdminPermission
    },
    "admin": {"roles": ["user", "admin"]},
    "superadmin": {"roles": ["user", "superadmin"]},
}
"""What is stored of an account of each kind beside what everybody has."""


@dataclass(frozen=True)
class Person:
    """An account and a token of it."""

    id: str
    email: str
    token: str


async def join(api: Api, local_part: str, **changes: Any) -> Person:
    """A new account `local_part`@example.com with PASSWORD, changed past HTTP."""
    hasher = PasswordHasher(cost=4)
    password_hash = await hasher.hash(PASSWORD)
    hasher.close()
    accounts, email = api.agora.services.accounts, f"{local_part}@example.com"
    user = await accounts.registration.insert_with_email(
        email, split_name(local_part.title()), password_hash
    )
    if changes:
        await api.agora.storage["users"].update_one({"_id": user["_id"]}, {"$set": changes})
    token = (await accounts.sessions.open(user["_id"])).access
    return Person(str(user["_id"]), email, token)


async def join_as(api: Api, kind: str, local_part: str | None = None) -> Person:
    """A new account of a kind."""
    if kind == "child":
        await api.agora.services.accounts.registration.insert_with_email(
            "parent@example.com", split_name("Parent"), None, _id=_PARENT_ID
        )
    return await join(api, local_part or kind.replace(" ", "."), **KINDS[kind])


def error(reply: Reply) -> tuple[int, str, str]:
    """Status, code and message of a refusal."""
    return reply.status, reply.body["error"]["code"], reply.body["error"]["message"]
