"""SHOP "Authentication Routes" and SOCIOX "Register", with the documents' own examples."""

import re

from tests.factories import stored
from tests.harness import Api


async def test_an_account_from_registering_to_logging_out(api: Api):
    credentials = {"email": "user@example.com", "password": "SecurePassword123!"}
    reply = await api.post(
        "/api/v1/auth/register", {**credentials, "first_name": "John", "last_name": "Doe"}
    )
    assert reply.status == 201
    user = reply.body["data"]["user"]
    documented = {
        "email": "user@example.com",
        "first_name": "John",
        "last_name": "Doe",
        "active": True,
        "email_verified": False,
        "created_at": "2025-01-18T10:00:00Z",
        "updated_at": "2025-01-18T10:00:00Z",
    }
    assert documented.items() <= user.items()
    assert re.fullmatch("[0-9a-f]{24}", user["id"])

    (mail,) = await stored(api, "outbox")
    link = re.search(r"http://localhost:8000(\S+)", mail["text"])
    assert link
    assert (await api.get(link.group(1))).status == 200
    assert (await api.post(link.group(1), headers={"Content-Type": "text/plain"})).status == 200

    reply = await api.post("/api/v1/auth/login", credentials)
    assert reply.status == 200
    assert reply.body["data"]["user"] == {**user, "email_verified": True}
    refresh_token = reply.body["data"]["refresh_token"]

    reply = await api.post("/api/v1/auth/refresh", {"refresh_token": refresh_token})
    assert reply.status == 200
    assert reply.body["data"].keys() == {"access_token", "refresh_token", "expires_at"}
    token = reply.body["data"]["access_token"]

    reply = await api.get("/api/v1/auth/profile", token=token)
    assert reply.status == 200
    assert reply.body["data"] == {"user": {**user, "email_verified": True}, "roles": ["user"]}

    reply = await api.post("/api/v1/auth/logout", token=token)
    assert (reply.status, reply.content) == (204, b"")
    assert (await api.get("/api/v1/auth/profile", token=token)).status == 401


async def test_a_parent_of_sociox_registers_and_signs_in(api: Api):
    credentials = {"email": "xnikunjadu@gmail.com", "password": "yourpassword123"}
    reply = await api.post("/api/v1/auth/register", {**credentials, "name": "Test User"})
    assert reply.status == 201
    reply = await api.post("/api/auth/login", credentials)
    assert reply.status == 200
    assert reply.body["data"]["user"]["name"] == "Test User"
    assert reply.body["data"]["user"]["type"] == "parent"
    assert (await api.get("/api/auth/profile", token=reply.body["token"])).status == 200
