"""FORUM: the feed, likes and posts, in a small forum and in a large one."""

from collections.abc import Iterator

from scripts.bench.cells import Cell, Contents
from scripts.bench.comparison import Comparison
from scripts.bench.figures import Row, at_least
from scripts.bench.plan import Place, Plan
from scripts.seeding.forum import PASSWORD

_SMALL_POSTS = 1_000
_EXAMPLE_POSTS = 2
_PAGE = 10
_CONTENT = "A few words about sleep, tea and the weather, as long as a post usually is. " * 3
_ACCOUNT = ("user1", PASSWORD)

FEED = Cell(
    "feed page, signed in",
    "/api/forum/posts/",
    at_least(0.45),
    at_least(0.6),
    '{"last_post_id":%d}',
    account=_ACCOUNT,
    lowest=_PAGE + 1,  # so that every page is full
    sizes_bar=at_least(0.9),
)
CELLS = (
    Cell("`/health`", "/health", at_least(0.85), at_least(0.9), tells_size=False),
    FEED,
    Cell(
        "`like_post`, durable",
        "/api/forum/like_post/",
        at_least(0.4),
        at_least(0.5),
        '{"postid":%d}',
        account=_ACCOUNT,
    ),
    # Last, because it makes the forum larger.
    Cell(
        "`create_post`, durable",
        "/api/forum/create_post/",
        at_least(0.4),
        at_least(0.55),
        f'{{"content":"{_CONTENT}"}}',
        account=_ACCOUNT,
    ),
)


def forum_rows(place: Place, plan: Plan) -> Iterator[Row]:
    """The server under load, with its memory and its event loop."""
    comparison = Comparison(
        place, plan, contents(place, plan.posts), contents(place, _SMALL_POSTS), CELLS
    )
    yield from comparison.rows()


def contents(place: Place, posts: int) -> Contents:
    """A forum of so many posts beside the examples."""
    return Contents(place.forum(posts), posts, "posts", posts + _EXAMPLE_POSTS)
