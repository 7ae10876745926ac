"""Refusals that several parts of SOCIOX share."""

from services.errors import NotFound


class UnknownUser(NotFound):
    """There is no such account."""

    def __init__(self) -> None:
        super().__init__("User not found")
