"""`/` and `/docs`: what runs here, and the explorer in which it is tried."""

import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from handlers.base import BaseHandler
from services.errors import NotFound

_PAGES = Path(__file__).parent / "pages"
# Scripts and styles of this server alone; Swagger UI draws its arrows as data: pictures.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Page:
    """A file of a page as it goes out."""

    content: bytes
    content_type: str


@cache
def read_page(path: Path) -> Page:
    """A file, read once."""
    return Page(path.read_bytes(), _TYPES[path.suffix])


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


class FileHandler(BaseHandler):
    """A route that answers with a file of a page."""

    def send_page(self, path: Path) -> None:
        """Answer with a file; all that is sent is known beforehand."""
        page = read_page(path)
        for name, value in _HEADERS.items():
            self.set_header(name, value)
        self.set_header("Content-Type", page.content_type)
        self.finish(page.content)


class HomeHandler(FileHandler):
    """See what runs here."""

    async def get(self) -> None:
        """The page for somebody who has never seen the product."""
        self.send_page(_PAGES / "home.html")


class HomeStyleHandler(FileHandler):
    """Get the style of the home page."""

    async def get(self) -> None:
        """A file, as the policy of the page allows no styles in it."""
        self.send_page(_PAGES / "home.css")


class DocsHandler(FileHandler):
    """Try the API in a browser."""

    async def get(self) -> None:
        """Swagger UI over `/openapi.json`, with a sign-in for each kind of account."""
        self.send_page(_PAGES / "docs.html")


class DocsFileHandler(FileHandler):
    """Get what the explorer is made of."""

    async def get(self, name: str) -> None:
        """One of its scripts and styles; no other file can be named."""
        if name not in _FILES:
            raise UnknownFile
        self.send_page(_FILES[name])
