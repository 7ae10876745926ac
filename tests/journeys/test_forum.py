"""FORUM, from registering to deleting the account, with the document's own examples."""

import base64

from tests.harness import Api
from tests.pictures import PNG


async def test_the_forum_from_registering_to_the_feed(api: Api):
    reply = await api.post(
        "/api/register/", {"username": "example_user", "password": "example_password"}
    )
    assert (reply.status, reply.body) == (201, {"message": "Registration successful"})

    reply = await api.post(
        "/api/login/", {"phone_number": "example_user", "password": "example_password"}
    )
    assert reply.status == 200
    assert reply.body.keys() == {"refresh", "access"}
    token, refresh = reply.body["access"], reply.body["refresh"]

    reply = await api.post("/api/token/refresh/", {"refresh": refresh})
    assert reply.status == 200
    assert reply.body.keys() == {"access"}

    reply = await api.post(
        "/api/forum/create_picture/",
        {
            "Authorization": f"Bearer {token}",
            "image_type": "jpg",
            "image_data": base64.b64encode(PNG).decode(),
        },
    )
    assert reply.status == 201
    filename = reply.body["filename"]
    assert filename.endswith("-2025-01-18T10:00:00Z.png")

    reply = await api.post(
        "/api/forum/create_post/",
        {
            "Authorization": f"Bearer {token}",
            "content": "This is a new forum post.",
            "picture_count": 1,
            "picture_names": [filename],
        },
    )
    assert (reply.status, reply.body) == (
        201,
        {"postid": 1, "created_at": "2025-01-18T10:00:00Z"},
    )

    reply = await api.post(
        "/api/forum/like_post/", {"Authorization": f"Bearer {token}", "postid": 1}
    )
    assert (reply.status, reply.body) == (200, {"likes": 1, "isliked": True})

    reply = await api.post(
        "/api/forum/reply_post/",
        {
            "Authorization": f"Bearer {token}",
            "postid": 1,
            "reply_content": "This is a reply to the forum post.",
        },
    )
    replies = [
        {
            "reply_id": 1,
            "username": "example_user",
            "content": "This is a reply to the forum post.",
        }
    ]
    assert (reply.status, reply.body) == (
        200,
        {"replies": replies, "reply_content": replies, "reply_count": 1},
    )

    reply = await api.post(
        "/api/forum/posts/", {"Authorization": f"Bearer {token}", "last_post_id": 10}
    )
    assert (reply.status, reply.body) == (
        200,
        {
            "posts": [
                {
                    "postid": 1,
                    "username": "example_user",
                    "content": "This is a new forum post.",
                    "created_at": "2025-01-18T10:00:00Z",
                    "picture_count": 1,
                    "likes": 1,
                    "replies": 1,
                    "reply_content": replies,
                    "isliked": True,
                }
            ]
        },
    )

    reply = await api.post(
        "/api/forum/get_picture/",
        {"Authorization": f"Bearer {token}", "postid": 1, "picture_index": 0},
    )
    assert reply.status == 200
    assert base64.b64decode(reply.body["image"]) == PNG

    reply = await api.post(
        "/api/forum/delete_post/", {"Authorization": f"Bearer {token}", "postid": 1}
    )
    assert (reply.status, reply.body) == (200, {"message": "Post deleted successfully"})
    reply = await api.post("/api/forum/posts/", token=token)
    assert reply.body == {"posts": []}

    reply = await api.post("/api/logout/", {"Authorization": f"Bearer {token}"})
    assert (reply.status, reply.body) == (200, {"message": "Successfully logged out."})
    reply = await api.post("/api/forum/posts/", token=token)
    assert (reply.status, reply.body) == (401, {"error": "Invalid or expired access token"})
