"""Child users in the hands of their parent."""

from handlers.accounts.user_view import UserView
from handlers.bodies import Body
from handlers.pagination import Meta, PagedHandler
from handlers.sociox.base import SocioxHandler
from repositories.types import Document
from services.accounts.names import split_name


class NewChild(Body, frozen=True, kw_only=True):
    """A child's account to make; `permissions` are names of the client's own."""

    email: str
    password: str
    name: str
    permissions: list[str] = []


class ChildChanges(Body, frozen=True, kw_only=True):
    """What a child is to be; what is left out stays, and `permissions` replace all."""

    name: str | None = None
    permissions: list[str] | None = None


class _ChildHandler(SocioxHandler):
    """A route that shows a child to its parent."""

    async def view_child(self, child: Document) -> UserView:
        """The child's account; a phone number is its owner's to show."""
        return await self.view_user(child, shows_phone_number=False)


class ChildrenHandler(_ChildHandler, PagedHandler):
    """List the caller's child users, or make one."""

    async def get(self) -> None:
        """Added for parents to find their child users again; pages as the list of users."""
        page = await self.services.sociox.children.page(self.page_request(), actor=self.actor)
        self.render_message(
            "Child users retrieved successfully",
            [await self.view_child(child) for child in page.items],
            meta=Meta.of(page),
        )

    async def post(self) -> None:
        """SOCIOX "Register child email"; an account's plan may limit how many there are."""
        body = self.parse(NewChild)
        child = await self.services.sociox.children.create(
            body.email, body.password, split_name(body.name), body.permissions, actor=self.actor
        )
        self.render_message(
            "Child user created successfully", await self.view_child(child), status=201
        )


class ChildHandler(_ChildHandler):
    """Change or remove a child user of the caller."""

    async def patch(self, child_id: str) -> None:
        """Added, as permissions that can only be given once are given wrong once."""
        body = self.parse(ChildChanges)
        child = await self.services.sociox.children.change(
            child_id,
            name=None if body.name is None else split_name(body.name),
            permissions=body.permissions,
            actor=self.actor,
        )
        self.render_message("Child user updated successfully", await self.view_child(child))

    async def delete(self, child_id: str) -> None:
        """Added; the child's account goes with everything that is theirs."""
        await self.services.sociox.children.remove(child_id, actor=self.actor)
        self.render_message("Child user deleted successfully")
