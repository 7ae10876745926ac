"""How many accounts there are, of which kinds, and how many come each day."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from repositories.accounts.users import UserFilter, UserRepository
from services.access.actor import Role
from services.console.days import count_by_day
from services.console.figures import Accounts

# Everybody has `user`.
_STAFF: Final = tuple(role for role in Role if role is not Role.USER)


class AccountFigures:
    """Counts accounts, by lists and indexes alone."""

    def __init__(self, users: UserRepository):
        self._users = users

    async def accounts(self, days: Sequence[datetime]) -> Accounts:
        """The accounts, and the signups of each day."""
        counts = []
        for which in (UserFilter(), UserFilter(is_active=False), UserFilter(is_child=True)):
            counts.append(await self._users.count(which))
            await asyncio.sleep(0)
        total, inactive, children = counts
        return Accounts(
            total=total,
            inactive=inactive,
            children=children,
            with_role={role.value: await self._users.count_with_role(role) for role in _STAFF},
            signups_by_day=await count_by_day(self._users.count_created, days),
        )
