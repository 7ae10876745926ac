"""The outline of a course: what decides on progress, without the text that is only shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bson import ObjectId


@dataclass(frozen=True, slots=True)
class MaterialOutline:
    """One material; `requirement_table_id` is that of a requirement table, else None."""

    id: ObjectId
    is_mandatory: bool
    requirement_table_id: ObjectId | None = None


@dataclass(frozen=True)
class StepOutline:
    """One step. `tables` has its requirement tables, with the serial numbers of their rows."""

    id: ObjectId
    name: str
    description: str
    exam_id: ObjectId | None
    unlock_on_exam_pass: bool
    materials: tuple[MaterialOutline, ...] = ()
    tables: Mapping[ObjectId, frozenset[int]] = field(default_factory=dict)

    @cached_property
    def material_ids(self) -> frozenset[ObjectId]:
        """All materials."""
        return frozenset(material.id for material in self.materials)

    @cached_property
    def mandatory_ids(self) -> frozenset[ObjectId]:
        """The materials that have to be completed."""
        return frozenset(material.id for material in self.materials if material.is_mandatory)

    @property
    def needs_exam(self) -> bool:
        """Whether only an approved exam completes the step (CONTRACT section 6)."""
        return self.exam_id is not None and self.unlock_on_exam_pass


@dataclass(frozen=True)
class CourseOutline:
    """The live steps of a course in their order, as they are in one `version` of it.

    `default_step_id` is the step that a manager named for newcomers, None for the first.
    """

    course_id: ObjectId
    version: int
    steps: tuple[StepOutline, ...]
    default_step_id: ObjectId | None = None
