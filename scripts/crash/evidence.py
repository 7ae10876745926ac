"""What is kept and looked at after a run: the history of what was asked, and the store's check."""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from scripts.crash.ledger import Operation
from scripts.server_process import ROOT, environment


def write_history(path: Path, operations: Iterable[Operation]) -> None:
    """Add operations to a file of JSON lines, each with its answer or `unknown`."""
    with path.open("a") as file:
        for operation in operations:
            line = {
                "operation": operation.number,
                "name": operation.name,
                "client": operation.client,
                "changes": [list(key) for key in operation.changes],
                "sent_at": operation.sent_at,
                "answered_at": operation.answered_at,
                "status": operation.status or "unknown",
            }
            file.write(json.dumps(line) + "\n")


def check(data_dir: Path) -> list[str]:
    """What `python -m scripts.check` says, which looks at the file, every index and every chunk."""
    command = [sys.executable, "-m", "scripts.check", f"--data-dir={data_dir}"]
    # S603: a script of the product, on a directory of ours.
    run = subprocess.run(  # noqa: S603
        command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
    )
    return [] if run.returncode == 0 else (run.stdout + run.stderr).splitlines()
