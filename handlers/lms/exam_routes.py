"""The routes of exams."""

from handlers.access import MANAGERS
from handlers.lms.exam_views import (
    ExtensionView,
    RegradingView,
    SavedAnswersView,
    StartedView,
    SubmittedView,
)
from handlers.lms.exams import (
    ExamAnswers,
    ExtensionChanges,
    ExtensionHandler,
    RegradeHandler,
    SaveAnswersHandler,
    StartExamHandler,
    SubmitHandler,
)
from handlers.lms.queries import ParticipantQuery, RegradeQuery
from handlers.routing import SIGNED_IN, Route
from services.lms.attempt_moves import AnotherSubmission, SubmissionNotFound
from services.lms.errors import (
    AnotherParticipant,
    FormNotFound,
    ParticipantNotFound,
    StepLocked,
    StepNotFound,
)

_FORM = "/forms/{form_id}"
_SUBMISSION = "/forms/submissions/{submission_id}"

ROUTES = (
    Route(
        "POST",
        "/steps/{step_id}/exam/start",
        StartExamHandler,
        SIGNED_IN,
        answer=StartedView,
        query=ParticipantQuery,
        errors=(StepLocked, AnotherParticipant, StepNotFound),
    ),
    Route(
        "PATCH",
        f"{_SUBMISSION}/answers",
        SaveAnswersHandler,
        SIGNED_IN,
        ExamAnswers,
        SavedAnswersView,
        errors=(AnotherSubmission, SubmissionNotFound),
    ),
    Route(
        "POST",
        f"{_SUBMISSION}/submit",
        SubmitHandler,
        SIGNED_IN,
        ExamAnswers,
        SubmittedView,
        errors=(AnotherSubmission, SubmissionNotFound),
    ),
    Route(
        "PUT",
        f"{_FORM}/extensions/{{participant_id}}",
        ExtensionHandler,
        MANAGERS,
        ExtensionChanges,
        ExtensionView,
        errors=(FormNotFound, ParticipantNotFound),
    ),
    Route(
        "POST",
        f"{_FORM}/regrade",
        RegradeHandler,
        MANAGERS,
        answer=RegradingView,
        query=RegradeQuery,
        errors=(FormNotFound,),
    ),
)
