"""What a server asked of the system, in order: read from what strace wrote down.

Each thread is held at a call until strace has written it down, so that a call whose end stands
before another's begin had ended when the other began.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

#: What puts bytes into a file, onto a socket, or onto the disk.
_CALLS = "pwrite64,write,writev,sendto,sendmsg,fdatasync,fsync"
#: More than a page, so that all of a page is there.
_SHOWN_BYTES = 4200

_CALL = re.compile(r"^(\d+) +(\w+)\(\d+<([^>]*)>(.*)$", re.DOTALL)
_RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>.*= (-?\d+)", re.DOTALL)
_RESULT = re.compile(r"\) += (-?\d+)")
_UNFINISHED = "<unfinished ...>"


@dataclass(slots=True)
class Call:
    """A call: what it was, to which file or socket, with what; the lines of its begin and end."""

    name: str
    target: str
    text: str
    began: int
    ended: int
    result: int


def tracing_command(output: Path) -> tuple[str, ...] | None:
    """What to put before a command to have its calls written to a file.

    The process keeps its number: strace itself runs beside it. None without strace, or where
    it may not trace, as in many containers.
    """
    strace = shutil.which("strace")
    if strace is None or not _may_trace(strace):
        return None
    options = ["-D", "-f", "--seccomp-bpf", "-y", f"-s{_SHOWN_BYTES}", f"--trace={_CALLS}"]
    return (strace, *options, "-o", str(output))


def _may_trace(strace: str) -> bool:
    command = [strace, "-D", "-o", os.devnull, sys.executable, "-V"]
    # S603: the system's own program.
    return not subprocess.run(command, capture_output=True, check=False).returncode  # noqa: S603


def read_calls(lines: Iterable[str]) -> Iterator[Call]:
    """The calls that ended, in the order of their ends."""
    unfinished: dict[str, Call] = {}
    for number, line in enumerate(lines):
        if resumed := _RESUMED.match(line):
            call = unfinished.pop(resumed[1], None)
            if call is not None:
                call.ended, call.result = number, int(resumed[2])
                yield call
            continue
        found = _CALL.match(line)
        if found is None:
            continue
        thread, name, target, rest = found.groups()
        call = Call(name, target, rest, number, number, 0)
        if rest.rstrip().endswith(_UNFINISHED):
            unfinished[thread] = call
        elif results := _RESULT.findall(rest):
            call.result = int(results[-1])
            yield call
