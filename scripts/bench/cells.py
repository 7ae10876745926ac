"""What is asked of the server, and what each answer is compared with."""

from collections.abc import Mapping
from dataclasses import dataclass

from scripts.bench.figures import Limit, at_least
from scripts.bench.load import Load
from scripts.bench.plan import SMALL_POSTS
from scripts.seeding.forum import PASSWORD
from scripts.server_process import Process

BARE, BARE_POST, CELL, SMALL = "bare handler", "bare handler, POST", "cell", "small"
_EXAMPLE_POSTS = 2
_PAGE = 10
_CONTENT = "A few words about sleep, tea and the weather, as long as a post usually is. " * 3


@dataclass(frozen=True)
class Processes:
    """Who is asked."""

    bare: Process
    large: Process
    small: Process
    posts: int


@dataclass(frozen=True)
class Cell:
    """One line of PERFORMANCE.md's table."""

    name: str
    path: str
    bar: Limit
    goal: Limit
    #: JSON, with `%d` for a number of a post; None for a GET without a token.
    body: str | None = None
    #: The least number that `%d` stands for.
    lowest: int = 1
    #: Measured on the small forum too, with the bar of the ratio between the two.
    small_bar: Limit | None = None

    def load(self, process: Process, posts: int, token: str | None) -> Load:
        """This cell's requests, to a server with so many posts."""
        highest = posts + _EXAMPLE_POSTS
        return Load(self.name, process, self.path, self.body, token, self.lowest, highest)

    def signed_in(self, process: Process) -> str | None:
        """A token for these requests, if they need one: it lives for 15 minutes."""
        return None if self.body is None else process.sign_in("user1", PASSWORD)

    def loads(self, processes: Processes, size: int) -> Mapping[str, Load]:
        """The requests of one round, in their order; `size` is that of the answer."""
        highest = processes.posts + _EXAMPLE_POSTS
        token = self.signed_in(processes.large)
        loads = {BARE: Load(BARE, processes.bare, f"/{size}")}
        if self.body is not None:
            loads[BARE_POST] = Load(
                BARE_POST, processes.bare, f"/{size}", self.body, token, self.lowest, highest
            )
        loads[CELL] = self.load(processes.large, processes.posts, token)
        if self.small_bar is not None:
            small = processes.small
            loads[SMALL] = self.load(small, SMALL_POSTS, self.signed_in(small))
        return loads


CELLS = (
    Cell("`/health`", "/health", at_least(0.85), at_least(0.9)),
    Cell(
        "feed page, signed in",
        "/api/forum/posts/",
        at_least(0.45),
        at_least(0.6),
        '{"last_post_id":%d}',
        lowest=_PAGE + 1,  # so that every page is full
        small_bar=at_least(0.9),
    ),
    Cell(
        "`like_post`, durable",
        "/api/forum/like_post/",
        at_least(0.4),
        at_least(0.5),
        '{"postid":%d}',
    ),
    # Last, because it makes the forum larger.
    Cell(
        "`create_post`, durable",
        "/api/forum/create_post/",
        at_least(0.4),
        at_least(0.55),
        f'{{"content":"{_CONTENT}"}}',
    ),
)
