"""FORUM's examples: five people, two posts with pictures, likes and a reply, sleep records."""

import io
from datetime import UTC, datetime

from bson import ObjectId
from PIL import Image

from repositories.forum import likes, posts, replies, sleep_records
from repositories.pictures import PictureRepository
from repositories.seeding import SeedRepository, seed_id
from repositories.storage import Storage
from repositories.types import Document
from services.accounts.passwords import PasswordHasher

PASSWORD = "example_password"  # noqa: S105 - the document's own example
_PEOPLE = ("user1", "user2", "user3", "user4", "user5")
_AT = datetime(2023, 10, 1, 12, 34, 56, tzinfo=UTC)
_COLOURS = ("#b5532a", "#2a6fb5")


def person(name: str, password_hash: bytes) -> Document:
    """A forum account."""
    return {
        "_id": seed_id(f"user {name}"),
        "phone_identifier": name,
        "username": name,
        "password_hash": password_hash,
        "type": "parent",
        "roles": ["user"],
        "is_active": True,
        "avatar_id": None,
        "created_at": _AT,
        "updated_at": _AT,
    }


def post(name: str, author: Document, content: str, at: datetime, **counts: int) -> Document:
    """A post without pictures; its number is given when it is inserted."""
    return {
        "_id": seed_id(f"post {name}"),
        "author_id": author["_id"],
        "author_name": author["username"],
        "content": content,
        "picture_ids": [],
        "likes": counts.get("likes", 0),
        "replies": counts.get("replies", 0),
        "created_at": at,
    }


async def seed(repository: SeedRepository, storage: Storage, hasher: PasswordHasher) -> int:
    """Add what is missing and tell how many documents that were."""
    password_hash = await hasher.hash(PASSWORD)
    people = [person(name, password_hash) for name in _PEOPLE]
    ids = [document["_id"] for document in people]
    added = await repository.insert_missing_accounts(people)
    first = post("1", people[0], "This is a forum post.", _AT, likes=5, replies=1)
    second = post("2", people[1], "This is another forum post.", _AT, likes=3)
    added += await _add_pictures(PictureRepository(storage), storage, first, ids[0])
    added += await repository.insert_missing(posts.COLLECTION, [first, second], numbered="postid")
    numbers = await repository.numbers_of(posts.COLLECTION, [first["_id"], second["_id"]], "postid")
    liked = [(numbers[first["_id"]], liker) for liker in ids]
    liked += [(numbers[second["_id"]], liker) for liker in ids[:3]]
    added += await repository.insert_missing(
        likes.COLLECTION,
        [
            {"_id": seed_id(f"like {postid} {liker}"), "user_id": liker, "postid": postid}
            for postid, liker in liked
        ],
    )
    reply = {
        "_id": seed_id("reply 1"),
        "postid": numbers[first["_id"]],
        "author_id": ids[2],
        "author_name": people[2]["username"],
        "content": "This is a reply.",
        "created_at": _AT,
    }
    added += await repository.insert_missing(replies.COLLECTION, [reply], numbered="reply_id")
    return added + await repository.insert_missing(
        sleep_records.COLLECTION, _sleep_records(ids[0]), numbered="number"
    )


async def _add_pictures(
    pictures: PictureRepository, storage: Storage, document: Document, owner_id: ObjectId
) -> int:
    added = 0
    for index, colour in enumerate(_COLOURS):
        picture_id = seed_id(f"picture {index}")
        document["picture_ids"].append(picture_id)
        if await pictures.find(picture_id) is not None:
            continue
        content = io.BytesIO()
        Image.new("RGB", (320, 200), colour).save(content, "PNG")
        metadata = {
            "owner_id": owner_id,
            "used_by": document["_id"],
            "content_type": "image/png",
        }
        async with storage.transaction() as tx:
            await pictures.insert(
                picture_id,
                f"{picture_id}-{_AT:%Y-%m-%dT%H:%M:%SZ}.png",
                content.getvalue(),
                metadata,
                tx=tx,
            )
        added += 1
    return added


def _sleep_records(user_id: ObjectId) -> list[Document]:
    examples = (("2024-10-19", "按时睡觉", "无"), ("2024-10-20", "熬夜", "赶周末ddl"))
    return [
        {
            "_id": seed_id(f"sleep record {day}"),
            "user_id": user_id,
            "date": day,
            "sleep_status": sleep_status,
            "note": note,
            "created_at": datetime.fromisoformat(f"{day}T22:00:00+00:00"),
        }
        for day, sleep_status, note in examples
    ]
