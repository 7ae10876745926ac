"""FORUM's answers: from what the services give to JSON, field by field."""

from datetime import datetime

from handlers.base import Answer, SecretAnswer
from handlers.timestamps import as_timestamp
from repositories.types import Document
from services.accounts.profile import Profile
from services.forum.posts import FeedPost
from services.forum.replies import Reply


class Message(Answer, frozen=True, kw_only=True):
    """That it is done."""

    message: str


class TokenPair(SecretAnswer, frozen=True, kw_only=True):
    """What a sign-in gives."""

    refresh: str
    access: str


class ReplyView(Answer, frozen=True, kw_only=True):
    """A reply under its post."""

    reply_id: int
    username: str
    content: str

    @classmethod
    def of(cls, reply: Reply) -> "ReplyView":
        """A reply as it is shown."""
        return cls(reply_id=reply.reply_id, username=reply.username, content=reply.content)


class PostView(Answer, frozen=True, kw_only=True):
    """A post in the feed; `replies` is how many, `reply_content` all of them."""

    postid: int
    username: str
    content: str
    created_at: datetime
    picture_count: int
    likes: int
    replies: int
    reply_content: list[ReplyView]
    isliked: bool

    @classmethod
    def of(cls, post: FeedPost) -> "PostView":
        """A post as the caller sees it."""
        document = post.document
        return cls(
            postid=document["postid"],
            username=document["author_name"],
            content=document["content"],
            created_at=as_timestamp(document["created_at"]),
            picture_count=len(document["picture_ids"]),
            likes=document["likes"],
            replies=len(post.replies),
            reply_content=[ReplyView.of(reply) for reply in post.replies],
            isliked=post.is_liked,
        )


class Feed(Answer, frozen=True, kw_only=True):
    """A page of the feed, newest first."""

    posts: list[PostView]


class PostCreated(Answer, frozen=True, kw_only=True):
    """The new post's number and time."""

    postid: int
    created_at: datetime

    @classmethod
    def of(cls, postid: int, created_at: datetime) -> "PostCreated":
        """A post that was just made."""
        return cls(postid=postid, created_at=as_timestamp(created_at))


class Liked(Answer, frozen=True, kw_only=True):
    """How many like the post now, and whether the caller is one of them."""

    likes: int
    isliked: bool


class Replies(Answer, frozen=True, kw_only=True):
    """All replies to a post; `reply_content` is the same list under its documented name."""

    replies: list[ReplyView]
    reply_content: list[ReplyView]
    reply_count: int


class PictureUploaded(Answer, frozen=True, kw_only=True):
    """The name by which a post takes the picture."""

    filename: str


class PictureView(Answer, frozen=True, kw_only=True):
    """A picture in base64."""

    image: str


class SleepRecordView(Answer, frozen=True, kw_only=True):
    """A sleep record."""

    id: int
    date: str
    sleep_status: str
    note: str
    created_at: datetime

    @classmethod
    def of(cls, record: Document) -> "SleepRecordView":
        """A stored record as it is shown."""
        return cls(
            id=record["number"],
            date=record["date"],
            sleep_status=record["sleep_status"],
            note=record["note"],
            created_at=as_timestamp(record["created_at"]),
        )


class ProfileView(Answer, frozen=True, kw_only=True):
    """A profile; `avatar` is base64 or null."""

    avatar: str | None
    id: int
    phone_number: str | None
    username: str

    @classmethod
    def of(cls, profile: Profile) -> "ProfileView":
        """A profile as its owner sees it."""
        return cls(
            avatar=profile.avatar,
            id=profile.number,
            phone_number=profile.phone_identifier,
            username=profile.username,
        )
