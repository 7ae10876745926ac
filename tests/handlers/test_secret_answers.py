"""What holds a token is kept by no cache (RFC 6749, section 5.1)."""

from typing import Any

import msgspec

from handlers.base import answers_secret
from handlers.routes import ROUTES
from handlers.routing import Route
from tests.harness import Api, Reply
from tests.sociox.people import PASSWORD, join, join_as

_SECRET_FIELDS = {"access", "refresh", "access_token", "refresh_token", "token"}
_PHONE = {"phone_number": "13800138000", "password": "secret1"}


def _fields(kind: msgspec.inspect.Type) -> set[str]:
    """The names of all fields in a type, at any depth."""
    if isinstance(kind, msgspec.inspect.StructType):
        return {field.encode_name for field in kind.fields}.union(
            *(_fields(field.type) for field in kind.fields)
        )
    parts: tuple[Any, ...] = getattr(kind, "types", ())
    item = getattr(kind, "item_type", None)
    return set().union(*(_fields(part) for part in (*parts, *([item] if item else []))))


def _tells_secrets(route: Route) -> bool:
    return bool(_SECRET_FIELDS & _fields(msgspec.inspect.type_info(route.answer)))


def test_each_route_that_answers_a_token_says_so():
    told = {route.path for route in ROUTES if _tells_secrets(route)}
    assert "/api/login/" in told
    # The `state` of a sign-in that is begun, which other answers call a part of an address.
    assert told | {"/api/v1/auth/google"} == {
        route.path for route in ROUTES if answers_secret(route)
    }


async def test_tokens_are_not_to_be_kept(api: Api):
    person, admin = await join(api, "ann"), await join_as(api, "admin")
    await api.post("/api/register/", _PHONE)
    sent: list[Reply] = [
        await api.post("/api/login/", _PHONE),
        await api.post("/api/v1/auth/login", {"email": person.email, "password": PASSWORD}),
        await api.post("/api/v1/admin/login", {"email": admin.email, "password": PASSWORD}),
        await api.post("/api/send_verification_code/", {"phone_number": "13900139000"}),
    ]
    refresh = {"refresh": sent[0].body["refresh"]}
    sent.append(await api.post("/api/token/refresh/", refresh))
    tokens = sent[1].body["data"]
    sent.append(await api.post("/api/auth/refresh", {"refresh_token": tokens["refresh_token"]}))
    assert [reply.status for reply in sent] == [200] * 6
    assert [reply.headers.get("Cache-Control") for reply in sent] == ["no-store"] * 6
    for body in ({**_PHONE, "password": "another"}, {}):
        refused = await api.post("/api/login/", body)
        assert (refused.status, refused.headers.get("Cache-Control")) == (400, None)
