"""What a promise is, what its run is given, and what the run came to."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

_SHOWN = 10


@dataclass(frozen=True)
class Run:
    """What a proof works with.

    `directory` is its own and empty, outside of what any server writes; it stays when the
    promise was broken. `is_full` tells the long run from the quick one. Everything that is
    random comes from `seed`.
    """

    directory: Path
    is_full: bool
    seed: int

    def chance(self) -> random.Random:
        """A repeatable source of chance."""
        return random.Random(self.seed)  # noqa: S311 - a repeatable load, no secret

    def pick(self, *, quick: int, full: int) -> int:
        """The size for this run."""
        return full if self.is_full else quick


@dataclass
class Proof:
    """What a run came to: the promise held if nothing broke it.

    `figure` is the sentence of the table. `not_run` says which parts could not be run here, and
    why; `limits` where the promise does not hold on an engine or beyond a bound.
    """

    figure: str = ""
    broken: int = 0
    examples: list[str] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)

    def blame(self, sentence: str) -> None:
        """Note something that breaks the promise."""
        self.broken += 1
        if len(self.examples) < _SHOWN:
            self.examples.append(sentence)

    def blame_each(self, sentences: Iterable[str]) -> None:
        """Note several."""
        for sentence in sentences:
            self.blame(sentence)

    def check(self, holds: bool, otherwise: str) -> bool:
        """Note `otherwise` unless something holds; tells whether it did."""
        if not holds:
            self.blame(otherwise)
        return holds

    def note_missing(self, done: int, wanted: int, things: str) -> None:
        """Note that a run had not the time for its whole size."""
        if done < wanted:
            self.not_run.append(f"{wanted - done:,} of {wanted:,} {things}: the time was up")

    @property
    def has_held(self) -> bool:
        """Whether nothing broke it."""
        return self.broken == 0


@dataclass(frozen=True)
class Promise:
    """One of P1 to P18, in a sentence, with the function that tries to break it.

    `prove` may raise ServerFailed when there is nothing to try it on.
    """

    number: str
    sentence: str
    prove: Callable[[Run], Proof]
