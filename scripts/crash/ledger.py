"""What must be in the store: every operation with its answer, and the facts that follow from them.

A fact is a key and a value: `("post", text)` and the hashes of its pictures, `("like", account,
text of the post)` and True, and so on. No two clients write the same key, so what a client was
told about its own keys has to be there, whatever the others did.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Key = tuple[str, ...]
Facts = dict[Key, Any]
_WORST = 10


@dataclass
class Operation:
    """One request that writes: what it makes of which facts, None for what it takes away."""

    number: int
    name: str
    client: int
    changes: Mapping[Key, Any]
    sent_at: float
    answered_at: float | None = None
    #: None when no answer came: it may have happened, or not, but never by half.
    status: int | None = None

    def __str__(self) -> str:
        return f"operation {self.number}, {self.name} of client {self.client}"


@dataclass
class Found:
    """What the store holds: facts, the numbers and names it gave them, what is wrong in itself."""

    facts: Facts = field(default_factory=dict)
    numbers: dict[Key, int | str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def hold(self, key: Key, value: Any, number: int | str | None = None) -> None:
        """Note a fact, of which there is one."""
        if key in self.facts:
            self.blame(f"{key} is there twice")
        self.facts[key] = value
        if number is not None:
            self.numbers[key] = number

    def blame(self, sentence: str) -> None:
        """Note what is wrong."""
        self.problems.append(sentence)


@dataclass
class Findings:
    """What comparing brought to light."""

    lost: set[int] = field(default_factory=set)
    problems: int = 0
    examples: list[str] = field(default_factory=list)

    def lose(self, operation: Operation, sentence: str) -> None:
        """An acknowledged operation of which something is missing."""
        self.lost.add(operation.number)
        self._note(f"{operation} was acknowledged, and lost: {sentence}")

    def blame(self, sentence: str) -> None:
        """Something else that must not be."""
        self.problems += 1
        self._note(sentence)

    def _note(self, sentence: str) -> None:
        if len(self.examples) < _WORST:
            self.examples.append(sentence)


class Ledger:
    """Kept outside the server, by those who were answered."""

    def __init__(self) -> None:
        self.facts: Facts = {}
        #: What the server calls a fact: a post's number, a picture's file name.
        self.numbers: dict[Key, int | str] = {}
        #: Which client writes a key.
        self.owners: dict[Key, int] = {}
        self.history: list[Operation] = []
        self.acknowledged = 0
        self.refused = 0
        #: Answers that no client should have got.
        self.unexpected: list[str] = []
        self._writers: dict[Key, Operation] = {}
        self._unknown: list[Operation] = []

    def begin(self, name: str, client: int, changes: Mapping[Key, Any], at: float) -> Operation:
        """An operation is about to be sent; until it is answered, nobody knows."""
        operation = Operation(len(self.history), name, client, changes, sent_at=at)
        self.history.append(operation)
        self._unknown.append(operation)
        for key in changes:
            self.owners[key] = client
        return operation

    def acknowledge(self, operation: Operation, status: int, at: float) -> None:
        """It was answered with success, and must be there from now on."""
        operation.status, operation.answered_at = status, at
        self._unknown.remove(operation)
        self.acknowledged += 1
        for key, value in operation.changes.items():
            self._writers[key] = operation
            _put(self.facts, key, value)

    def refuse(self, operation: Operation, status: int, at: float) -> None:
        """It was refused, and must have changed nothing."""
        operation.status, operation.answered_at = status, at
        self._unknown.remove(operation)
        self.refused += 1

    def compare(self, found: Found) -> Findings:
        """Look for what was lost, half done or never written."""
        findings = Findings()
        for sentence in (*found.problems, *self.unexpected):
            findings.blame(sentence)
        unsure = self._compare_unknown(found.facts, findings)
        for key in self.facts.keys() | found.facts.keys():
            if key not in unsure:
                self._compare_fact(key, found.facts.get(key), findings)
        for key, number in self.numbers.items():
            if key in found.facts and found.numbers[key] != number:
                findings.blame(f"{key} was called {number}, and is now {found.numbers[key]}")
        return findings

    def _compare_unknown(self, facts: Facts, findings: Findings) -> set[Key]:
        unsure: set[Key] = set()
        for operation in self._unknown:
            unsure |= operation.changes.keys()
            now = {key: facts.get(key) for key in operation.changes}
            before = {key: self.facts.get(key) for key in operation.changes}
            if now not in (before, dict(operation.changes)):
                findings.blame(f"{operation} was not answered, and is half done: {now}")
        return unsure

    def _compare_fact(self, key: Key, now: Any, findings: Findings) -> None:
        expected = self.facts.get(key)
        if now == expected:
            return
        sentence = f"{key} is {now}, and should be {expected}"
        writer = self._writers.get(key)
        if writer is None:
            findings.blame(f"nobody wrote this: {sentence}")
        else:
            findings.lose(writer, sentence)

    def adopt(self, found: Found) -> None:
        """Go on from what the store holds: what was unknown is known now."""
        self.facts, self.numbers = dict(found.facts), dict(found.numbers)
        self._unknown.clear()
        self.unexpected.clear()


def _put(facts: Facts, key: Key, value: Any) -> None:
    if value is None:
        facts.pop(key, None)
    else:
        facts[key] = value
