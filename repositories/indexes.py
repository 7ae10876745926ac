"""Every index of the product, by collection. An engine that lacks one makes it at start."""

import logging
from collections.abc import Sequence
from typing import Any

from pymongo import IndexModel
from pymongo.errors import OperationFailure

from repositories import pictures
from repositories.access import audit_entries, permissions, roles
from repositories.accounts import codes, mailed_links, oauth_states, sessions, throttles, users
from repositories.forum import likes, posts, replies, sleep_records
from repositories.lms import (
    courses,
    enrollments,
    exam_attempts,
    exam_extensions,
    forms,
    materials,
    requirement_submissions,
    requirement_tables,
    step_progress,
    steps,
)
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
from repositories.sociox import ledger, plans, subscriptions
from repositories.storage import StorageRefused

_log = logging.getLogger("agora.storage")
# IndexOptionsConflict and IndexKeySpecsConflict.
_INDEX_DIFFERS = (85, 86)

INDEXES: dict[str, tuple[IndexModel, ...]] = {
    **{
        module.COLLECTION: module.INDEXES
        for module in (
            users,
            sessions,
            codes,
            throttles,
            oauth_states,
            mailed_links,
            roles,
            permissions,
            audit_entries,
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
            plans,
            subscriptions,
            ledger,
            courses,
            steps,
            materials,
            forms,
            requirement_tables,
            requirement_submissions,
            enrollments,
            step_progress,
            exam_attempts,
            exam_extensions,
        )
    },
    pictures.CHUNKS_COLLECTION: pictures.CHUNKS_INDEXES,
    sessions.ROTATED_COLLECTION: sessions.ROTATED_INDEXES,
    promotions.USES_COLLECTION: promotions.USES_INDEXES,
}


async def ensure_indexes(storage: Any) -> None:
    """Make every index that is not there yet, and anew what an older version made otherwise.

    Raises StorageRefused with what the engine says when it can't make one.
    """
    for collection, indexes in INDEXES.items():
        try:
            await _ensure(storage[collection], indexes)
        except OperationFailure as problem:
            said = (problem.details or {}).get("errmsg") or problem
            raise StorageRefused(
                f"The storage can't make the indexes of {collection}: {said}. Put its documents "
                "right, or use a storage that can: without its indexes nothing keeps them right."
            ) from problem


async def _ensure(collection: Any, indexes: Sequence[IndexModel]) -> None:
    try:
        await collection.create_indexes(list(indexes))
    except OperationFailure as problem:
        if problem.code not in _INDEX_DIFFERS:
            raise
        await _make_anew(collection, indexes)


async def _make_anew(collection: Any, indexes: Sequence[IndexModel]) -> None:
    for index in indexes:
        try:
            await collection.create_indexes([index])
        except OperationFailure as problem:
            if problem.code not in _INDEX_DIFFERS:
                raise
            name = index.document["name"]
            _log.warning("index %s of %s is made anew: it was defined otherwise", name, collection)
            known = await collection.index_information()
            await collection.drop_index(
                name if name in known else list(index.document["key"].items())
            )
            await collection.create_indexes([index])
