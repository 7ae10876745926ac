"""Forms: the exams of steps, kept by managers."""

from typing import Any

import msgspec

from handlers.bodies import Body, Int64
from handlers.lms.base import LmsHandler
from handlers.lms.form_views import FormSummaryView, FormView


class OptionBody(Body, frozen=True, kw_only=True):
    """An option of a question; without an id it is given one."""

    text: str
    option_id: str | None = None
    is_correct: bool = False


class QuestionBody(Body, frozen=True, kw_only=True):
    """A question; without an id it is given one."""

    question_type: str
    question_text: str
    marks: Int64
    question_id: str | None = None
    options: list[OptionBody] = []
    max_words: Int64 | None = None


class NewForm(Body, frozen=True, kw_only=True):
    """A form to make; without `total_marks` they are the sum of the questions'."""

    name: str
    duration_minutes: Int64
    questions: list[QuestionBody]
    description: str = ""
    step_id: str | None = None
    total_marks: Int64 = 0
    passing_marks: Int64 = 0
    passing_percentage: float | None = None
    max_attempts: Int64 | None = None


class FormChanges(Body, frozen=True, kw_only=True):
    """What a form is to be; what is left out stays, questions are replaced as a whole."""

    name: str | None = None
    description: str | None = None
    step_id: str | None = None
    duration_minutes: Int64 | None = None
    total_marks: Int64 | None = None
    passing_marks: Int64 | None = None
    passing_percentage: float | None = None
    max_attempts: Int64 | None = None
    questions: list[QuestionBody] | None = None


_NULLABLE = ("step_id", "passing_percentage", "max_attempts")


class FormHandlerBase(LmsHandler):
    """A route that takes or shows a form."""

    def parse_form(self, body: type[Body]) -> dict[str, Any]:
        """The fields that the body gives, questions as plain objects."""
        given = self.parse_given(body, nullable=_NULLABLE)
        if "questions" in given:
            given["questions"] = msgspec.to_builtins(given["questions"])
        return given


class FormsHandler(FormHandlerBase):
    """List the forms, or make one."""

    has_etag = True

    async def get(self) -> None:
        """LMS "Get All Forms"."""
        forms = await self.services.lms.forms.every(self.text_query("step_id"))
        self.render([FormSummaryView.of(form) for form in forms])

    async def post(self) -> None:
        """LMS "Create Form"."""
        form = await self.services.lms.forms.create(self.parse_form(NewForm), actor=self.actor)
        self.render(FormView.of(form, shows_answers=True), status=201)


class FormHandler(FormHandlerBase):
    """See, change or delete a form."""

    has_etag = True

    async def get(self, form_id: str) -> None:
        """LMS "Get Form by ID"; with the answers for managers."""
        form = await self.services.lms.forms.get(form_id)
        self.render(FormView.of(form, shows_answers=self.actor.is_manager))

    async def put(self, form_id: str) -> None:
        """LMS "Update Form"."""
        form = await self.services.lms.forms.update(form_id, self.parse_form(FormChanges))
        self.render(FormView.of(form, shows_answers=True))

    async def delete(self, form_id: str) -> None:
        """LMS "Delete Form"."""
        await self.services.lms.forms.delete(form_id)
        self.render_nothing()
