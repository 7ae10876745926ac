"""Refusals that roles, permissions and assignments share."""

from services.errors import Conflict, Forbidden, Invalid, NotFound


class InsufficientPermissions(Forbidden):
    """The caller would do more than its own roles give."""

    def __init__(self) -> None:
        super().__init__("Insufficient permissions")


class RoleNotFound(NotFound):
    """There is no role with this id or name."""

    code = "role_not_found"

    def __init__(self) -> None:
        super().__init__("Role not found")


class PermissionNotFound(NotFound):
    """There is no permission with this id."""

    code = "permission_not_found"

    def __init__(self) -> None:
        super().__init__("Permission not found")


class RoleTaken(Conflict):
    """Another role has this name."""

    code = "role_taken"

    def __init__(self) -> None:
        super().__init__("Role already exists")


class PermissionTaken(Conflict):
    """Another permission has this name."""

    code = "permission_taken"

    def __init__(self) -> None:
        super().__init__("Permission already exists")


class UnusableText(Invalid):
    """A name or another short text is blank, too long or can't be shown."""

    code = "invalid_field"

    def __init__(self, field: str, length: str):
        super().__init__(f"{field} must have {length} printable characters")


class NothingToChange(Invalid):
    """An update names no field."""

    code = "missing_field"

    def __init__(self, fields: str):
        super().__init__(f"Give at least one of {fields}")


class DefaultRoleFixed(Forbidden):
    """The product itself asks for the default roles, by their names."""

    code = "default_role"

    def __init__(self, name: str):
        super().__init__(f"{name} is a default role, which can't be renamed or deleted")


class DefaultPermissionFixed(Forbidden):
    """The product itself asks for the default permissions."""

    code = "default_permission"

    def __init__(self, name: str):
        super().__init__(f"{name} is a default permission, which can't be renamed or deleted")


class AdminsHoldEverything(Forbidden):
    """Nothing can be taken from the roles that hold every permission."""

    code = "admins_hold_everything"

    def __init__(self, name: str):
        super().__init__(f"{name} holds every permission; limit an admin's account instead")


class RoleRequired(Invalid):
    """An assignment says no role."""

    code = "missing_field"

    def __init__(self) -> None:
        super().__init__("Either role_id or role_name is required")


class RolesDisagree(Invalid):
    """`role_id` and `role_name` mean two roles."""

    code = "roles_disagree"

    def __init__(self) -> None:
        super().__init__("role_id and role_name are of different roles; send one of them")


class UserRoleStays(Forbidden):
    """Every account has `user`."""

    code = "user_role_stays"

    def __init__(self) -> None:
        super().__init__("Every account has the role user; it can't be removed")


class ChildIsNoAdmin(Forbidden):
    """Its parent has the account in hand, and would have an admin in hand."""

    code = "child_account"

    def __init__(self) -> None:
        super().__init__("A child account can't be an admin; make the admin an account of its own")


class LastSuperadmin(Forbidden):
    """Nobody could appoint another."""

    code = "last_superadmin"

    def __init__(self) -> None:
        super().__init__("This is the last superadmin; appoint another first")
