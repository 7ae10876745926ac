"""A mail server and a webhook for SMS that refuse, hang, cut off and lie; and what they took."""

import asyncio
import random
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from enum import Enum
from itertools import cycle
from typing import Any, Self

from scripts.server_process import HOST

#: Mail to who begins like this is refused before it is sent.
REFUSED = "refused-"


class Step(Enum):
    """What becomes of one attempt at a message."""

    TAKE = "taken"
    BUSY = "not now"
    REFUSE = "never"
    HANG = "no answer"
    DROP = "cut off, not taken"
    CUT = "taken, and cut off before the answer"
    LIE = "taken, and said not to be, for now"
    LIE_FOR_GOOD = "taken, and said never to be"


_TAKEN = frozenset({Step.TAKE, Step.CUT, Step.LIE, Step.LIE_FOR_GOOD})
#: Attempts that took the message and did not tell so.
UNTOLD = frozenset({Step.CUT, Step.LIE, Step.LIE_FOR_GOOD})
_GIVEN_UP = frozenset({Step.BUSY, Step.REFUSE, Step.LIE_FOR_GOOD})

Scripts = tuple[tuple[int, tuple[Step, ...]], ...]
#: What may happen, and how often of a thousand; the last step is repeated.
SCRIPTS: Scripts = (
    (740, (Step.TAKE,)),
    (60, (Step.BUSY, Step.TAKE)),
    (20, (Step.BUSY, Step.BUSY, Step.TAKE)),
    (40, (Step.REFUSE,)),
    (10, (Step.BUSY,)),
    (10, (Step.HANG, Step.TAKE)),
    (40, (Step.DROP, Step.TAKE)),
    (40, (Step.CUT, Step.TAKE)),
    (30, (Step.LIE, Step.TAKE)),
    (10, (Step.LIE_FOR_GOOD,)),
)


@dataclass(frozen=True)
class Taken:
    """A message that was taken, at a moment of `time.monotonic`, and the process it came from."""

    message_id: str
    sender: str
    at: float
    step: Step


class Inbox:
    """What both receivers took; each message has a script, drawn when it is first seen."""

    def __init__(
        self, chance: random.Random, scripts: Scripts = SCRIPTS, *, troubled: float = 0.05
    ):
        self.chance = chance
        self.taken: list[Taken] = []
        self.steps: Counter[Step] = Counter()
        #: Called when a message was just taken, and is not answered yet.
        self.on_taken: Callable[[], None] = lambda: None
        self._weights, self._drawn = zip(*scripts, strict=True)
        self._troubled = troubled
        self._scripts: dict[str, list[Step]] = {}

    def attempt(self, message_id: str, sender: str) -> Step:
        """A message is here: what becomes of this attempt. If it is taken, it is now."""
        script = self._scripts.get(message_id)
        if script is None:
            (drawn,) = self.chance.choices(self._drawn, self._weights)
            script = self._scripts[message_id] = list(drawn)
        step = script.pop(0) if len(script) > 1 else script[0]
        self.steps[step] += 1
        if step in _TAKEN:
            self.taken.append(Taken(message_id, sender, time.monotonic(), step))
            self.on_taken()
        return step

    def gives_up(self, message_id: str) -> bool:
        """Whether its script is one that nobody can deliver it by."""
        return self._scripts.get(message_id, [Step.TAKE])[-1] in _GIVEN_UP

    def is_troubled(self) -> bool:
        """Whether a connection fails before it is of any use."""
        return self.chance.random() < self._troubled


class Receiver(ABC):
    """Listens on a free port of the loopback."""

    def __init__(self, inbox: Inbox):
        self.inbox = inbox
        self.port = 0
        self._listening: asyncio.Server | None = None
        self._open: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        self._listening = await asyncio.start_server(self._accept, HOST, 0)
        self.port = self._listening.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listening is not None:
            self._listening.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._talk(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        try:
            await task
        except (OSError, asyncio.IncompleteReadError):
            pass  # the server was killed, or lost its patience
        finally:
            writer.close()

    @abstractmethod
    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection as the script of each message says."""


class MailReceiver(Receiver):
    """Speaks as much SMTP as it needs (RFC 5321); a process is known by the `From` of its mails."""

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.inbox.is_troubled():
            writer.write(self.inbox.chance.choice((b"", b"421 busy\r\n", b"554 go away\r\n")))
            return
        writer.write(b"220 mail.example\r\n")
        while command := await reader.readline():
            verb = command[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                if not await self._answer(content, reader, writer):
                    return
            elif verb == b"RCPT" and f"<{REFUSED}".encode() in command:
                writer.write(b"550 nobody here\r\n")
            elif verb == b"QUIT":
                writer.write(b"221 bye\r\n")
                return
            else:
                writer.write(b"250 mail.example\r\n")

    async def _answer(
        self, content: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """What the mail is answered; False when the connection is at its end."""
        mail = message_from_bytes(content)
        step = self.inbox.attempt(str(mail["Message-ID"]), str(mail["From"]))
        if step is Step.HANG:
            await reader.read()
            return False
        if step in (Step.CUT, Step.DROP):
            writer.transport.abort()
            return False
        if step is Step.TAKE:
            writer.write(b"250 taken\r\n")
            # Some servers see no reason to stay.
            return self.inbox.chance.random() > 0.1
        is_final = step in (Step.REFUSE, Step.LIE_FOR_GOOD)
        writer.write(b"554 no\r\n" if is_final else b"451 not now\r\n")
        return True


class WebhookReceiver(Receiver):
    """Answers one POST a connection; a process is known by the path that it posts to."""

    def __init__(self, inbox: Inbox):
        super().__init__(inbox)
        self._statuses = {step: cycle(statuses) for step, statuses in _STATUSES.items()}

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.inbox.is_troubled():
            return
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        path = head.split(" ")[1]
        headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
        await reader.readexactly(int(headers["content-length"]))
        step = self.inbox.attempt(headers["x-message-id"], path)
        if step is Step.HANG:
            await reader.read()
        elif step in (Step.CUT, Step.DROP):
            writer.transport.abort()
        else:
            status = next(self._statuses[step])
            length = b"" if status == 204 else b"Content-Length: 0\r\n"
            writer.write(b"HTTP/1.1 %d So\r\n%sConnection: close\r\n\r\n" % (status, length))


_STATUSES = {
    Step.TAKE: (200, 201, 202, 204),
    Step.BUSY: (429, 500, 408, 503, 302),
    Step.LIE: (429, 500, 502),
    Step.REFUSE: (400, 404, 410),
    Step.LIE_FOR_GOOD: (400, 422),
}
