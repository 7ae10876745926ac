"""What servers wrote into their logs during a proof: nothing that is secret (P18)."""

import re
from collections.abc import Iterator
from pathlib import Path

#: A token of three parts, a hash of bcrypt, and the passwords of all proofs.
_SECRET = re.compile(rb"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}|\$2[aby]\$\d\d\$|a password of ")
_SHOWN_BYTES = 12


def secrets_in_logs(directory: Path) -> Iterator[str]:
    """A sentence for each line with a secret, in every log below a directory."""
    for log in sorted(directory.rglob("*.log")):
        with log.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if found := _SECRET.search(line):
                    shown = found[0][:_SHOWN_BYTES].decode(errors="replace")
                    yield f"line {number:,} of {log.name} has the secret {shown}..."
