"""Indexes at the start of a newer version (`repositories/indexes.py`)."""

from pathlib import Path

import pytest
from pymongo import ASCENDING, IndexModel

from repositories import indexes
from repositories.storage import StorageRefused, open_storage


@pytest.mark.parametrize(
    "older",
    [
        IndexModel([("postid", ASCENDING)], name="postid"),
        IndexModel([("author_id", ASCENDING)], name="postid"),
        IndexModel([("postid", ASCENDING)], name="by_postid", unique=True),
    ],
    ids=["other options", "other keys", "another name"],
)
async def test_an_index_that_an_older_version_made_otherwise_is_made_anew(older: IndexModel):
    storage = await open_storage("memory", Path())
    await storage["posts"].insert_one({"postid": 1})
    await storage["posts"].create_indexes([older])
    await indexes.ensure_indexes(storage)
    known = await storage["posts"].index_information()  # type: ignore[attr-defined]
    assert known["postid"] == {"v": 2, "key": [("postid", 1)], "unique": True}
    assert "by_postid" not in known
    await indexes.ensure_indexes(storage)
    await storage.close()


async def test_an_index_that_can_not_be_made_is_told_with_its_collection():
    storage = await open_storage("memory", Path())
    await storage["posts"].insert_many([{"postid": 1}, {"postid": 1}])
    with pytest.raises(StorageRefused, match=r"can't make the indexes of posts: .*postid"):
        await indexes.ensure_indexes(storage)
    await storage.close()
