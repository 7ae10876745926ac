"""What is shown to developers on their own machine, and to nobody else."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Development:
    """`is_loopback_only` tells that the server can be reached from this machine alone."""

    is_loopback_only: bool
