"""`/openapi.json`: what the server answers, for programs and for `/docs`."""

from handlers.base import BaseHandler
from handlers.openapi.document import ApiDocument


class OpenApiHandler(BaseHandler):
    """Get the document of the API: this one."""

    has_etag = True

    async def get(self) -> None:
        """OpenAPI 3.1, made of the table of routes and the types that they read and answer."""
        document: ApiDocument = self.settings["api_document"]
        rendered = await document.rendered()
        self.set_header("Etag", rendered.etag)
        self.set_header("Cache-Control", "no-cache")
        if self.check_etag_header():
            self.set_status(304)
            self.finish()
            return
        self.set_header("Content-Type", "application/json")
        self.finish(rendered.content)
