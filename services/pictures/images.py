"""Whether bytes are a picture we take, found out in a thread behind a bounded queue."""

import asyncio
import hashlib
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from PIL import Image

from services.errors import Invalid, Unavailable
from services.pictures import base64_text

_MAX_PIXELS = 40_000_000
_DECODERS = ("JPEG", "PNG", "GIF", "WEBP")
# Pillow's name of a format: the extension and the content type we store.
_FORMATS = {
    "JPEG": ("jpg", "image/jpeg"),
    # What the JPEG decoder calls one with further pictures in it, as many phones take them.
    "MPO": ("jpg", "image/jpeg"),
    "PNG": ("png", "image/png"),
    "GIF": ("gif", "image/gif"),
    "WEBP": ("webp", "image/webp"),
}


class InvalidBase64(Invalid):
    """The picture did not come as base64."""

    code = "invalid_base64"

    def __init__(self) -> None:
        super().__init__("Invalid base64 data")


class InvalidImage(Invalid):
    """The bytes are no jpg, png, gif or webp that can be opened, or have too many pixels."""

    code = "invalid_image"

    def __init__(self) -> None:
        super().__init__("Invalid image data")


class ImageTooLarge(Invalid):
    """The picture has too many bytes."""

    code = "image_too_large"

    def __init__(self, limit: str):
        super().__init__(f"Image size exceeds {limit}")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was accepted: its bytes as they came, and what they really are.

    `digest` is their SHA-256, made where it holds nobody up.
    """

    data: bytes
    digest: bytes
    extension: str
    content_type: str


@dataclass(frozen=True, slots=True)
class SizeLimit:
    """How many bytes a picture may have, and how the refusal says so."""

    max_bytes: int
    text: str


POST_PICTURE = SizeLimit(5 * 1024 * 1024, "5MB")
AVATAR = SizeLimit(256 * 1024, "256KB")


class ImageChecker:
    """Decodes and opens pictures off the event loop.

    One at a time: 40 megapixels take 160 MB while they are looked at. At most
    `queue` wait; more are Unavailable at once.
    """

    def __init__(self, *, queue: int = 16):
        self.limit = 1 + queue
        self._jobs = 0
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="pillow")
        # Our own limit is lower and is checked before any pixel is read.
        Image.MAX_IMAGE_PIXELS = None

    async def check(self, encoded: str, limit: SizeLimit) -> Picture:
        """The picture that base64 text holds.

        Raises InvalidBase64, ImageTooLarge, InvalidImage or Unavailable.
        """
        if self._jobs >= self.limit:
            raise Unavailable("Too many pictures at once; try again in a moment.")
        self._jobs += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._pool, _check, encoded, limit
            )
        finally:
            self._jobs -= 1

    @property
    def jobs(self) -> int:
        """How many are looked at or wait, of `limit` that may."""
        return self._jobs

    def close(self) -> None:
        """End the thread."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def _check(encoded: str, limit: SizeLimit) -> Picture:
    try:
        data = base64_text.decode(encoded)
    except base64_text.NotBase64:
        raise InvalidBase64 from None
    if len(data) > limit.max_bytes:
        raise ImageTooLarge(limit.text)
    return _open(data)


def _open(data: bytes) -> Picture:
    try:
        kind = _kind(data)
    except Exception:
        # Pillow's decoders raise OSError, ValueError, SyntaxError, struct.error, ... on bad bytes.
        raise InvalidImage from None
    if kind is None:
        raise InvalidImage
    extension, content_type = _FORMATS[kind]
    return Picture(data, hashlib.sha256(data).digest(), extension, content_type)


def _kind(data: bytes) -> str | None:
    """Pillow's name of the format, or None for a picture of too many pixels."""
    with Image.open(io.BytesIO(data), formats=_DECODERS) as image:
        if image.width * image.height > _MAX_PIXELS:
            return None
        # A header alone proves nothing: a picture cut short is found out here.
        image.load()
        kind = image.format
    if kind == "PNG":
        # Loading stops at the first frame's last pixel; this goes through every part to the end.
        with Image.open(io.BytesIO(data), formats=_DECODERS) as image:
            image.verify()
    return kind
