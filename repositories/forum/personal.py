"""What the forum keeps of an account."""

from repositories.forum import likes, posts, replies, sleep_records
from repositories.personal import Kept, by

KEPT = (
    Kept("posts", posts.COLLECTION, by("author_id")),
    Kept("replies", replies.COLLECTION, by("author_id")),
    Kept("likes", likes.COLLECTION, by("user_id")),
    Kept("sleep_records", sleep_records.COLLECTION, by("user_id")),
)
