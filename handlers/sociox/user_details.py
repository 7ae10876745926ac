"""All about one user, for admins."""

from datetime import datetime

import msgspec

from handlers.accounts.user_view import UserView
from handlers.sociox.base import SocioxHandler
from handlers.sociox.subscription_views import SubscriptionView
from handlers.timestamps import as_timestamp


class UserDetailsView(UserView, frozen=True, kw_only=True):
    """The user object, and what the account has in all parts of the product.

    `counts` are by kind: `children`, `posts`, `orders` and so on. `sessions` are the
    sign-ins that still hold, `last_sign_in_at` the newest of them, null without any.
    """

    subscription: SubscriptionView | None
    children: list[UserView]
    counts: dict[str, int]
    sessions: int
    last_sign_in_at: datetime | None


class UserDetailsHandler(SocioxHandler):
    """See all about a user."""

    async def get(self, user_id: str) -> None:
        """SOCIOX "complete user details by id"."""
        found = await self.services.sociox.user_details.get(user_id, actor=self.actor)
        user = await self.view_user(found.user)
        details = UserDetailsView(
            **msgspec.structs.asdict(user),
            subscription=None
            if found.subscription is None
            else SubscriptionView.of(found.subscription),
            children=[await self.view_user(child) for child in found.children],
            counts=dict(found.counts),
            sessions=found.sessions,
            last_sign_in_at=None
            if found.last_sign_in_at is None
            else as_timestamp(found.last_sign_in_at),
        )
        self.render_message("User details retrieved successfully", details)
