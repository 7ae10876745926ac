"""Many users with email addresses, the same ones each time: for measuring the list of users."""

from datetime import UTC, datetime, timedelta
from random import Random

from tqdm import tqdm

from repositories.seeding import SeedRepository, seed_id
from repositories.types import Document

_SLICE = 500
_START = datetime(2024, 1, 1, tzinfo=UTC)
_FIRST_NAMES = ("ada", "ben", "chloe", "dan", "eva", "finn", "grace", "hugo", "ines", "jan")
_LAST_NAMES = ("ash", "birch", "cedar", "elm", "fir", "ginkgo", "hazel", "ivy", "juniper", "oak")


async def seed(repository: SeedRepository, count: int) -> int:
    """Add `count` users where missing; nobody can sign in as one of them."""
    added = 0
    with tqdm(total=count, unit="user", desc="users") as progress:
        for start in range(0, count, _SLICE):
            some = [_user(number) for number in range(start, min(start + _SLICE, count))]
            added += await repository.insert_missing_accounts(some)
            progress.update(len(some))
    return added


def _user(number: int) -> Document:
    random = Random(number)  # noqa: S311 - the same users each time is what is wanted
    first, last = random.choice(_FIRST_NAMES), random.choice(_LAST_NAMES)
    at = _START + timedelta(minutes=number)
    return {
        "_id": seed_id(f"scale user {number}"),
        "email": f"{first}.{last}.{number}@example.com",
        "email_verified": True,
        "first_name": first.title(),
        "last_name": last.title(),
        "username": first.title(),
        # No password has this hash, which also spares the time to make one for each.
        "password_hash": b"!",
        "type": "parent",
        "roles": ["user"],
        "is_active": random.random() < 0.95,
        "avatar_id": None,
        "created_at": at,
        "updated_at": at,
    }
