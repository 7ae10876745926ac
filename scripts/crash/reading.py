"""Everything that the store holds, as facts; and whether it is whole in itself."""

import hashlib
import random
from collections import Counter
from pathlib import Path
from typing import Any

from bson import ObjectId

from repositories.accounts import users
from repositories.embedded import EmbeddedStore
from repositories.forum import likes, posts, replies, sleep_records
from repositories.pictures import BUCKET, COLLECTION
from scripts.crash.ledger import Found
from scripts.crash.operations import post_key
from scripts.crash.shop_reading import read_shop

_REREAD = 0.05


class StoreReader:
    """Reads a store after each crash; remembers which pictures it has read already."""

    def __init__(self, data_dir: Path, chance: random.Random):
        self._data_dir = data_dir
        self._chance = chance
        self._digests: dict[str, str] = {}

    async def read(self) -> Found:
        """All documents of the forum and the shop, beside a server that may be running.

        Pictures of earlier rounds are read again by sample, everything else whole.
        """
        store = await EmbeddedStore.open(self._data_dir)
        try:
            return await _Reading(store, self._digest).read()
        finally:
            await store.close()

    async def _digest(self, store: EmbeddedStore, picture: dict[str, Any]) -> str:
        name = picture["filename"]
        if name not in self._digests or self._chance.random() < _REREAD:
            download = await store.bucket(BUCKET).open_download_stream(picture["_id"])
            self._digests[name] = hashlib.sha256(await download.read()).hexdigest()
        return self._digests[name]


class _Reading:
    """One pass over the store."""

    def __init__(self, store: EmbeddedStore, digest: Any):
        self._store = store
        self._digest = digest
        self._found = Found()
        self._accounts: dict[ObjectId, str] = {}
        self._posts: dict[int, dict[str, Any]] = {}

    async def read(self) -> Found:
        self._accounts = {
            user["_id"]: user["phone_identifier"] for user in await self._all(users.COLLECTION)
        }
        self._posts = {post["postid"]: post for post in await self._all(posts.COLLECTION)}
        await self._read_pictures()
        await self._read_likes()
        await self._read_replies()
        for night in await self._all(sleep_records.COLLECTION):
            account = self._accounts[night["user_id"]]
            self._found.hold(("sleep", night["note"]), (account, night["date"]), night["number"])
        await read_shop(self._store, self._accounts, self._found)
        return self._found

    async def _all(self, collection: str) -> list[dict[str, Any]]:
        return await self._store[collection].find({}).to_list(None)

    async def _read_pictures(self) -> None:
        texts = {post["_id"]: post["content"] for post in self._posts.values()}
        digests: dict[ObjectId, str] = {}
        for picture in await self._all(COLLECTION):
            used_by = picture["metadata"]["used_by"]
            if used_by is not None and used_by not in texts:
                self._found.blame(
                    f"picture {picture['filename']} is used by a post that is not there"
                )
            digests[picture["_id"]] = digest = await self._digest(self._store, picture)
            self._found.hold(("picture", digest), texts.get(used_by, ""), picture["filename"])
        for post in self._posts.values():
            shown = tuple(digests.get(picture_id, "missing") for picture_id in post["picture_ids"])
            self._found.hold(post_key(post["content"]), shown, post["postid"])

    async def _read_likes(self) -> None:
        counts: Counter[int] = Counter()
        for like in await self._all(likes.COLLECTION):
            counts[like["postid"]] += 1
            if text := self._text(like["postid"], "like"):
                self._found.hold(("like", self._accounts[like["user_id"]], text), True)
        self._count("likes", counts)

    async def _read_replies(self) -> None:
        counts: Counter[int] = Counter()
        for reply in await self._all(replies.COLLECTION):
            counts[reply["postid"]] += 1
            if text := self._text(reply["postid"], "reply"):
                self._found.hold(("reply", reply["content"]), text)
        self._count("replies", counts)

    def _text(self, postid: int, kind: str) -> str:
        if postid not in self._posts:
            self._found.blame(f"a {kind} is left of post {postid}, which is not there")
            return ""
        return str(self._posts[postid]["content"])

    def _count(self, field: str, counts: Counter[int]) -> None:
        for postid, post in self._posts.items():
            if post[field] != counts[postid]:
                self._found.blame(
                    f"post {postid} says {post[field]} {field}, and there are {counts[postid]}"
                )
