"""What a client may do in the forum next: posts, likes, replies, pictures, sleep records."""

import base64
import hashlib
import io
import random
from collections.abc import Callable
from typing import Any

from PIL import Image

from scripts.crash.ledger import Key, Ledger
from scripts.crash.requests import Request

_LARGE_PICTURES = 0.1
_COMMON_REPLIES = 0.2


def post_key(text: str) -> Key:
    """The fact that there is a post with this text."""
    return ("post", text)


class Belongings:
    """What one client has in the store, as far as it was told, and what it may do next."""

    def __init__(self, client: int, account: str, ledger: Ledger, chance: random.Random):
        self._client = client
        self._account = account
        self._ledger = ledger
        self._chance = chance
        #: Posts by text, each with the replies and likes that go with it.
        self._posts: dict[str, set[Key]] = {}
        self._uploads: list[Key] = []
        self._nights: list[Key] = []
        #: Posts of all, which are never deleted; only this client likes these for its account.
        self._likeable: list[str] = []
        self._replyable: list[str] = []

    def share(self, likeable: list[str], replyable: list[str]) -> None:
        """Let it like and reply to posts that others like and reply to as well."""
        self._likeable, self._replyable = likeable, replyable

    def take(self, key: Key, value: Any) -> None:
        """Something is there: after an answer, or found after a crash."""
        kind = key[0]
        if kind == "post":
            self._posts.setdefault(key[1], set())
        elif kind == "picture" and value == "":
            self._uploads.append(key)
        elif kind == "sleep":
            self._nights.append(key)
        elif kind in ("reply", "like"):
            text = value if kind == "reply" else key[2]
            # One to a post of all does not go when a post of this client goes.
            if text not in self._replyable:
                self._posts.setdefault(text, set()).add(key)

    def lose(self, key: Key) -> None:
        """Something is gone."""
        if key[0] == "post":
            self._posts.pop(key[1], None)
        elif key[0] == "like":
            self._posts.get(key[2], set()).discard(key)

    def next(self) -> Request:
        """A request that can be sent now."""
        doings: list[tuple[Callable[[], Request | None], int]] = [
            (self._create_post, 30),
            (self._like_post, 25),
            (self._reply_post, 15),
            (self._add_night, 12),
            (self._create_picture, 8),
            (self._delete_post, 6),
            (self._delete_night, 4),
        ]
        makers, weights = zip(*doings, strict=True)
        (make,) = self._chance.choices(makers, weights)
        return make() or self._create_post()

    def _name(self, kind: str) -> str:
        return f"client {self._client} {kind} {len(self._ledger.history)}"

    def _create_post(self) -> Request:
        text = self._name("post")
        count = min(len(self._uploads), self._chance.randrange(3))
        pictures = [self._uploads.pop(0) for _ in range(count)]
        changes: dict[Key, Any] = {post_key(text): tuple(key[1] for key in pictures)}
        changes |= dict.fromkeys(pictures, text)
        names = [self._ledger.numbers[key] for key in pictures]
        body = {"content": text, "picture_count": count, "picture_names": names}
        return Request(
            "create_post",
            self._account,
            "POST",
            "/api/forum/create_post/",
            body,
            changes,
            201,
            {},
            (post_key(text), "postid"),
        )

    def _like_post(self) -> Request | None:
        texts = [*self._posts, *self._likeable]
        if not texts:
            return None
        text = self._chance.choice(texts)
        key = ("like", self._account, text)
        is_liked = key not in self._ledger.facts
        return Request(
            "like_post",
            self._account,
            "POST",
            "/api/forum/like_post/",
            {"postid": self._postid(text)},
            {key: is_liked or None},
            200,
            {"isliked": is_liked},
        )

    def _reply_post(self) -> Request | None:
        is_common = self._replyable and self._chance.random() < _COMMON_REPLIES
        texts = self._replyable if is_common else list(self._posts)
        if not texts:
            return None
        text, reply = self._chance.choice(texts), self._name("reply")
        return Request(
            "reply_post",
            self._account,
            "POST",
            "/api/forum/reply_post/",
            {"postid": self._postid(text), "reply_content": reply},
            {("reply", reply): text},
            200,
            {},
        )

    def _delete_post(self) -> Request | None:
        if not self._posts:
            return None
        text = self._chance.choice(list(self._posts))
        pictures = [("picture", digest) for digest in self._ledger.facts[post_key(text)]]
        gone = [post_key(text), *self._posts[text], *pictures]
        body = {"postid": self._postid(text)}
        path = "/api/forum/delete_post/"
        return Request(
            "delete_post", self._account, "POST", path, body, dict.fromkeys(gone), 200, {}
        )

    def _create_picture(self) -> Request:
        content = _picture(self._chance)
        key = ("picture", hashlib.sha256(content).hexdigest())
        body = {"image_type": "png", "image_data": base64.b64encode(content).decode()}
        path = "/api/forum/create_picture/"
        return Request(
            "create_picture",
            self._account,
            "POST",
            path,
            body,
            {key: ""},
            201,
            {},
            (key, "filename"),
        )

    def _add_night(self) -> Request:
        note = self._name("night")
        date = f"2025-{self._chance.randint(1, 12):02}-{self._chance.randint(1, 28):02}"
        body = {"date": date, "sleep_status": "slept", "note": note}
        key: Key = ("sleep", note)
        changes = {key: (self._account, date)}
        path = "/api/sleep-records/"
        return Request(
            "add_sleep_record", self._account, "POST", path, body, changes, 201, body, (key, "id")
        )

    def _delete_night(self) -> Request | None:
        if not self._nights:
            return None
        key = self._nights.pop(self._chance.randrange(len(self._nights)))
        body = {"id": self._ledger.numbers[key]}
        path = "/api/sleep-records/"
        return Request(
            "delete_sleep_record", self._account, "DELETE", path, body, {key: None}, 200, {}
        )

    def _postid(self, text: str) -> int | str:
        return self._ledger.numbers[post_key(text)]


def _picture(chance: random.Random) -> bytes:
    """A PNG like no other; one in ten is of two chunks."""
    side = 320 if chance.random() < _LARGE_PICTURES else 24
    content = io.BytesIO()
    pixels = Image.frombytes("RGB", (side, side), chance.randbytes(3 * side * side))
    pixels.save(content, "PNG", compress_level=1)
    return content.getvalue()
