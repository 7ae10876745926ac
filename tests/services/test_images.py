"""Which bytes are a picture (CONTRACT section 4)."""

import asyncio
import io
import struct
import zlib

import pytest
from PIL import Image

from services.errors import Unavailable
from services.pictures.images import (
    AVATAR,
    POST_PICTURE,
    ImageChecker,
    ImageTooLarge,
    InvalidImage,
    SizeLimit,
)
from tests.factories import as_base64
from tests.pictures import PNG, picture


def check(data: bytes, limit: SizeLimit = POST_PICTURE):
    """What a checker says of some bytes."""

    async def run():
        checker = ImageChecker()
        try:
            return await checker.check(as_base64(data), limit)
        finally:
            checker.close()

    return asyncio.run(run())


def png_of_size(width: int, height: int, *, rows: int | None = None) -> bytes:
    """A black PNG with one bit a pixel, compressed to almost nothing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    line = bytes(1 + (width + 7) // 8)
    pixels = zlib.compress(line * (height if rows is None else rows), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def frames(kind: str, **options: object) -> bytes:
    """An animated picture of three frames."""
    content = io.BytesIO()
    first, *others = (Image.new("RGB", (8, 8), (shade, 0, 0)) for shade in (0, 120, 240))
    first.save(content, kind, save_all=True, append_images=others, **options)
    return content.getvalue()


@pytest.mark.parametrize(
    ("kind", "extension", "content_type"),
    [
        ("JPEG", "jpg", "image/jpeg"),
        ("PNG", "png", "image/png"),
        ("GIF", "gif", "image/gif"),
        ("WEBP", "webp", "image/webp"),
    ],
)
def test_the_real_format_decides(kind: str, extension: str, content_type: str):
    data = picture(kind)
    found = check(data)
    assert (found.data, found.extension, found.content_type) == (data, extension, content_type)


@pytest.mark.parametrize(
    ("data", "extension"),
    [(frames("GIF", loop=0), "gif"), (frames("WEBP"), "webp"), (frames("PNG"), "png")],
)
def test_an_animation_is_a_picture(data: bytes, extension: str):
    assert check(data).extension == extension


def test_a_jpeg_with_more_pictures_in_it_is_a_jpeg():
    """Phones keep a depth map or a preview behind the picture; it once ended in a 500."""
    found = check(frames("MPO"))
    assert (found.extension, found.content_type) == ("jpg", "image/jpeg")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
@pytest.mark.parametrize("part", [0.25, 0.5, 0.8])
def test_a_picture_cut_short_is_refused(kind: str, part: float):
    content = io.BytesIO()
    Image.effect_noise((64, 64), 90).convert("RGB").save(content, kind)
    data = content.getvalue()
    with pytest.raises(InvalidImage):
        check(data[: int(len(data) * part)])


@pytest.mark.parametrize("missing", [12, 16])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_end_is_needed_too(kind: str, missing: int):
    data = picture(kind, (64, 64))
    with pytest.raises(InvalidImage):
        check(data[:-missing])


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_later_frame_cut_short_is_refused(kind: str):
    data = frames(kind)
    with pytest.raises(InvalidImage):
        check(data[: len(data) * 4 // 5])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"just some text, long enough to look at",
        b"<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'/>",
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.7",
        picture("BMP"),
        picture("TIFF"),
        picture("ICO"),
        picture("PPM"),
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"RIFF\x04\0\0\0WEBP",
        b"\xff\xd8\xff\xe0" + bytes(64),
        b"junk before" + PNG,
        PNG[:30] + b"\xff" * 20 + PNG[50:],
    ],
)
def test_everything_else_is_refused(data: bytes):
    with pytest.raises(InvalidImage):
        check(data)


@pytest.mark.parametrize("limit", [POST_PICTURE, AVATAR])
def test_the_limit_is_on_decoded_bytes_and_exact(limit: SizeLimit):
    padded = PNG + bytes(limit.max_bytes - len(PNG))
    assert len(check(padded, limit).data) == limit.max_bytes
    with pytest.raises(ImageTooLarge, match=f"Image size exceeds {limit.text}$"):
        check(padded + b"\0", limit)


def test_forty_megapixels_are_taken_and_no_line_more():
    assert check(png_of_size(8000, 5000)).extension == "png"
    with pytest.raises(InvalidImage):
        check(png_of_size(8000, 5001))


@pytest.mark.parametrize(("width", "height"), [(10_000, 10_000), (40_001, 1_000), (65_535, 65_535)])
def test_a_bomb_is_refused_before_a_pixel_is_read(width: int, height: int):
    bomb = png_of_size(width, height, rows=0)
    with pytest.raises(InvalidImage):
        check(bomb)


def test_a_compressed_comment_of_any_size_does_not_fill_the_memory():
    comment = zlib.compress(bytes(80 * 1024 * 1024), 9)
    content = b"comment\0\0" + comment
    chunk = struct.pack(">I", len(content)) + b"zTXt" + content
    chunk += struct.pack(">I", zlib.crc32(b"zTXt" + content))
    with pytest.raises(InvalidImage):
        check(PNG[:33] + chunk + PNG[33:])


def test_too_many_at_once_are_told_to_come_back():
    async def run():
        checker = ImageChecker(queue=2)
        encoded = as_base64(PNG)
        try:
            return await asyncio.gather(
                *(checker.check(encoded, POST_PICTURE) for _ in range(6)), return_exceptions=True
            )
        finally:
            checker.close()

    outcomes = asyncio.run(run())
    assert [type(outcome).__name__ for outcome in outcomes].count("Unavailable") == 3
    assert all(
        o.message == "Too many pictures at once; try again in a moment."
        for o in outcomes
        if isinstance(o, Unavailable)
    )
