"""A script of the product run to its end, with the memory that it took."""

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from scripts.server_process import ROOT, environment

_LOOK_SECONDS = 0.02


@dataclass(frozen=True)
class Ran:
    """How a script ended: exit code, what it said, seconds, and the most memory in 10^6 bytes."""

    code: int
    said: str
    seconds: float
    peak_mb: float


def run_watched(module: str, *options: str) -> Ran:
    """Run a module of the product. Its memory is known on Linux only (`VmHWM`), else 0."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as output:
        # S603: a script of the product.
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", module, *options],
            cwd=ROOT,
            env=environment(),
            stdout=output,
            stderr=output,
        )
        peak_mb = 0.0
        while process.poll() is None:
            peak_mb = max(peak_mb, _peak_mb(process.pid))
            time.sleep(_LOOK_SECONDS)
        seconds = time.monotonic() - began
        output.seek(0)
        said = output.read().decode(errors="replace").strip()
    return Ran(process.returncode, said, seconds, peak_mb)


def _peak_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    lines = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(lines[0].split()[1]) * 1.024e-3 if lines else 0.0
