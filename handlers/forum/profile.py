"""The caller's own profile."""

from msgspec import UNSET, UnsetType

from handlers.bodies import Body, WrongType
from handlers.forum.base import UnauthenticatedWords
from handlers.forum.views import Message, ProfileView
from services.errors import Invalid


class ReadOnlyFields(Invalid):
    """Only the display name and the avatar can be changed."""

    code = "read_only_fields"

    def __init__(self) -> None:
        super().__init__("Cannot put ReadOnly fields")


class ProfileChanges(Body, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the profile is to show; what is left out stays, a null `avatar` takes it away."""

    username: str | UnsetType = UNSET
    avatar: str | UnsetType | None = UNSET


class ProfileHandler(UnauthenticatedWords):
    """See, change and delete the caller's profile."""

    unauthenticated = "Unauthorized"
    has_etag = True  # an avatar of 256 KiB is in every answer

    async def get(self) -> None:
        """FORUM section 17."""
        self.render(ProfileView.of(await self.services.accounts.profile.get(actor=self.actor)))

    async def put(self) -> None:
        """FORUM section 16; `"avatar": null` takes the avatar away."""
        given = self.body_object()
        if not given.keys() <= set(ProfileChanges.__struct_fields__):
            raise ReadOnlyFields
        for name, value in given.items():
            if not isinstance(value, str) and (name, value) != ("avatar", None):
                raise WrongType(name, f"Expected str, got {type(value).__name__}")
        profile = await self.services.accounts.profile.change(
            username=given.get("username"),
            avatar=given.get("avatar"),
            removes_avatar="avatar" in given and given["avatar"] is None,
            actor=self.actor,
        )
        self.render(ProfileView.of(profile))

    async def delete(self) -> None:
        """FORUM section 18."""
        await self.services.accounts.profile.delete(actor=self.actor)
        self.render(Message(message="User deleted successfully"))
