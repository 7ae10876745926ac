"""What texts of all kinds have in common. Pure."""

import re

# C0 and C1 controls, and Unicode's own line and paragraph separators.
_NOT_IN_A_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def is_one_line(text: str) -> bool:
    """Whether a text stays within its line, on a label and in a mail: no control characters."""
    return _NOT_IN_A_LINE.search(text) is None
