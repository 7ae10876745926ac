"""Materials: kept by managers, completed by participants."""

from typing import Any

from handlers.bodies import Body, Int64
from handlers.lms.base import LmsHandler
from handlers.lms.step_views import MaterialCompletedView, MaterialView


class NewMaterial(Body, frozen=True, kw_only=True):
    """A material to make; without `order_index` it is the last of its step."""

    material_type: str
    title: str
    content: dict[str, Any]
    description: str = ""
    order_index: Int64 = 0
    is_mandatory: bool = True


class MaterialChanges(Body, frozen=True, kw_only=True):
    """What a material is to be; what is left out stays."""

    material_type: str | None = None
    title: str | None = None
    content: dict[str, Any] | None = None
    description: str | None = None
    order_index: Int64 | None = None
    is_mandatory: bool | None = None


class StepMaterialsHandler(LmsHandler):
    """Make a material."""

    async def post(self, step_id: str) -> None:
        """LMS "Create Material"."""
        given = self.parse_given(NewMaterial)
        material = await self.services.lms.material_editing.create(step_id, given)
        self.render(MaterialView.of(material), status=201)


class MaterialHandler(LmsHandler):
    """Change or delete a material."""

    async def put(self, material_id: str) -> None:
        """LMS "Update Material"."""
        given = self.parse_given(MaterialChanges)
        material = await self.services.lms.material_editing.update(material_id, given)
        self.render(MaterialView.of(material))

    async def delete(self, material_id: str) -> None:
        """LMS "Delete Material"."""
        await self.services.lms.material_editing.delete(material_id)
        self.render_nothing()


class MaterialCompleteHandler(LmsHandler):
    """Complete a material."""

    async def post(self, material_id: str) -> None:
        """LMS "Mark Material Complete"."""
        completed_id = await self.services.lms.studying.complete(
            material_id, self.participant_query(), actor=self.actor
        )
        self.render(
            MaterialCompletedView(
                message="Material marked as complete", material_id=str(completed_id)
            )
        )
