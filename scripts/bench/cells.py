"""A cell: what is asked of the server, how much is in it, and what the answer is compared with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from scripts.bench.figures import Limit
from scripts.bench.load import Load
from scripts.server_process import Process

BARE, BARE_POST, LARGE, SMALL = "bare handler", "bare handler, POST", "large", "small"
Account = tuple[str, str]
"""A forum identifier and its password."""


@dataclass(frozen=True)
class Contents:
    """A store and how much is in it."""

    data_dir: Path
    count: int
    #: Of what there are so many: "posts".
    kind: str
    #: The highest number that `%d` stands for in a request.
    highest: int

    def __str__(self) -> str:
        return f"{self.count:,} {self.kind}"


@dataclass(frozen=True)
class Side:
    """A server with its contents."""

    process: Process
    contents: Contents


@dataclass(frozen=True)
class Cell:
    """One line of PERFORMANCE.md's table.

    `%d` in `path` and `body` stands for a random number, another one in each request.
    """

    name: str
    path: str
    bar: Limit
    goal: Limit | None = None
    #: JSON, for a POST; None for a GET.
    body: str | None = None
    #: Who signs in for these requests; None where no token is needed.
    account: Account | None = None
    #: The least number that `%d` stands for.
    lowest: int = 1
    #: For pages: how many numbers of the contents are on one.
    page_size: int = 1
    #: Which store the bar and the goal are about.
    about: str = LARGE
    #: Measured on both stores, with the bar of the ratio of the large one to the small one.
    sizes_bar: Limit | None = None
    #: Whether what the answer is made of grows with the store, so that its name tells the size.
    tells_size: bool = True

    @property
    def measured(self) -> tuple[str, ...]:
        """The stores that it is measured on."""
        return (self.about,) if self.sizes_bar is None else (LARGE, SMALL)

    def load(self, side: Side) -> Load:
        """The requests of this cell to a server, with a new token: it lives for 15 minutes."""
        token = None if self.account is None else side.process.sign_in(*self.account)
        highest = side.contents.highest // self.page_size
        return Load(self.name, side.process, self.path, self.body, token, self.lowest, highest)

    def loads(self, bare: Process, sides: Mapping[str, Side], size: int) -> dict[str, Load]:
        """The requests of one round, in their order; `size` is that of the answer."""
        own = {name: self.load(sides[name]) for name in self.measured}
        loads = {BARE: Load(BARE, bare, f"/{size}")}
        if self.body is not None:
            loads[BARE_POST] = replace(own[self.about], process=bare, path=f"/{size}")
        return loads | own
