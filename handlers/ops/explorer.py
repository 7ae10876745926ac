"""`/` and `/docs`: what runs here, and the explorer in which it is tried."""

import asyncio
import importlib.util
from pathlib import Path

from handlers.kept import Kept, KeptHandler
from handlers.page_headers import SCRIPTED_POLICY, set_page_headers
from services.errors import NotFound

_PAGES = Path(__file__).parent / "pages"
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}


def _swagger_ui() -> Path:
    """Where the distribution of Swagger UI is; its package is not imported, it would want Flask."""
    spec = importlib.util.find_spec("flask_swagger_ui")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("flask-swagger-ui is not installed; see requirements.txt")
    return Path(spec.submodule_search_locations[0]) / "dist"


_FILES = {
    "page.css": _PAGES / "docs.css",
    "page.js": _PAGES / "docs.js",
    "swagger-ui.css": _swagger_ui() / "swagger-ui.css",
    "swagger-ui-bundle.js": _swagger_ui() / "swagger-ui-bundle.js",
}


class UnknownFile(NotFound):
    """The explorer has no such file."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__("The explorer has no such file")


_kept: dict[Path, Kept] = {}


def _keep(path: Path) -> Kept:
    """Read a file and compress it, once for the process; two at once do the same."""
    return _kept.setdefault(path, Kept.of(path.read_bytes(), _TYPES[path.suffix]))


class FileHandler(KeptHandler):
    """A route that answers with a file of a page."""

    async def send_file(self, path: Path) -> None:
        """Answer with a file; all that is sent is known beforehand."""
        kept = _kept.get(path)
        if kept is None:
            kept = await asyncio.to_thread(_keep, path)
        set_page_headers(self, policy=SCRIPTED_POLICY, cache="no-cache")
        await self.send_kept(kept)


class HomeHandler(FileHandler):
    """See what runs here."""

    async def get(self) -> None:
        """The page for somebody who has never seen the product."""
        await self.send_file(_PAGES / "home.html")


class HomeStyleHandler(FileHandler):
    """Get the style of the home page."""

    async def get(self) -> None:
        """A file, as the policy of the page allows no styles in it."""
        await self.send_file(_PAGES / "home.css")


class DocsHandler(FileHandler):
    """Try the API in a browser."""

    async def get(self) -> None:
        """Swagger UI over `/openapi.json`, with a sign-in for each kind of account."""
        await self.send_file(_PAGES / "docs.html")


class DocsFileHandler(FileHandler):
    """Get what the explorer is made of."""

    async def get(self, name: str) -> None:
        """One of its scripts and styles; no other file can be named."""
        if name not in _FILES:
            raise UnknownFile
        await self.send_file(_FILES[name])
