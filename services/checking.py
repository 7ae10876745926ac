"""Looking for what does not fit together: what every family's check has in common.

A server may be writing meanwhile, and no engine shows a whole store at one moment without
holding it up. So everything is first read as it comes, a page at a time, which only raises
suspicions; each of them is then looked at again, alone, in a short transaction.
"""

from collections.abc import Callable
from typing import Protocol

Progress = Callable[[], object]
"""Called for each document that was gone through."""


class Check(Protocol):
    """Goes through what belongs to one subject."""

    async def find_problems(self, progress: Progress) -> list[str]:
        """One sentence for each problem."""
