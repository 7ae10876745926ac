"""What tests need and do not care about: pictures, accounts, and a look into the store."""

import base64
from typing import Any

from services.accounts.passwords import PasswordHasher
from tests.harness import Api
from tests.pictures import PNG


def as_base64(data: bytes) -> str:
    """Plain base64, as clients send pictures."""
    return base64.b64encode(data).decode()


async def upload(api: Api, token: str, data: bytes = PNG, image_type: str = "png") -> str:
    """The file name of a new picture."""
    reply = await api.post(
        "/api/forum/create_picture/",
        {"image_type": image_type, "image_data": as_base64(data)},
        token=token,
    )
    assert reply.status == 201, reply
    return str(reply.body["filename"])


async def sign_in_many(api: Api, count: int) -> list[str]:
    """Access tokens of as many accounts, made without HTTP."""
    hasher = PasswordHasher(cost=4)
    password_hash = await hasher.hash("secret1")
    hasher.close()
    tokens = []
    for number in range(count):
        user = await api.agora.services.accounts.registration.insert_with_phone(
            f"member{number}", password_hash
        )
        tokens.append((await api.agora.services.accounts.sessions.open(user["_id"])).access)
    return tokens


async def tokens_of(api: Api, name: str, password: str = "secret1") -> tuple[str, str]:
    """The access and the refresh token of a new sign-in to an existing account."""
    reply = await api.post("/api/login/", {"phone_number": name, "password": password})
    assert reply.status == 200, reply
    return str(reply.body["access"]), str(reply.body["refresh"])


async def stored(
    api: Api, collection: str, query: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The documents of a collection; a test's own look is no query of the product."""
    planned = len(api.plans)
    found = await api.agora.storage[collection].find(query or {}).to_list(None)
    del api.plans[planned:]
    return found


async def change_user(api: Api, name: str, **changes: Any) -> None:
    """Change an account as an administrator would, past HTTP."""
    result = await api.agora.storage["users"].update_one(
        {"phone_identifier": name}, {"$set": changes}
    )
    assert result.matched_count == 1


async def feed(api: Api, token: str, **page: Any) -> list[dict[str, Any]]:
    """A page of the feed."""
    reply = await api.post("/api/forum/posts/", page, token=token)
    assert reply.status == 200, reply
    return list(reply.body["posts"])
