"""The documents' own examples, which stand as data beside this file, one file a family."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_DIRECTORY = Path(__file__).parent / "examples"


@dataclass(frozen=True, slots=True)
class Example:
    """A body and what it is answered with; None where the documents show none."""

    request: Any = None
    answer: Any = None


def read_examples() -> dict[tuple[str, str], Example]:
    """The examples of all families, by method and path as the table of routes has them."""
    found: dict[tuple[str, str], Example] = {}
    for file in sorted(_DIRECTORY.glob("*.json")):
        for operation, example in json.loads(file.read_bytes()).items():
            method, _, path = operation.partition(" ")
            found[method, path] = Example(**example)
    return found
