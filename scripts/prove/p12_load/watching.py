"""What a load does to a server: its memory, its files, its loop, and somebody who just uses it."""

import asyncio
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.crash.connection import NoAnswer
from scripts.prove.history import History
from scripts.prove.http_client import HttpClient
from scripts.server_process import Process

_PAUSE_SECONDS = 0.02
_LAG = re.compile(r"^agora_event_loop_lag_seconds_bucket\{le=\"([^\"]+)\"\} ([0-9.e+]+)$", re.M)


def open_files(server: Process) -> int:
    """How many file descriptors a process has; Linux only."""
    return sum(1 for _ in Path(f"/proc/{server.pid}/fd").iterdir())


@dataclass
class NormalClient:
    """Reads the forum, likes, looks at the shop, while others do harm."""

    token: str
    postid: int
    history: History
    milliseconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    async def use(self, port: int, is_over: asyncio.Event) -> None:
        """Use the product on a kept connection until it is over."""
        asked: tuple[tuple[str, str, Any], ...] = (
            ("POST", "/api/forum/posts/", {}),
            ("POST", "/api/forum/like_post/", {"postid": self.postid}),
            ("GET", "/api/v1/catalog/products", None),
            ("GET", "/api/user/", None),
        )
        async with HttpClient(port) as client:
            while not is_over.is_set():
                for method, path, body in asked:
                    entry = self.history.sent(method, {"path": path, "of": "a normal client"})
                    began = time.perf_counter()
                    try:
                        reply = await client.call(method, path, body, token=self.token)
                    except NoAnswer as problem:
                        self.failures.append(f"{method} {path} had no answer: {problem}")
                        continue
                    self.milliseconds.append((time.perf_counter() - began) * 1000)
                    entry.answered(reply.status)
                    if reply.status != 200:
                        self.failures.append(f"{method} {path} was answered {reply.status}")
                    await asyncio.sleep(_PAUSE_SECONDS)

    def p99_ms(self) -> float:
        """Ninety-nine of a hundred requests were answered within this time."""
        return sorted(self.milliseconds)[int(len(self.milliseconds) * 0.99)]


def loop_lag_below_seconds(metrics: str) -> float:
    """The least bound of the histogram of the event loop's lag that holds every observation."""
    buckets = [(float(bound), float(count)) for bound, count in _LAG.findall(metrics)]
    most = max(count for _, count in buckets)
    return min(bound for bound, count in buckets if count == most)
