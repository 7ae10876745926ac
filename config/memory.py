"""How the C library keeps memory that was given back."""

import ctypes
import sys
from typing import Final

# Of glibc's malloc.h: parameters of mallopt.
_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
_LARGE_BYTES: Final = 128 * 1024
_ARENAS: Final = 2


def return_freed_memory() -> bool:
    """Let what is large go back to the system when it is freed; tells whether that could be set.

    glibc by itself moves the bound of what is large up to the largest thing that was ever freed,
    and keeps everything below it: after some large bodies and pictures the process stayed at
    234 MB, of 69 before (docs/reliability.md, P12). Other C libraries have no such setting.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # musl has none
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)) and bool(mallopt(_ARENA_MAX, _ARENAS))
