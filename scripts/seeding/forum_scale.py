"""A large forum, the same one each time: for measuring, and for trying things out."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

from tqdm import tqdm

from repositories.forum import likes, posts, replies
from repositories.seeding import SeedRepository, seed_id
from repositories.types import Document
from scripts.seeding.forum import person, post

_PEOPLE = 1_000
_SLICE = 500
_START = datetime(2024, 1, 1, tzinfo=UTC)
_TEXT = (
    "today the river was calm and nobody spoke of sleep while seven lamps burned late over "
    "small letters from home about rain bread music and the long road between two quiet towns"
)
_WORDS = _TEXT.split()


async def seed(repository: SeedRepository, scale: int) -> int:
    """Add `scale` posts with half as many replies and twice as many likes, where missing."""
    # No password has this hash: nobody can sign in as one of them.
    people = [person(f"scale-{number}", b"!") for number in range(_PEOPLE)]
    added = 0
    for start in range(0, _PEOPLE, _SLICE):
        part = people[start : start + _SLICE]
        added += await repository.insert_missing_accounts(part)
    with tqdm(total=scale, unit="post", desc="forum") as progress:
        for start in range(0, scale, _SLICE):
            count = min(_SLICE, scale - start)
            added += await _add_slice(repository, start, count, people)
            progress.update(count)
    return added


async def _add_slice(
    repository: SeedRepository, start: int, count: int, people: list[Document]
) -> int:
    """Posts `start` and following, with all that hangs on them."""
    random = Random(start)  # noqa: S311 - the same forum each time is what is wanted
    likers = [random.sample(people, random.randint(0, 4)) for _ in range(count)]
    # Every second post of the slice, on average, has a reply.
    replied = [random.randrange(count) for _ in range(count // 2)]
    reply_counts = Counter(replied)
    written = [
        post(
            f"scale {start + index}",
            random.choice(people),
            _text(random, 12, 60),
            _START + timedelta(minutes=start + index),
            likes=len(likers[index]),
            replies=reply_counts[index],
        )
        for index in range(count)
    ]
    added = await repository.insert_missing(posts.COLLECTION, written, numbered="postid")
    numbers = await repository.numbers_of(
        posts.COLLECTION, [document["_id"] for document in written], "postid"
    )
    postids = [numbers[document["_id"]] for document in written]
    added += await repository.insert_missing(
        likes.COLLECTION,
        [
            {
                "_id": seed_id(f"scale like {start + index} {liker['_id']}"),
                "user_id": liker["_id"],
                "postid": postids[index],
            }
            for index in range(count)
            for liker in likers[index]
        ],
    )
    answered = [(order, index, random.choice(people)) for order, index in enumerate(replied)]
    return added + await repository.insert_missing(
        replies.COLLECTION,
        [
            {
                "_id": seed_id(f"scale reply {start} {order}"),
                "postid": postids[index],
                "author_id": author["_id"],
                "author_name": author["username"],
                "content": _text(random, 4, 20),
                "created_at": _START + timedelta(minutes=start + index, hours=1),
            }
            for order, index, author in answered
        ],
        numbered="reply_id",
    )


def _text(random: Random, least: int, most: int) -> str:
    return " ".join(random.choices(_WORDS, k=random.randint(least, most))).capitalize() + "."
