"""Roles, and what is granted to them."""

from handlers.bodies import Body
from handlers.data import DataHandler
from handlers.shop.role_views import OneRole, Permissions, RightsChanged, Roles, RoleView


class NewRole(Body, frozen=True, kw_only=True):
    """A role to make."""

    name: str
    description: str = ""


class RoleChanges(Body, frozen=True, kw_only=True):
    """What a role is to be; what is left out stays."""

    name: str | None = None
    description: str | None = None


class Grant(Body, frozen=True, kw_only=True):
    """Which permission."""

    permission_id: str


class RolesHandler(DataHandler):
    """List the roles, or make one."""

    async def get(self) -> None:
        """SHOP "GET /api/v1/admin/roles"."""
        roles = await self.services.access.roles.all()
        self.render_data(Roles(roles=[RoleView.of(role) for role in roles]))

    async def post(self) -> None:
        """SHOP "POST /api/v1/admin/roles"."""
        body = self.parse(NewRole)
        role = await self.services.access.roles.create(
            body.name, body.description, actor=self.actor
        )
        self.render_data(OneRole.of(role), status=201)


class RoleHandler(DataHandler):
    """See, change or delete a role."""

    async def get(self, role_id: str) -> None:
        """SHOP "GET /api/v1/admin/roles/:id"."""
        self.render_data(OneRole.of(await self.services.access.roles.get(role_id)))

    async def put(self, role_id: str) -> None:
        """SHOP "PUT /api/v1/admin/roles/:id"."""
        body = self.parse(RoleChanges)
        role = await self.services.access.roles.change(
            role_id, body.name, body.description, actor=self.actor
        )
        self.render_data(OneRole.of(role))

    async def delete(self, role_id: str) -> None:
        """SHOP "DELETE /api/v1/admin/roles/:id"."""
        await self.services.access.roles.delete(role_id, actor=self.actor)
        self.render_nothing()


class RolePermissionsHandler(DataHandler):
    """See what a role lets its holders do, or let them do more."""

    async def get(self, role_id: str) -> None:
        """SHOP "GET /api/v1/admin/roles/:id/permissions"."""
        permissions = await self.services.access.roles.permissions_of(role_id)
        self.render_data(Permissions.of(permissions))

    async def post(self, role_id: str) -> None:
        """SHOP "POST /api/v1/admin/roles/:id/permissions"."""
        body = self.parse(Grant)
        await self.services.access.roles.grant(role_id, body.permission_id, actor=self.actor)
        self.render_data(RightsChanged(message="Permission granted successfully"))


class RolePermissionHandler(DataHandler):
    """Take a permission from a role."""

    async def delete(self, role_id: str, permission_id: str) -> None:
        """SHOP "DELETE /api/v1/admin/roles/:id/permissions/:permId"."""
        await self.services.access.roles.revoke(role_id, permission_id, actor=self.actor)
        self.render_nothing()
