"""Whether an account is in use: its own state, and that of a child's parent."""

from repositories.accounts.users import UserRepository
from repositories.types import Document, Tx


async def is_shut_out(user: Document, users: UserRepository, *, tx: Tx = None) -> bool:
    """Whether nobody may sign in to the account, or go on, at this moment.

    It was deactivated, or it is the child of one that was (CONTRACT section 5).
    """
    if not user["is_active"]:
        return True
    parent_id = user.get("parent_id")
    if parent_id is None:
        return False
    parent = await users.find(parent_id, tx=tx)
    return parent is None or not parent["is_active"]
