"""Who is meant by `participant_id` and `manager_id`, and whether the caller may say so."""

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.types import Document
from services.access.actor import Actor
from services.lms.errors import AnotherManager, AnotherParticipant, UnknownReference
from services.lms.ids import given_id


class Participants:
    """The accounts that learn."""

    def __init__(self, users: UserRepository):
        self._users = users

    async def resolve(self, participant_id: str | None, *, actor: Actor) -> ObjectId:
        """The participant that is meant: the caller, or whom a manager names.

        Raises InvalidField, UnknownReference or AnotherParticipant.
        """
        if participant_id is None:
            return actor.id
        wanted = check_participant(participant_id, actor=actor)
        if wanted == actor.id:
            return wanted
        if await self._users.find(wanted) is None:
            raise UnknownReference("participant_id", "account")
        return wanted


def shown_name(user: Document) -> str:
    """What a participant is called: by name, or as in the forum."""
    name = f"{user.get('first_name', '')} {user.get('last_name', '')}".strip()
    return name or str(user["username"])


def check_participant(participant_id: str, *, actor: Actor) -> ObjectId:
    """Whom the caller names, and may name. Raises InvalidField or AnotherParticipant."""
    wanted = given_id(participant_id, "participant_id")
    if wanted != actor.id and not actor.is_manager:
        raise AnotherParticipant
    return wanted


def check_manager(manager_id: str | None, *, actor: Actor) -> None:
    """That who reviews is the caller. Raises InvalidField or AnotherManager."""
    if manager_id is not None and given_id(manager_id, "manager_id") != actor.id:
        raise AnotherManager


def unlocks_all(participant_id: ObjectId, actor: Actor) -> bool:
    """Whether a view shows every step unlocked: a manager's own (CONTRACT section 6).

    What managers see of another's progress is that participant's.
    """
    return actor.is_manager and actor.id == participant_id
