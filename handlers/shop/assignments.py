"""Which roles an account has."""

from handlers.bodies import Body
from handlers.data import DataHandler
from handlers.shop.role_views import RightsChanged, RoleNames


class Assignment(Body, frozen=True, kw_only=True):
    """Which role, by id or by name; if by both, they have to agree."""

    role_id: str | None = None
    role_name: str | None = None


class UserRolesHandler(DataHandler):
    """See which roles an account has, or give it one."""

    async def get(self, user_id: str) -> None:
        """SHOP "GET /api/v1/admin/users/:id/roles"."""
        self.render_data(RoleNames(roles=await self.services.access.assignments.names_of(user_id)))

    async def post(self, user_id: str) -> None:
        """SHOP "POST /api/v1/admin/users/:id/roles"."""
        body = self.parse(Assignment)
        await self.services.access.assignments.assign(
            user_id, role_id=body.role_id, role_name=body.role_name, actor=self.actor
        )
        self.render_data(RightsChanged(message="Role assigned successfully"))


class UserRoleHandler(DataHandler):
    """Take a role from an account."""

    async def delete(self, user_id: str, role_id: str) -> None:
        """SHOP "DELETE /api/v1/admin/users/:id/roles/:roleId"."""
        await self.services.access.assignments.remove(user_id, role_id, actor=self.actor)
        self.render_nothing()
