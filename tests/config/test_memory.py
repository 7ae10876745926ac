"""Memory that was freed goes back to the system."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Bodies that come and go, each with something small after it that stays.
PROGRAM = """
import gc
from config.memory import return_freed_memory

if {is_set}:
    assert return_freed_memory()

def resident_mb():
    status = open("/proc/self/status").read()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024

bytes(16 << 20)
before, kept = resident_mb(), []
for _ in range(3):
    bodies = []
    for number in range(40):
        bodies.append(bytearray(b"x") * (4 << 20))
        kept.append(bytearray(b"y") * 4000)
    del bodies
print(resident_mb() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_what_large_bodies_took_is_given_back():
    left = {}
    for is_set in (False, True):
        program = PROGRAM.format(is_set=is_set)
        run = subprocess.run(
            [sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=True
        )
        left[is_set] = float(run.stdout)
    assert left[True] < 10 < left[False]
