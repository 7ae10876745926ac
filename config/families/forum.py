"""The forum."""

from config.families.shared import Crossing, Shared
from repositories.forum import personal
from repositories.forum.likes import LikeRepository
from repositories.forum.posts import PostRepository
from repositories.forum.replies import ReplyRepository
from repositories.forum.sleep_records import SleepRecordRepository
from repositories.personal import PersonalRepository
from services.forum.authors import Authors
from services.forum.counting import ForumCounter
from services.forum.erasing import ForumEraser
from services.forum.figures import ForumFigures
from services.forum.posts import PostService
from services.forum.replies import ReplyService
from services.forum.sleep_records import SleepRecordService
from services.services import ForumServices


def join(shared: Shared) -> tuple[ForumServices, Crossing]:
    """The forum's services, and what they do when an account is deleted or renamed."""
    storage, clock, transaction = shared.storage, shared.clock, shared.storage.transaction
    posts, replies = PostRepository(storage), ReplyRepository(storage)
    likes, authors = LikeRepository(storage), Authors(shared.users, posts, replies)
    post_service = PostService(
        posts, replies, likes, shared.pictures, authors, shared.audit, transaction, clock
    )
    records = SleepRecordRepository(storage)
    sleep_records = SleepRecordService(records, authors, transaction, clock)
    services = ForumServices(
        posts=post_service,
        replies=ReplyService(posts, replies, authors, transaction, clock),
        sleep_records=sleep_records,
    )
    eraser = ForumEraser(post_service, posts, replies, likes)
    counter = ForumCounter(posts, replies, likes, records)
    return services, Crossing(
        erasers=(eraser, sleep_records),
        renamers=(authors,),
        counters=(counter,),
        exporters=(PersonalRepository(storage, personal.KEPT),),
    )


def figures(shared: Shared) -> ForumFigures:
    """What the forum tells the console."""
    return ForumFigures(PostRepository(shared.storage))
