"""SOCIOX "Auth" and "USER OPERATION", with the document's own examples."""

import re
from typing import Any

from tests.factories import stored
from tests.harness import Api

REGISTER = {"email": "xnikunjadu2@gmail.com", "password": "yourpassword123", "name": "Test User"}
CHILD = {
    "email": "child@example.com",
    "password": "childewqepassword123",
    "name": "Child User",
    "permissions": ["create_posts", "view_analytics"],
}


async def _mailed(api: Api, kind: str, pattern: str) -> str:
    """What a mail of a kind says."""
    (mail,) = await stored(api, "outbox", {"kind": kind})
    found = re.search(pattern, mail["text"])
    assert found
    return found.group(1)


async def _sign_in(api: Api, email: str, password: str) -> Any:
    body = {"email": email, "password": password}
    return await api.post("/api/v1/auth/login", body)


async def test_a_parent_makes_a_child_who_signs_in(api: Api):
    reply = await api.post("/api/v1/auth/register", REGISTER)
    assert reply.status == 201
    parent = reply.body["token"]
    reply = await api.post("/api/users/child-users", CHILD, token=parent)
    assert reply.status == 201
    child = reply.body["data"]
    assert (child["email"], child["name"], child["type"], child["permissions"]) == (
        "child@example.com",
        "Child User",
        "child",
        ["create_posts", "view_analytics"],
    )
    reply = await _sign_in(api, "child@example.com", "childewqepassword123")
    assert reply.status == 200
    assert reply.body["token"]
    reply = await api.get("/api/users/details", token=reply.body["token"])
    assert (reply.status, reply.body["data"]) == (200, child)


async def test_a_forgotten_password_is_reset_by_the_code_of_a_mail(api: Api):
    await api.post("/api/v1/auth/register", REGISTER)
    email = "xnikunjadu2@gmail.com"
    assert (await api.post("/api/auth/forgot-password", {"email": email})).status == 200
    otp = await _mailed(api, "reset_password", r"\b([0-9]{6})\b")
    body = {"email": email, "otp": otp, "newPassword": "your-new-password"}
    assert (await api.post("/api/auth/reset-password", body)).status == 200
    assert (await _sign_in(api, email, "your-new-password")).status == 200
    assert (await api.post("/api/auth/reset-password", body)).status == 400


async def test_a_forgotten_password_is_reset_by_the_token_of_a_mail(api: Api):
    await api.post("/api/v1/auth/register", REGISTER)
    body = {"email": "xnikunjadu2@gmail.com"}
    assert (await api.post("/api/auth/forgot-password", body)).status == 200
    token = await _mailed(api, "reset_password", r"token=(\S+)")
    body = {"token": token, "newPassword": "123456"}
    assert (await api.post("/api/admin/users/reset-password", body)).status == 200
    assert (await _sign_in(api, "xnikunjadu2@gmail.com", "123456")).status == 200


async def test_an_account_is_deleted_by_the_token_of_a_mail(api: Api):
    register = {**REGISTER, "email": "xnikunja@gmail.com", "name": "Nikunja"}
    token = (await api.post("/api/v1/auth/register", register)).body["token"]
    body = {"name": "Nikunja", "email": "xnikunja@gmail.com", "picture": "dsafsd"}
    assert (await api.post("/api/v1/users/delete", body, token=token)).status == 200
    assert (await api.get("/api/users/details", token=token)).status == 200
    proof = await _mailed(api, "confirm_deletion", r"token=(\S+)")
    assert (await api.post("/api/users/confirm-delete", {"token": proof})).status == 200
    assert (await api.get("/api/users/details", token=token)).status == 401
    assert (await _sign_in(api, "xnikunja@gmail.com", REGISTER["password"])).status == 401
