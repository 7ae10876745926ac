"""Lists of what steps have, without the array that makes each document large."""

import asyncio
from time import perf_counter
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING

from repositories.types import Document

_FIRST = 4
_MOST = 128
_STRETCH_SECONDS = 0.001


async def summaries_of(
    collection: Any, step_id: ObjectId | None, *, array: str, count: str
) -> list[Document]:
    """What is not deleted, or that of one step, oldest first; `count` in place of `array`.

    The array is dropped as soon as it is counted: letting go of those of a hundred forms
    together takes as long as reading them. What is read together is decoded at a stretch, a
    form of 100 questions in a millisecond, and requests are to come in between; how many make a
    millisecond is not known before some are read, so the last read's pace tells.
    """
    query: Document = {"is_deleted": False}
    if step_id is not None:
        query["step_id"] = step_id
    found: list[Document] = []
    size = _FIRST
    while True:
        began = perf_counter()
        some = await collection.find(query).sort("_id", ASCENDING).limit(size).to_list(size)
        for document in some:
            document[count] = len(document.pop(array))
        found += some
        if len(some) < size:
            return found
        pace = (perf_counter() - began) / size
        size = max(1, min(_MOST, int(_STRETCH_SECONDS / pace)))
        query["_id"] = {"$gt": some[-1]["_id"]}
        await asyncio.sleep(0)
