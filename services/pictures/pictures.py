"""Uploading, using and reading pictures (CONTRACT section 4)."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import timedelta

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.pictures import PictureRepository
from repositories.types import Download, Transaction, Tx
from services.access.actor import Actor
from services.accounts.sessions import InvalidAccessToken
from services.clock import Clock
from services.errors import Invalid
from services.housekeeping import do_each
from services.pictures.images import AVATAR, POST_PICTURE, ImageChecker, Picture

_TYPES = ("jpg", "jpeg", "png", "gif", "webp")
_UNUSED_LIFETIME = timedelta(days=1)
_SLICE = 500


class UnsupportedImageType(Invalid):
    """The declared type is none that is taken."""

    code = "unsupported_image_type"

    def __init__(self) -> None:
        super().__init__("Image type must be jpg, jpeg, png, gif or webp")


class UnknownPicture(Invalid):
    """A named picture is not an upload of the caller's that is still unused."""

    code = "unknown_picture"

    def __init__(self, filename: str):
        super().__init__(
            f"Picture {filename[:100]} is not an unused upload of yours; upload it first"
        )


class PictureService:
    """Keeps pictures: each has an owner, and at most one thing that shows it."""

    def __init__(
        self,
        pictures: PictureRepository,
        users: UserRepository,
        checker: ImageChecker,
        transaction: Transaction,
        clock: Clock,
    ):
        self._pictures = pictures
        self._users = users
        self._checker = checker
        self._transaction = transaction
        self._clock = clock

    async def upload(self, image_type: str, encoded: str, *, actor: Actor) -> str:
        """Keep a picture for a post to come and answer its file name.

        Raises UnsupportedImageType, InvalidBase64, ImageTooLarge, InvalidImage,
        Unavailable, or InvalidAccessToken when the account is gone.
        """
        if image_type.lower() not in _TYPES:
            raise UnsupportedImageType
        picture = await self._checker.check(encoded, POST_PICTURE)
        # One transaction, so that a crash leaves no chunks without their file.
        async with self._transaction() as tx:
            if await self._users.lock(actor.id, tx=tx) is None:
                # Deleted since the request came in, and its pictures with it.
                raise InvalidAccessToken
            _, filename = await self._keep(picture, actor, used_by=None, tx=tx)
        return filename

    async def check_avatar(self, encoded: str) -> Picture:
        """A picture fit for an avatar. Raises what `upload` raises."""
        return await self._checker.check(encoded, AVATAR)

    async def keep_avatar(self, picture: Picture, *, actor: Actor, tx: Tx) -> ObjectId:
        """Keep a checked avatar and answer its id."""
        picture_id, _ = await self._keep(picture, actor, used_by=actor.id, tx=tx)
        return picture_id

    async def _keep(
        self, picture: Picture, actor: Actor, *, used_by: ObjectId | None, tx: Tx
    ) -> tuple[ObjectId, str]:
        picture_id = ObjectId()
        # The id goes into the hash: equal bytes, even in one second, get names of their own.
        digest = hashlib.sha256(picture_id.binary + picture.digest).hexdigest()[:40]
        uploaded_at = self._clock().strftime("%Y-%m-%dT%H:%M:%SZ")
        filename = f"{digest}-{uploaded_at}.{picture.extension}"
        metadata = {
            "owner_id": actor.id,
            "used_by": used_by,
            "content_type": picture.content_type,
        }
        await self._pictures.insert(picture_id, filename, picture.data, metadata, tx=tx)
        return picture_id, filename

    async def claim(
        self, filenames: Sequence[str], *, used_by: ObjectId, actor: Actor, tx: Tx
    ) -> list[ObjectId]:
        """Take the caller's unused uploads into use. Raises UnknownPicture."""
        claimed = []
        for filename in filenames:
            picture = await self._pictures.claim(
                filename, owner_id=actor.id, used_by=used_by, tx=tx
            )
            if picture is None:
                raise UnknownPicture(filename)
            claimed.append(picture["_id"])
        return claimed

    async def find_download(self, picture_id: ObjectId) -> Download | None:
        """A picture to be read piece by piece; None when it was deleted a moment ago."""
        return await self._pictures.find_download(picture_id)

    async def find_data(self, picture_id: ObjectId) -> bytes | None:
        """A small picture, whole; None when it was deleted a moment ago."""
        return await self._pictures.find_data(picture_id)

    async def delete(self, picture_ids: Sequence[ObjectId], *, tx: Tx) -> None:
        """Delete pictures that nothing shows any more."""
        await self._pictures.delete(picture_ids, tx=tx)

    async def erase(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Delete every picture of an account."""
        while picture_ids := await self._pictures.of_owner(user_id, _SLICE, tx=tx):
            await self._pictures.delete(picture_ids, tx=tx)

    async def count_unused(self) -> int:
        """How many uploads `delete_unused` would delete."""
        return await self._pictures.count_unused_since(self._clock() - _UNUSED_LIFETIME)

    async def delete_unused(self) -> int:
        """Delete uploads that nothing took into use for a day; tells how many.

        What another process is about, or fails, is left to the next time.
        """
        uploaded_before = self._clock() - _UNUSED_LIFETIME

        async def unused(left: Collection[ObjectId]) -> list[ObjectId]:
            return await self._pictures.unused_since(uploaded_before, _SLICE, but=left)

        return await do_each("pictures", unused, self._delete_if_unused)

    async def _delete_if_unused(self, picture_id: ObjectId) -> bool:
        async with self._transaction() as tx:
            # Claimed for the bin first: a post that wants it at this moment gets it or not.
            is_free = await self._pictures.claim_for_deletion(picture_id, tx=tx)
            if is_free:
                await self._pictures.delete([picture_id], tx=tx)
        return is_free
