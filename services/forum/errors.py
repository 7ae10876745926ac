"""The forum's refusals that more than one of its services uses."""

from services.errors import NotFound


class PostNotFound(NotFound):
    """There is no post with this number."""

    code = "post_not_found"

    def __init__(self) -> None:
        super().__init__("Post not found")
