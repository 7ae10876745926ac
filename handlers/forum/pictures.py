"""Pictures of posts: uploading one, and reading it as JSON or as it is."""

import base64

from handlers.bodies import Body, Int64
from handlers.forum.base import ForumHandler, TokenInBodyHandler
from handlers.forum.views import PictureUploaded
from repositories.types import Download
from services.forum.posts import PictureNotFound


class CreatePicture(Body, frozen=True, kw_only=True):
    """A picture in base64, with the type its sender takes it for."""

    image_type: str
    image_data: str

    missing = {
        "image_type": "Image type is required",
        "image_data": "Image data is required",
    }


class CreatePictureHandler(TokenInBodyHandler):
    """Upload a picture for a post to come."""

    async def post(self) -> None:
        """FORUM section 9."""
        body = self.parse(CreatePicture)
        filename = await self.services.pictures.upload(
            body.image_type, body.image_data, actor=self.actor
        )
        self.render(PictureUploaded(filename=filename), status=201)


class PictureHandler(ForumHandler):
    """Sends a picture piece by piece."""

    async def send_json(self, picture: Download) -> None:
        """`{"image": "<base64>"}`, never whole in memory.

        A chunk of GridFS is 255 KiB, which is divisible by three: each becomes
        base64 without padding, but for the last.
        """
        before, after = b'{"image":"', b'"}'
        encoded_length = (picture.length + 2) // 3 * 4
        self.set_header("Content-Type", "application/json")
        self.set_header("Content-Length", len(before) + encoded_length + len(after))
        self.write(before)
        while chunk := await picture.readchunk():
            self.write(base64.b64encode(chunk))
            await self.flush()
        self.finish(after)

    async def send_image(self, picture: Download) -> None:
        """The picture's own bytes, with an `ETag`: a picture never changes."""
        self.set_header("Cache-Control", "private, max-age=86400")
        if self.finish_if_known(f'"{picture._id}"'):
            return
        self.set_header("Content-Type", (picture.metadata or {})["content_type"])
        self.set_header("Content-Length", picture.length)
        self.set_header("X-Content-Type-Options", "nosniff")
        while chunk := await picture.readchunk():
            self.write(chunk)
            await self.flush()
        self.finish()


class GetPicture(Body, frozen=True, kw_only=True):
    """Which picture of which post, counted from 0."""

    postid: Int64
    picture_index: Int64

    missing = {
        "postid": "Postid is required",
        "picture_index": "Picture index is required",
    }


class GetPictureHandler(TokenInBodyHandler, PictureHandler):
    """Read a picture of a post."""

    async def post(self) -> None:
        """FORUM section 7."""
        body = self.parse(GetPicture)
        await self.send_json(
            await self.services.forum.posts.picture(body.postid, body.picture_index)
        )


class PostPictureHandler(TokenInBodyHandler, PictureHandler):
    """Read a picture by the older client's path."""

    has_etag = True

    async def post(self, postid: str, picture_index: str) -> None:
        """FORUM-OLD section 7: JSON."""
        await self.send_json(await self._picture(postid, picture_index))

    async def get(self, postid: str, picture_index: str) -> None:
        """The image itself, for an `<img>` or a cache (CONTRACT section 4)."""
        await self.send_image(await self._picture(postid, picture_index))

    async def _picture(self, postid: str, picture_index: str) -> Download:
        number, index = as_number(postid), as_number(picture_index)
        if number is None or index is None:
            raise PictureNotFound
        return await self.services.forum.posts.picture(number, index)


def as_number(text: str) -> int | None:
    """A whole number in a path, in ASCII digits and of a size the store keeps."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None
