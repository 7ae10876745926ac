"""Permissions, whichever roles they are granted to."""

from handlers.bodies import Body
from handlers.data import DataHandler
from handlers.shop.role_views import OnePermission, Permissions
from services.access.permissions import PermissionFields


class NewPermission(Body, frozen=True, kw_only=True):
    """A permission to make."""

    name: str
    resource: str
    action: str
    description: str = ""


class PermissionChanges(Body, frozen=True, kw_only=True):
    """What a permission is to say of itself; what is left out stays."""

    name: str | None = None
    resource: str | None = None
    action: str | None = None
    description: str | None = None


class PermissionsHandler(DataHandler):
    """List the permissions, or make one."""

    async def get(self) -> None:
        """SHOP "GET /api/v1/admin/permissions"."""
        self.render_data(Permissions.of(await self.services.access.permissions.all()))

    async def post(self) -> None:
        """SHOP "POST /api/v1/admin/permissions"."""
        fields = _fields(self.parse(NewPermission))
        permission = await self.services.access.permissions.create(fields, actor=self.actor)
        self.render_data(OnePermission.of(permission), status=201)


class PermissionHandler(DataHandler):
    """See, change or delete a permission."""

    async def get(self, permission_id: str) -> None:
        """SHOP "GET /api/v1/admin/permissions/:id"."""
        permission = await self.services.access.permissions.get(permission_id)
        self.render_data(OnePermission.of(permission))

    async def put(self, permission_id: str) -> None:
        """SHOP "PUT /api/v1/admin/permissions/:id"."""
        fields = _fields(self.parse(PermissionChanges))
        permission = await self.services.access.permissions.change(
            permission_id, fields, actor=self.actor
        )
        self.render_data(OnePermission.of(permission))

    async def delete(self, permission_id: str) -> None:
        """SHOP "DELETE /api/v1/admin/permissions/:id"."""
        await self.services.access.permissions.delete(permission_id, actor=self.actor)
        self.render_nothing()


def _fields(body: NewPermission | PermissionChanges) -> PermissionFields:
    return PermissionFields(
        name=body.name,
        resource=body.resource,
        action=body.action,
        description=body.description,
    )
