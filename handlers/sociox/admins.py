"""Admins: signing in, and their accounts in the hands of superadmins."""

from handlers.accounts.auth import AccountHandler, Login, Register
from handlers.bodies import Body
from handlers.sociox.base import SocioxHandler


class AdminLoginHandler(AccountHandler):
    """Sign in an admin."""

    async def post(self) -> None:
        """SOCIOX "Admin Login"; answers like any sign-in (CONTRACT section 3)."""
        body = self.parse(Login)
        signed_in = await self.services.accounts.sign_in.admin_with_email(
            body.email, body.password, address=self.request.remote_ip or ""
        )
        self.set_quotas(*signed_in.quotas)
        await self.render_signed_in(signed_in, "Login successful")


class NewAdmin(Register, frozen=True, kw_only=True):
    """An admin to make; without `permissions` there are no limits, with `[]` nothing else."""

    permissions: list[str] | None = None


class AdminPermissions(Body, frozen=True, kw_only=True):
    """All that an admin is limited to from now on."""

    permissions: list[str]


class CreateAdminHandler(SocioxHandler):
    """Make an admin."""

    async def post(self) -> None:
        """SOCIOX "create admin by superadmin"."""
        body = self.parse(NewAdmin)
        admin = await self.services.sociox.admins.create(
            body.email, body.password, body.read_name(), body.permissions, actor=self.actor
        )
        self.render_message("Admin created successfully", await self.view_user(admin), status=201)


class AdminsHandler(SocioxHandler):
    """List all admins."""

    async def get(self) -> None:
        """SOCIOX "get-all-admins"; the whole list, superadmins too, oldest first."""
        admins = await self.services.sociox.admins.all()
        self.render_message(
            "Admins retrieved successfully", [await self.view_user(admin) for admin in admins]
        )


class AdminDetailsHandler(SocioxHandler):
    """See an admin, or limit what the admin may do."""

    async def get(self, admin_id: str) -> None:
        """SOCIOX "get-admin-details"."""
        admin = await self.services.sociox.admins.get(admin_id)
        self.render_message("Admin details retrieved successfully", await self.view_user(admin))

    async def put(self, admin_id: str) -> None:
        """SOCIOX "update admin permission", whose URL there is a slip (CONTRACT section 5)."""
        body = self.parse(AdminPermissions)
        admin = await self.services.sociox.admins.limit(
            admin_id, body.permissions, actor=self.actor
        )
        self.render_message("Admin permissions updated successfully", await self.view_user(admin))

    async def patch(self, admin_id: str) -> None:
        """Like PUT."""
        await self.put(admin_id=admin_id)


class DeleteAdminHandler(SocioxHandler):
    """Delete an admin's account."""

    async def delete(self, admin_id: str) -> None:
        """SOCIOX "delete admins"."""
        await self.services.sociox.admins.delete(admin_id, actor=self.actor)
        self.render_message("Admin deleted successfully")
