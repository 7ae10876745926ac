"""A store of many posts and pictures, written directly: over HTTP it would take an hour."""

import random
from datetime import UTC, datetime, timedelta

from bson import ObjectId
from tqdm import tqdm

from repositories.forum import posts
from repositories.pictures import PictureRepository
from repositories.seeding import SeedRepository
from repositories.storage import Storage
from scripts.seeding.forum import person, post

_START = datetime(2024, 1, 1, tzinfo=UTC)
_AT_ONCE = 500
_PICTURE_BYTES = 1_000_000


async def fill(
    storage: Storage, *, post_count: int, picture_mb: int, chance: random.Random
) -> None:
    """Add posts of one account, and uploads of theirs, 10^6 bytes each, that no post shows yet."""
    repository = SeedRepository(storage)
    author = person("filled", b"!")  # no password has this hash
    await repository.insert_missing_accounts([author])
    for first in tqdm(range(0, post_count, _AT_ONCE), desc="posts", disable=None):
        numbers = range(first, min(first + _AT_ONCE, post_count))
        documents = [
            post(f"filled {number}", author, f"filled post {number}", _at(number))
            for number in numbers
        ]
        await repository.insert_missing(posts.COLLECTION, documents, numbered="postid")
    pictures = PictureRepository(storage)
    metadata = {"owner_id": author["_id"], "used_by": None, "content_type": "image/png"}
    for number in tqdm(range(picture_mb), desc="pictures", unit="MB", disable=None):
        name, data = f"filled-{number}.png", chance.randbytes(_PICTURE_BYTES)
        async with storage.transaction() as tx:
            await pictures.insert(ObjectId(), name, data, metadata, tx=tx)


def _at(number: int) -> datetime:
    return _START + timedelta(minutes=number)
