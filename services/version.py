"""Which Agora this is."""

from typing import Final

VERSION: Final = "1.0.0"
