"""What is made once and sent often: pages, their scripts and styles, the document of the API."""

from dataclasses import dataclass

from handlers.base import BaseHandler
from handlers.compression import MIN_BYTES, compress_for_good
from handlers.etags import strong_etag

PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """Bytes as they go out, and the same in gzip; each has a tag of its own."""

    content: bytes
    content_type: str
    etag: str
    gzipped: bytes | None
    gzipped_etag: str

    @classmethod
    def of(cls, content: bytes, content_type: str) -> "Kept":
        """Compress what is long enough; for a thread, as that takes its time."""
        return cls(
            content,
            content_type,
            strong_etag(content),
            compress_for_good(content) if len(content) >= MIN_BYTES else None,
            strong_etag(content, variant="-gzip"),
        )


class KeptHandler(BaseHandler):
    """A route that answers with what is kept."""

    has_etag = True

    async def send_kept(self, kept: Kept) -> None:
        """Answer it, or 304 to who has it: `no-cache` lets a client keep it and asks it to ask.

        Piece by piece, or each client that asks and does not read would have all of it in memory.
        """
        content, etag = kept.content, kept.etag
        self.set_header("Content-Type", kept.content_type)
        self.set_header("Cache-Control", "no-cache")
        if kept.gzipped is not None:
            self._vary_by_encoding()
            if self.takes_gzip():
                self.set_header("Content-Encoding", "gzip")
                content, etag = kept.gzipped, kept.gzipped_etag
        if self.finish_if_known(etag):
            return
        self.set_header("Content-Length", len(content))
        for start in range(0, len(content), PIECE_BYTES):
            self.write(content[start : start + PIECE_BYTES])
            await self.flush()
        self.finish()
