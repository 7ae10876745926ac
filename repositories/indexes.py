"""Every index of the product, by collection. An engine that lacks one makes it at start."""

from typing import Any

from pymongo import IndexModel

from repositories import pictures
from repositories.access import permissions, roles
from repositories.accounts import codes, oauth_states, sessions, throttles, users
from repositories.forum import likes, posts, replies, sleep_records
from repositories.messaging import outbox
from repositories.shop import (
    brands,
    cart,
    categories,
    idempotency_keys,
    orders,
    products,
    promotions,
)

INDEXES: dict[str, tuple[IndexModel, ...]] = {
    **{
        module.COLLECTION: module.INDEXES
        for module in (
            users,
            sessions,
            codes,
            throttles,
            oauth_states,
            roles,
            permissions,
            posts,
            replies,
            likes,
            sleep_records,
            pictures,
            outbox,
            products,
            cart,
            orders,
            idempotency_keys,
            promotions,
            categories,
            brands,
        )
    },
    pictures.CHUNKS_COLLECTION: pictures.CHUNKS_INDEXES,
    sessions.ROTATED_COLLECTION: sessions.ROTATED_INDEXES,
    promotions.USES_COLLECTION: promotions.USES_INDEXES,
}


async def ensure_indexes(storage: Any) -> None:
    """Make every index that is not there yet."""
    for collection, indexes in INDEXES.items():
        await storage[collection].create_indexes(list(indexes))
