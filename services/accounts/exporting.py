"""Everything about one person, to be handed to them."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Protocol

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.pictures import PictureRepository
from repositories.types import Document, Download
from services.accounts.identifiers import as_identifier
from services.accounts.profile import UserNotFound
from services.messaging.addresses import parse_email


class Exporter(Protocol):
    """What a part of the product hands over of an account. Secrets, and what is others', it
    leaves out."""

    @property
    def collections(self) -> frozenset[str]:
        """The collections that it answers for."""
        ...

    def sections(self, user: Document) -> Iterable[tuple[str, AsyncIterator[Document]]]:
        """What it keeps of the account, by what it is."""
        ...


class AccountExport:
    """Reads what all parts keep of an account, piece by piece."""

    def __init__(
        self, users: UserRepository, pictures: PictureRepository, exporters: Sequence[Exporter]
    ):
        self._users = users
        self._pictures = pictures
        self.exporters = exporters

    async def get_by_id(self, user_id: str) -> Document:
        """The account with this id, in 24 hex digits. Raises UserNotFound."""
        found = await self._users.find(ObjectId(user_id)) if ObjectId.is_valid(user_id) else None
        return _known(found)

    async def get_by_email(self, email: str) -> Document:
        """The account with this address. Raises UserNotFound or InvalidEmail."""
        return _known(await self._users.find_by_email(parse_email(email)))

    async def get_by_phone(self, identifier: str) -> Document:
        """The forum account with this number or name. Raises UserNotFound."""
        return _known(await self._users.find_by_phone_identifier(as_identifier(identifier)))

    def sections(self, user: Document) -> Iterable[tuple[str, AsyncIterator[Document]]]:
        """All that is kept of an account, by what it is."""
        for exporter in self.exporters:
            yield from exporter.sections(user)

    async def find_picture(self, picture: Document) -> Download | None:
        """A picture of the section `pictures`, to be read piece by piece; None when it is gone."""
        return await self._pictures.find_download(picture["_id"])


def _known(user: Document | None) -> Document:
    if user is None:
        raise UserNotFound
    return user
