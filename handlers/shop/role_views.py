"""How roles and permissions are shown, and what is said of changes to them."""

from handlers.base import Answer
from repositories.types import Document


class RoleView(Answer, frozen=True, kw_only=True):
    """A role."""

    id: str
    name: str
    description: str

    @classmethod
    def of(cls, role: Document) -> "RoleView":
        """A stored role as it is shown."""
        return cls(id=str(role["_id"]), name=role["name"], description=role["description"])


class OneRole(Answer, frozen=True, kw_only=True):
    """A role, under its name in the documented shape."""

    role: RoleView

    @classmethod
    def of(cls, role: Document) -> "OneRole":
        """A stored role as it is shown."""
        return cls(role=RoleView.of(role))


class Roles(Answer, frozen=True, kw_only=True):
    """Every role."""

    roles: list[RoleView]


class PermissionView(Answer, frozen=True, kw_only=True):
    """A permission."""

    id: str
    name: str
    resource: str
    action: str
    description: str

    @classmethod
    def of(cls, permission: Document) -> "PermissionView":
        """A stored permission as it is shown."""
        return cls(
            id=str(permission["_id"]),
            name=permission["name"],
            resource=permission["resource"],
            action=permission["action"],
            description=permission["description"],
        )


class OnePermission(Answer, frozen=True, kw_only=True):
    """A permission, under its name in the documented shape."""

    permission: PermissionView

    @classmethod
    def of(cls, permission: Document) -> "OnePermission":
        """A stored permission as it is shown."""
        return cls(permission=PermissionView.of(permission))


class Permissions(Answer, frozen=True, kw_only=True):
    """Some or all permissions."""

    permissions: list[PermissionView]

    @classmethod
    def of(cls, permissions: list[Document]) -> "Permissions":
        """Stored permissions as they are shown."""
        return cls(permissions=[PermissionView.of(each) for each in permissions])


class RoleNames(Answer, frozen=True, kw_only=True):
    """The names of an account's roles."""

    roles: list[str]


class RightsChanged(Answer, frozen=True, kw_only=True):
    """That a permission was granted or a role assigned."""

    message: str
