"""Forms: seen by everybody without their answers, kept by managers."""

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from repositories.lms.forms import FormRepository
from repositories.lms.steps import StepRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.clock import Clock
from services.lms.errors import FormNotFound
from services.lms.exam_links import ExamLinks
from services.lms.form_rules import accepted_fields, with_fields
from services.lms.ids import given_id, path_id
from services.lms.references import locked_reference, named_step


class FormService:
    """Lists, shows, makes, changes and deletes forms."""

    def __init__(
        self,
        forms: FormRepository,
        steps: StepRepository,
        links: ExamLinks,
        transaction: Transaction,
        clock: Clock,
    ):
        self._forms = forms
        self._steps = steps
        self._links = links
        self._transaction = transaction
        self._clock = clock

    async def every(self, step_id: str | None) -> list[Document]:
        """All forms, or those of one step, oldest first. Raises InvalidField."""
        return await self._forms.every(await named_step(self._steps, step_id))

    async def get(self, form_id: str) -> Document:
        """A form with its answers, which only managers see. Raises FormNotFound."""
        form = await self._forms.find(path_id(form_id, FormNotFound))
        if form is None:
            raise FormNotFound
        return form

    async def create(self, given: Mapping[str, Any], *, actor: Actor) -> Document:
        """Make a form; `given` has at least `name`, `duration_minutes` and `questions`.

        With a `step_id` it becomes that step's exam if it has none (CONTRACT section 6).
        Raises InvalidField.
        """
        now = self._clock().replace(microsecond=0)
        step_id = _step_id(given)
        form: Document = {
            "_id": ObjectId(),
            **with_fields(_EMPTY, accepted_fields(_content(given))),
            "step_id": step_id,
            "created_by": actor.id,
            "created_at": now,
            "updated_at": now,
            "is_deleted": False,
        }
        async with self._transaction() as tx:
            await self._forms.insert(form, tx=tx)
            if step_id is not None:
                await self._offer(step_id, form["_id"], tx=tx)
        return form

    async def update(self, form_id: str, given: Mapping[str, Any]) -> Document:
        """Change what is given; attempts keep their own copy.

        A form that goes to another step is no longer the exam of the one it leaves. Raises
        FormNotFound or InvalidField.
        """
        now = self._clock().replace(microsecond=0)
        step_id, accepted = _step_id(given), accepted_fields(_content(given))
        wanted = path_id(form_id, FormNotFound)
        async with self._transaction() as tx:
            form = await self._forms.lock(wanted, tx=tx)
            if form is None:
                raise FormNotFound
            after = with_fields(form, accepted) | {"updated_at": now}
            if "step_id" in given and step_id != form["step_id"]:
                after["step_id"] = step_id
                await self._links.leave(wanted, at=now, tx=tx)
                if step_id is not None:
                    await self._offer(step_id, wanted, tx=tx)
            changes = {name: value for name, value in after.items() if name != "_id"}
            await self._forms.change(wanted, changes, tx=tx)
        return after

    async def delete(self, form_id: str) -> None:
        """Delete a form; the step whose exam it was has none then. Raises FormNotFound."""
        now = self._clock().replace(microsecond=0)
        wanted = path_id(form_id, FormNotFound)
        async with self._transaction() as tx:
            if await self._forms.lock(wanted, tx=tx) is None:
                raise FormNotFound
            await self._links.leave(wanted, at=now, tx=tx)
            await self._forms.change(wanted, {"is_deleted": True, "updated_at": now}, tx=tx)

    async def _offer(self, step_id: ObjectId, form_id: ObjectId, *, tx: Tx) -> None:
        """Make a form the exam of a step that has none."""
        step = await locked_reference(self._links, step_id, tx=tx)
        if step["exam_id"] is None:
            await self._links.link(step_id, form_id, at=self._clock().replace(microsecond=0), tx=tx)


_EMPTY: Document = {
    "description": "",
    "total_marks": 0,
    "total_is_given": False,
    "passing_marks": 0,
    "passing_is_given": False,
    "passing_percentage": None,
    "max_attempts": None,
}


def _step_id(given: Mapping[str, Any]) -> ObjectId | None:
    return None if given.get("step_id") is None else given_id(given["step_id"], "step_id")


def _content(given: Mapping[str, Any]) -> Document:
    return {name: value for name, value in given.items() if name != "step_id"}
