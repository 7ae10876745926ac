"""A request that a client may send, and the facts that it makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scripts.crash.ledger import Key


@dataclass(frozen=True)
class Request:
    """What is sent, what it does to the facts, and what the answer has to be."""

    name: str
    account: str
    method: str
    path: str
    body: Any
    changes: Mapping[Key, Any]
    status: int
    #: Fields that the answer has to have with these values.
    answer: Mapping[str, Any] = field(default_factory=dict)
    #: The fact that the answer gives a number or a name to, and in which field.
    numbered: tuple[Key, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    #: The field that the answer is in; None where the answer is all of it.
    inside: str | None = None
    #: The status of a refusal that others may bring about; then nothing has changed.
    refusal: int | None = None

    def content(self, answer: Any) -> Any:
        """What the answer is about."""
        return answer if self.inside is None else answer[self.inside]

    def is_answered_by(self, status: int, answer: Any) -> bool:
        """Whether this is the answer of success."""
        if status != self.status:
            return False
        return bool(self.answer.items() <= self.content(answer).items())
