"""More time or more attempts for one participant at one exam, and why."""

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from repositories.accounts.users import UserRepository
from repositories.lms.exam_attempts import ExamAttemptRepository
from repositories.lms.exam_extensions import ExamExtensionRepository
from repositories.lms.exam_papers import ExamPaperRepository
from repositories.lms.forms import FormRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.clock import Clock
from services.lms.attempt_rules import deadline_at
from services.lms.errors import FormNotFound, InvalidField, ParticipantNotFound
from services.lms.exam_closing import ExamClosing
from services.lms.ids import path_id
from services.lms.texts import accepted_name

_MOST = {"extra_minutes": 7 * 24 * 60, "extra_attempts": 1_000}


class ExamExtensionService:
    """Keeps what participants were granted; a running attempt has its new deadline at once."""

    def __init__(
        self,
        extensions: ExamExtensionRepository,
        attempts: ExamAttemptRepository,
        papers: ExamPaperRepository,
        forms: FormRepository,
        users: UserRepository,
        closing: ExamClosing,
        transaction: Transaction,
        clock: Clock,
    ):
        self._extensions = extensions
        self._attempts = attempts
        self._papers = papers
        self._forms = forms
        self._users = users
        self._closing = closing
        self._transaction = transaction
        self._clock = clock

    async def put(
        self, form_id: str, participant_id: str, given: Mapping[str, Any], *, actor: Actor
    ) -> Document:
        """Grant `extra_minutes`, `extra_attempts` or both; what is left out stays as it was.

        `given` has a `reason`. An attempt whose time is over already stays closed. Raises
        FormNotFound, ParticipantNotFound or InvalidField.
        """
        changes = _accepted(given)
        form = await self._forms.find(path_id(form_id, FormNotFound))
        if form is None:
            raise FormNotFound
        participant = path_id(participant_id, ParticipantNotFound)
        now = self._clock().replace(microsecond=0)
        await self._closing.touch(await self._attempts.open_of(participant), at=now)
        async with self._transaction() as tx:
            # What is done by a participant begins with this lock, too.
            if await self._users.lock(participant, tx=tx) is None:
                raise ParticipantNotFound
            changes |= {"granted_by": actor.id, "updated_at": now}
            kept = await self._extensions.find(participant, form["_id"], tx=tx)
            if kept is None:
                kept = _new(form["_id"], participant) | changes | {"created_at": now}
                await self._extensions.insert(kept, tx=tx)
            else:
                await self._extensions.change(kept["_id"], changes, tx=tx)
                kept |= changes
            await self._move_deadlines(kept, tx=tx)
        return kept

    async def _move_deadlines(self, extension: Document, *, tx: Tx) -> None:
        for attempt in await self._attempts.open_of(extension["participant_id"], tx=tx):
            if attempt["form_id"] != extension["form_id"]:
                continue
            paper = await self._papers.find(attempt["_id"], tx=tx)
            if paper is not None:
                minutes = paper["form"]["duration_minutes"]
                due_at = deadline_at(attempt["started_at"], minutes, extension["extra_minutes"])
                await self._attempts.change(attempt["_id"], {"deadline_at": due_at}, tx=tx)


def _new(form_id: ObjectId, participant_id: ObjectId) -> Document:
    return {
        "_id": ObjectId(),
        "form_id": form_id,
        "participant_id": participant_id,
        "extra_minutes": 0,
        "extra_attempts": 0,
    }


def _accepted(given: Mapping[str, Any]) -> Document:
    granted = {name: given[name] for name in _MOST if name in given}
    if not granted:
        raise InvalidField("extra_minutes", "or extra_attempts is required")
    for name, number in granted.items():
        if not 0 <= number <= _MOST[name]:
            raise InvalidField(name, f"must be 0 to {_MOST[name]}")
    return {**granted, "reason": accepted_name(given["reason"], "reason")}
