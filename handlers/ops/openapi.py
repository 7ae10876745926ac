"""`/openapi.json`: what the server answers, for programs and for `/docs`."""

from handlers.kept import KeptHandler
from handlers.openapi.document import ApiDocument


class OpenApiHandler(KeptHandler):
    """Get the document of the API: this one."""

    async def get(self) -> None:
        """OpenAPI 3.1, made of the table of routes and the types that they read and answer."""
        document: ApiDocument = self.settings["api_document"]
        await self.send_kept(await document.kept())
