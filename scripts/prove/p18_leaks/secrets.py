"""What must not be seen, and who has seen it."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec

_TOKEN_FIELDS = {"access", "refresh", "access_token", "refresh_token", "token"}


@dataclass
class Secrets:
    """Everything that was secret in a run."""

    passwords: set[str] = field(default_factory=set)
    #: Tokens with the numbers of the answers that gave them, where they may stand: a session
    #: that is refreshed twice in a second gets the same access token.
    issued: dict[str, set[int]] = field(default_factory=dict)
    #: Codes and links, which stand in the messages that wait to go out.
    mailed: set[str] = field(default_factory=set)
    #: The server's own: its key, and what opens other servers.
    settings: set[str] = field(default_factory=set)
    #: What is kept in the place of passwords, codes and tokens.
    hashes: set[str] = field(default_factory=set)

    def all(self) -> set[str]:
        """All of them."""
        return {*self.passwords, *self.issued, *self.mailed, *self.settings, *self.hashes}


class Answers:
    """Every answer, and the tokens it gave."""

    def __init__(self, secrets: Secrets):
        self._secrets = secrets
        self.contents: list[bytes] = []

    def add(self, content: bytes) -> None:
        """Keep an answer."""
        number = len(self.contents)
        self.contents.append(content)
        with suppress(msgspec.DecodeError, UnicodeDecodeError):
            for token in tokens_in(msgspec.json.decode(content)):
                self._secrets.issued.setdefault(token, set()).add(number)


def tokens_in(value: Any) -> Iterator[str]:
    """What stands in the fields of tokens."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name in _TOKEN_FIELDS and isinstance(each, str):
                yield each
            else:
                yield from tokens_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from tokens_in(each)
