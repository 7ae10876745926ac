"""What SHOP and accounts with an email answer: `{"data": ..., "meta": ...}`."""

from typing import Any, ClassVar

from handlers.base import BaseHandler


class DataHandler(BaseHandler):
    """A route that answers under `data`; its errors have the envelope of `BaseHandler`."""

    envelope: ClassVar[tuple[str, ...]] = ("data",)

    def render_data(self, data: Any, *, meta: Any = None, status: int = 200) -> None:
        """Answer in the documented envelope; without `meta`, none is shown."""
        self.render({"data": data} if meta is None else {"data": data, "meta": meta}, status=status)

    def render_nothing(self) -> None:
        """Answer 204."""
        self.set_status(204)
        self.finish()
