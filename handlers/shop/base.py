"""What SHOP's handlers share: `{"data": ..., "meta": ...}`."""

from typing import Any

from handlers.base import BaseHandler


class ShopHandler(BaseHandler):
    """A route of SHOP; its errors have the envelope of `BaseHandler`."""

    def render_data(self, data: Any, *, meta: Any = None, status: int = 200) -> None:
        """Answer in the documented envelope; without `meta`, none is shown."""
        self.render({"data": data} if meta is None else {"data": data, "meta": meta}, status=status)

    def render_nothing(self) -> None:
        """Answer 204."""
        self.set_status(204)
        self.finish()
