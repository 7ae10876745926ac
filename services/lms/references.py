"""Steps that a query or a body names: one that is not there is a bad value, and not a 404."""

from bson import ObjectId

from repositories.lms.steps import StepRepository
from repositories.types import Document, Tx
from services.lms.errors import StepNotFound, UnknownReference
from services.lms.exam_links import ExamLinks
from services.lms.ids import given_id


async def named_step(steps: StepRepository, step_id: str | None) -> ObjectId | None:
    """The step that a query asks for, None when it asks for all. Raises InvalidField."""
    if step_id is None:
        return None
    wanted = given_id(step_id, "step_id")
    if await steps.find(wanted) is None:
        raise UnknownReference("step_id", "step")
    return wanted


async def locked_reference(links: ExamLinks, step_id: ObjectId, *, tx: Tx) -> Document:
    """The step that a body names, held as by `ExamLinks.locked_step`. Raises InvalidField."""
    try:
        return await links.locked_step(step_id, tx=tx)
    except StepNotFound as problem:
        raise UnknownReference("step_id", "step") from problem
