"""How a thread with much to do leaves the event loop its turns."""

import time
from typing import Final

_PAUSE_SECONDS: Final = 0.00001


def give_way() -> None:
    """Let the event loop have the interpreter; to be called in a thread, several times a ms.

    By itself the thread would keep it for 5 ms whenever the loop wants it back.
    """
    time.sleep(_PAUSE_SECONDS)
