"""The routes of steps and materials."""

from handlers.access import MANAGERS
from handlers.lms.materials import (
    MaterialChanges,
    MaterialCompleteHandler,
    MaterialHandler,
    NewMaterial,
    StepMaterialsHandler,
)
from handlers.lms.queries import ExamLinkQuery, ParticipantQuery
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
from services.lms.errors import AnotherParticipant, MaterialNotFound, StepLocked, StepNotFound

_STEPS = "/steps"
_STEP = f"{_STEPS}/{{step_id}}"
_MATERIAL = "/materials/{material_id}"

ROUTES = (
    Route("POST", _STEPS, StepsHandler, MANAGERS, NewStep, StepView, status=201),
    Route(
        "GET",
        _STEP,
        StepHandler,
        SIGNED_IN,
        answer=StepDetailsView,
        query=ParticipantQuery,
        errors=(AnotherParticipant, StepNotFound),
    ),
    Route("PUT", _STEP, StepHandler, MANAGERS, StepChanges, StepView, errors=(StepNotFound,)),
    Route("DELETE", _STEP, StepHandler, MANAGERS, status=204, errors=(StepNotFound,)),
    Route(
        "PUT",
        f"{_STEP}/exam",
        StepExamHandler,
        MANAGERS,
        answer=StepView,
        query=ExamLinkQuery,
        errors=(StepNotFound,),
    ),
    Route(
        "POST",
        f"{_STEP}/materials-complete",
        MaterialsCompleteHandler,
        SIGNED_IN,
        answer=MaterialsCompletedView,
        query=ParticipantQuery,
        errors=(StepLocked, AnotherParticipant, StepNotFound),
    ),
    Route(
        "POST",
        f"{_STEP}/materials",
        StepMaterialsHandler,
        MANAGERS,
        NewMaterial,
        MaterialView,
        status=201,
        errors=(StepNotFound,),
    ),
    Route(
        "PUT",
        _MATERIAL,
        MaterialHandler,
        MANAGERS,
        MaterialChanges,
        MaterialView,
        errors=(MaterialNotFound,),
    ),
    Route("DELETE", _MATERIAL, MaterialHandler, MANAGERS, status=204, errors=(MaterialNotFound,)),
    Route(
        "POST",
        f"{_MATERIAL}/complete",
        MaterialCompleteHandler,
        SIGNED_IN,
        answer=MaterialCompletedView,
        query=ParticipantQuery,
        errors=(StepLocked, AnotherParticipant, MaterialNotFound),
    ),
)
