"""Materials in the hands of managers."""

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from repositories.lms.materials import MaterialRepository
from repositories.lms.requirement_tables import RequirementTableRepository
from repositories.types import Document, Transaction, Tx
from services.clock import Clock
from services.lms.errors import MaterialNotFound, StepNotFound, UnknownReference
from services.lms.exam_links import ExamLinks
from services.lms.ids import path_id
from services.lms.material_rules import accepted_content, accepted_type, shown_content
from services.lms.ordering import accepted_index, with_item
from services.lms.texts import accepted_name, accepted_text


class MaterialEditor:
    """Makes, changes and deletes materials."""

    def __init__(
        self,
        materials: MaterialRepository,
        tables: RequirementTableRepository,
        links: ExamLinks,
        transaction: Transaction,
        clock: Clock,
    ):
        self._materials = materials
        self._tables = tables
        self._links = links
        self._transaction = transaction
        self._clock = clock

    async def create(self, step_id: str, given: Mapping[str, Any]) -> Document:
        """Make a material; `given` has at least `material_type`, `title` and `content`.

        Raises StepNotFound or InvalidField.
        """
        now = self._clock().replace(microsecond=0)
        material_type = accepted_type(given["material_type"])
        content, table_id = accepted_content(material_type, given["content"])
        material: Document = {
            "_id": ObjectId(),
            "material_type": material_type.value,
            "description": "",
            "is_mandatory": True,
            **_accepted(given),
            "content": content,
            "created_at": now,
            "updated_at": now,
            "is_deleted": False,
        }
        wanted = path_id(step_id, StepNotFound)
        async with self._transaction() as tx:
            step = await self._links.locked_step(wanted, tx=tx)
            material |= {"step_id": wanted, "course_id": step["course_id"]}
            if table_id is not None:
                await self._check_table(table_id, wanted, tx=tx)
                material["requirement_table_id"] = table_id
            others = await self._materials.of_step(wanted, tx=tx)
            index = min(given.get("order_index", len(others)), len(others))
            material["order_index"] = index
            await self._materials.insert(material, tx=tx)
            ids = with_item([other["_id"] for other in others], material["_id"], index)
            await self._materials.put_order([*others, material], ids, tx=tx)
        return material

    async def update(self, material_id: str, given: Mapping[str, Any]) -> Document:
        """Change what is given. Raises MaterialNotFound or InvalidField."""
        changes = {**_accepted(given), "updated_at": self._clock().replace(microsecond=0)}
        _check_content(given)
        wanted = path_id(material_id, MaterialNotFound)
        async with self._transaction() as tx:
            material = await self._locked(wanted, tx=tx)
            keeps_table = "requirement_table_id" in material
            if given.keys() & {"material_type", "content"}:
                content = await self._content(material, given, tx=tx)
                keeps_table = "requirement_table_id" in content
                changes |= content
            await self._materials.put_content(wanted, changes, keeps_table=keeps_table, tx=tx)
            if "order_index" in given:
                others = await self._materials.of_step(material["step_id"], tx=tx)
                ids = with_item([other["_id"] for other in others], wanted, given["order_index"])
                await self._materials.put_order(others, ids, tx=tx)
            return await self._get(wanted, tx=tx)

    async def delete(self, material_id: str) -> None:
        """Take a material out of its step; who completed it did. Raises MaterialNotFound."""
        now = self._clock().replace(microsecond=0)
        wanted = path_id(material_id, MaterialNotFound)
        async with self._transaction() as tx:
            material = await self._locked(wanted, tx=tx)
            await self._materials.delete(wanted, at=now, tx=tx)
            others = await self._materials.of_step(material["step_id"], tx=tx)
            await self._materials.put_order(others, [other["_id"] for other in others], tx=tx)

    async def _get(self, material_id: ObjectId, *, tx: Tx) -> Document:
        material = await self._materials.find(material_id, tx=tx)
        if material is None:
            raise MaterialNotFound
        return material

    async def _locked(self, material_id: ObjectId, *, tx: Tx) -> Document:
        """A material whose course's outline nobody else changes until `tx` ends."""
        material = await self._get(material_id, tx=tx)
        await self._links.locked_step(material["step_id"], tx=tx)
        return await self._get(material_id, tx=tx)

    async def _content(self, material: Document, given: Mapping[str, Any], *, tx: Tx) -> Document:
        """The fields of a type and content that fit each other."""
        material_type = accepted_type(given.get("material_type", material["material_type"]))
        content, table_id = accepted_content(
            material_type, given.get("content", shown_content(material))
        )
        changed: Document = {"material_type": material_type.value, "content": content}
        if table_id is not None:
            await self._check_table(table_id, material["step_id"], tx=tx)
            changed["requirement_table_id"] = table_id
        return changed

    async def _check_table(self, table_id: ObjectId, step_id: ObjectId, *, tx: Tx) -> None:
        # Of the same step: there is kept how far it is, and with that step it goes.
        table = await self._tables.find(table_id, tx=tx)
        if table is None or table["step_id"] != step_id:
            raise UnknownReference("content.requirement_table_id", "requirement table of this step")


def _check_content(given: Mapping[str, Any]) -> None:
    """Refuse what no material can become, whatever it is now. Raises InvalidField."""
    if "material_type" in given:
        material_type = accepted_type(given["material_type"])
        if "content" in given:
            accepted_content(material_type, given["content"])


def _accepted(given: Mapping[str, Any]) -> Document:
    """The fields that are kept as they come. Raises InvalidField."""
    accepted: Document = {}
    if "title" in given:
        accepted["title"] = accepted_name(given["title"], "title")
    if "description" in given:
        accepted["description"] = accepted_text(given["description"])
    if "order_index" in given:
        # Checked here; where it leads to depends on the other materials.
        accepted_index(given["order_index"])
    if "is_mandatory" in given:
        accepted["is_mandatory"] = given["is_mandatory"]
    return accepted
