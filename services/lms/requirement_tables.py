"""Requirement tables: seen by everybody, kept by managers."""

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from repositories.lms.materials import MaterialRepository
from repositories.lms.requirement_submissions import RequirementSubmissionRepository
from repositories.lms.requirement_tables import RequirementTableRepository
from repositories.lms.steps import StepRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.clock import Clock
from services.errors import Invalid
from services.lms.errors import InvalidField, RequirementTableNotFound
from services.lms.exam_links import ExamLinks
from services.lms.ids import given_id, path_id
from services.lms.references import locked_reference, named_step
from services.lms.requirement_rules import accepted_requirements
from services.lms.texts import accepted_name, accepted_text


class TableIsShown(Invalid):
    """A material shows the table; without it the material could never be completed."""

    code = "table_is_shown"

    def __init__(self, title: str):
        super().__init__(
            f'The material "{title}" shows this table; delete it or change its content first'
        )


class RequirementTableService:
    """Lists, shows, makes, changes and deletes requirement tables."""

    def __init__(
        self,
        tables: RequirementTableRepository,
        submissions: RequirementSubmissionRepository,
        steps: StepRepository,
        materials: MaterialRepository,
        links: ExamLinks,
        transaction: Transaction,
        clock: Clock,
    ):
        self._tables = tables
        self._submissions = submissions
        self._steps = steps
        self._materials = materials
        self._links = links
        self._transaction = transaction
        self._clock = clock

    async def every(self, step_id: str | None) -> list[Document]:
        """All tables, or those of one step, oldest first. Raises InvalidField."""
        return await self._tables.every(await named_step(self._steps, step_id))

    async def get(self, table_id: str) -> Document:
        """A table with its rows. Raises RequirementTableNotFound."""
        table = await self._tables.find(path_id(table_id, RequirementTableNotFound))
        if table is None:
            raise RequirementTableNotFound
        return table

    async def create(self, given: Mapping[str, Any], *, actor: Actor) -> Document:
        """Make a table; `given` has at least `name`, `step_id` and `requirements`.

        Raises InvalidField.
        """
        now = self._clock().replace(microsecond=0)
        step_id = given_id(given["step_id"], "step_id")
        table: Document = {
            "_id": ObjectId(),
            "description": "",
            **_accepted(given),
            "step_id": step_id,
            "created_by": actor.id,
            "created_at": now,
            "updated_at": now,
            "is_deleted": False,
        }
        async with self._transaction() as tx:
            step = await locked_reference(self._links, step_id, tx=tx)
            table["course_id"] = step["course_id"]
            await self._tables.insert(table, tx=tx)
        return table

    async def update(self, table_id: str, given: Mapping[str, Any]) -> Document:
        """Change what is given; `requirements` are replaced as a whole.

        What participants did in a row stays as long as there is a row of its serial
        number; approved rows stay as they were approved. A table stays in its step, where
        that is kept. Raises RequirementTableNotFound or InvalidField.
        """
        changes = {**_accepted(given), "updated_at": self._clock().replace(microsecond=0)}
        step_id = given_id(given["step_id"], "step_id") if "step_id" in given else None
        wanted = path_id(table_id, RequirementTableNotFound)
        async with self._transaction() as tx:
            table = await self._locked(wanted, tx=tx)
            if step_id is not None and step_id != table["step_id"]:
                raise InvalidField("step_id", "can't be changed; make a table in the other step")
            await self._tables.change(wanted, changes, tx=tx)
        return {**table, **changes}

    async def delete(self, table_id: str) -> None:
        """Delete a table that no material shows; what participants did stays, unreviewed.

        Raises RequirementTableNotFound or TableIsShown.
        """
        now = self._clock().replace(microsecond=0)
        wanted = path_id(table_id, RequirementTableNotFound)
        async with self._transaction() as tx:
            table = await self._locked(wanted, tx=tx)
            shown_by = await self._materials.with_requirement_table(wanted, tx=tx)
            if shown_by:
                raise TableIsShown(shown_by[0]["title"])
            await self._tables.change(wanted, {"is_deleted": True, "updated_at": now}, tx=tx)
            await self._submissions.stop_waiting([table["step_id"]], wanted, tx=tx)

    async def _locked(self, table_id: ObjectId, *, tx: Tx) -> Document:
        """A table whose course's outline nobody else changes until `tx` ends."""
        table = await self._tables.find(table_id, tx=tx)
        if table is None:
            raise RequirementTableNotFound
        await self._links.locked_step(table["step_id"], tx=tx)
        # It may have changed before its course was held.
        table = await self._tables.find(table_id, tx=tx)
        if table is None:
            raise RequirementTableNotFound
        return table


def _accepted(given: Mapping[str, Any]) -> Document:
    """The fields that are kept as they come. Raises InvalidField."""
    accepted: Document = {}
    if "name" in given:
        accepted["name"] = accepted_name(given["name"])
    if "description" in given:
        accepted["description"] = accepted_text(given["description"])
    if "requirements" in given:
        accepted["requirements"] = accepted_requirements(given["requirements"])
    return accepted
