"""When a failed delivery is tried again: pure rules, time and chance are arguments."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Growing pauses between attempts, and the number of attempts after which we give up.

    With the default a message is tried for about eight hours: five to ten and a half.
    """

    first_delay_seconds: float = 5.0
    longest_delay_seconds: float = 3600.0
    attempts: int = 20

    def delay_seconds(self, attempts: int, *, chance: float) -> float:
        """The pause after that many failed attempts (1 or more).

        It doubles each time up to the longest, and `chance` (0 to 1) takes up to
        half of it away, so that messages that failed together do not come back
        together.
        """
        # The exponent is capped only to keep the power of two from overflowing.
        doubled = self.first_delay_seconds * 2.0 ** min(attempts - 1, 60)
        return min(doubled, self.longest_delay_seconds) * (1 - chance / 2)

    def gives_up_after(self, attempts: int) -> bool:
        """Tell whether that many failed attempts are enough."""
        return attempts >= self.attempts
