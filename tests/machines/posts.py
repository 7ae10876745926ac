"""Posts with their likes and replies, of two people and an admin (CONTRACT section 4)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from hypothesis import strategies as st

from tests.factories import stored
from tests.harness import Api, Reply
from tests.machines.machine import Action, Subject, act
from tests.shop.people import Person, join, join_as

_PEOPLE = range(3)
_ADMIN = 2
_COLLECTIONS = ("posts", "likes", "replies", "users", "sessions", "outbox", "audit_entries")
_FEED_LENGTH = 10


@dataclass
class _Post:
    author: int
    liked_by: set[int] = field(default_factory=set)
    replies: list[str] = field(default_factory=list)


@dataclass
class PostsModel:
    """All posts by their number from 1 on; one that is deleted is None."""

    now: datetime
    posts: dict[int, _Post | None] = field(default_factory=dict)

    def named(self, action: Action) -> Action:
        name, facts = action
        if "post" not in facts:
            return action
        return name, {**facts, "post": len(self.posts) - facts["post"]}

    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def create(self, who: int) -> Any:
        number = len(self.posts) + 1
        self.posts[number] = _Post(who)
        return 201, number

    def like(self, who: int, post: int) -> Any:
        found = self.posts.get(post)
        if found is None:
            return 404
        found.liked_by ^= {who}
        return 200, len(found.liked_by), who in found.liked_by

    def reply(self, who: int, post: int, text: str) -> Any:
        found = self.posts.get(post)
        if found is None:
            return 404
        found.replies.append(text)
        return 200, list(found.replies)

    def delete(self, who: int, post: int) -> Any:
        found = self.posts.get(post)
        if found is None:
            return 404
        if who not in (found.author, _ADMIN):
            return 403
        self.posts[post] = None
        return 200

    def seen(self) -> Any:
        left = {number: post for number, post in self.posts.items() if post is not None}
        feed = [
            (number, len(left[number].liked_by), 0 in left[number].liked_by, left[number].replies)
            for number in sorted(left, reverse=True)[:_FEED_LENGTH]
        ]
        likes = {(number, who) for number, post in left.items() for who in post.liked_by}
        return feed, likes, sum(len(post.replies) for post in left.values())


class PostsWorld:
    """The forum, which numbers its posts from wherever earlier runs left it."""

    def __init__(self, api: Api):
        self._api = api
        self._people: list[Person] = []
        self._before_first = 0

    async def begin(self, now: datetime) -> PostsModel:
        for name in _COLLECTIONS:
            await self._api.agora.storage[name].delete_many({})
        users = [await join(self._api, f"poster{number}") for number in range(_ADMIN)]
        self._people = [*users, await join_as(self._api, "admin")]
        number = await self._api.create_post(self._people[0].token)
        await self._post(0, "delete_post", {"postid": number})
        self._before_first = number
        return PostsModel(now)

    async def time_passed(self) -> None:
        sessions = self._api.agora.services.accounts.sessions
        self._people = [
            Person(each.id, (await sessions.open(ObjectId(each.id))).access)
            for each in self._people
        ]

    async def _post(self, who: int, action: str, body: dict[str, Any]) -> Reply:
        token = self._people[who].token
        return await self._api.post(f"/api/forum/{action}/", body, token=token)

    async def create(self, who: int) -> Any:
        reply = await self._post(who, "create_post", {"content": "This is a post."})
        return reply.status, reply.body["postid"] - self._before_first

    async def like(self, who: int, post: int) -> Any:
        reply = await self._post(who, "like_post", {"postid": self._before_first + post})
        if reply.status != 200:
            return reply.status
        return 200, reply.body["likes"], reply.body["isliked"]

    async def reply(self, who: int, post: int, text: str) -> Any:
        body = {"postid": self._before_first + post, "reply_content": text}
        reply = await self._post(who, "reply_post", body)
        if reply.status >= 400:
            return reply.status
        return 200, [each["content"] for each in reply.body["replies"]]

    async def delete(self, who: int, post: int) -> Any:
        reply = await self._post(who, "delete_post", {"postid": self._before_first + post})
        return reply.status

    async def seen(self) -> Any:
        posts = (await self._post(0, "posts", {})).body["posts"]
        feed = [
            (
                each["postid"] - self._before_first,
                each["likes"],
                each["isliked"],
                [reply["content"] for reply in each["reply_content"]],
            )
            for each in posts
        ]
        assert [each["replies"] for each in posts] == [len(replies) for *_, replies in feed]
        numbers = {ObjectId(each.id): number for number, each in enumerate(self._people)}
        likes = {
            (each["postid"] - self._before_first, numbers[each["user_id"]])
            for each in await stored(self._api, "likes")
        }
        return feed, likes, len(await stored(self._api, "replies"))


_who, _post = st.sampled_from(_PEOPLE), st.integers(0, 3)

POSTS = Subject(
    name="posts",
    world=PostsWorld,
    actions=st.one_of(
        act("create", who=_who),
        act("like", who=_who, post=_post),
        act("reply", who=_who, post=_post, text=st.sampled_from(["yes", "no", "perhaps"])),
        act("delete", who=_who, post=_post),
    ),
    events=act("time_passes", seconds=st.integers(0, 1200)),
    starts=(datetime(2025, 1, 18, 10, tzinfo=UTC),),
)
