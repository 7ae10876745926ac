"""The routes of steps and materials."""

from handlers.access import MANAGERS
from handlers.lms.materials import (
    MaterialChanges,
    MaterialCompleteHandler,
    MaterialHandler,
    NewMaterial,
    StepMaterialsHandler,
)
from handlers.lms.step_views import (
    MaterialCompletedView,
    MaterialsCompletedView,
    MaterialView,
    StepDetailsView,
    StepView,
)
from handlers.lms.steps import (
    MaterialsCompleteHandler,
    NewStep,
    StepChanges,
    StepExamHandler,
    StepHandler,
    StepsHandler,
)
from handlers.routing import SIGNED_IN, Route

_STEPS = "/steps"
_STEP = f"{_STEPS}/{{step_id}}"
_MATERIAL = "/materials/{material_id}"

ROUTES = (
    Route("POST", _STEPS, StepsHandler, MANAGERS, NewStep, StepView),
    Route("GET", _STEP, StepHandler, SIGNED_IN, answer=StepDetailsView),
    Route("PUT", _STEP, StepHandler, MANAGERS, StepChanges, StepView),
    Route("DELETE", _STEP, StepHandler, MANAGERS),
    Route("PUT", f"{_STEP}/exam", StepExamHandler, MANAGERS, answer=StepView),
    Route(
        "POST",
        f"{_STEP}/materials-complete",
        MaterialsCompleteHandler,
        SIGNED_IN,
        answer=MaterialsCompletedView,
    ),
    Route("POST", f"{_STEP}/materials", StepMaterialsHandler, MANAGERS, NewMaterial, MaterialView),
    Route("PUT", _MATERIAL, MaterialHandler, MANAGERS, MaterialChanges, MaterialView),
    Route("DELETE", _MATERIAL, MaterialHandler, MANAGERS),
    Route(
        "POST",
        f"{_MATERIAL}/complete",
        MaterialCompleteHandler,
        SIGNED_IN,
        answer=MaterialCompletedView,
    ),
)
