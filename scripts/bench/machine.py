"""What a figure is worth nothing without: the machine, the versions, the day, the command."""

import os
import platform
import shlex
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import apsw

_PACKAGES = ("tornado", "uvloop", "msgspec", "pymongo")


def machine_facts(arguments: Sequence[str], wrk: str | None) -> dict[str, str]:
    """The head of the table."""
    return {
        "measured": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "command": shlex.join(["python", "-m", "scripts.bench", *arguments]),
        "machine": f"{os.cpu_count()} cores, {_processor()}, {platform.system()} "
        f"{platform.release()}, load average {os.getloadavg()[0]:.1f} before the run",
        "Python": f"{platform.python_version()}, event loop of the server: {_loop()}",
        "versions": ", ".join(
            [
                *(f"{name} {_version(name)}" for name in _PACKAGES),
                f"apsw {apsw.apsw_version()} with SQLite {apsw.sqlite_lib_version()}",
                *([_wrk_version(wrk)] if wrk else []),
            ]
        ),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _loop() -> str:
    return "asyncio" if _version("uvloop") == "absent" else "uvloop"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _wrk_version(wrk: str) -> str:
    answer = subprocess.run([wrk, "-v"], capture_output=True, text=True, check=False)
    return " ".join(answer.stdout.split()[:2])
