"""What tests of exams begin with: a step with an exam, and somebody who sits it."""

from dataclasses import dataclass, replace
from typing import Any

from bson import ObjectId

from tests.harness import Api, Reply
from tests.lms.support import add_course, add_form, add_step, manager, participant
from tests.shop.people import Person

RIGHT = {"question_id": "q1", "selected_option_id": "a"}
WRONG = {"question_id": "q1", "selected_option_id": "b"}
ESSAY = {"question_id": "q2", "answer_text": "Chanting is important because..."}
ANSWERS: dict[str, Any] = {"mcq_answers": [RIGHT], "theory_answers": [ESSAY]}


@dataclass(frozen=True)
class Room:
    """A course of one step with the document's exam, its manager and a participant."""

    api: Api
    by: Person
    sitter: Person
    course_id: str
    step_id: str
    form_id: str

    async def start(self, who: Person | None = None, step_id: str | None = None) -> Reply:
        """Begin or go on."""
        path = f"/steps/{step_id or self.step_id}/exam/start"
        return await self.api.post(path, token=(who or self.sitter).token)

    async def started(self, who: Person | None = None, step_id: str | None = None) -> str:
        """The id of an attempt that runs."""
        reply = await self.start(who, step_id)
        assert reply.status == 200, reply
        return str(reply.body["submission_id"])

    async def save(self, submission_id: str, who: Person | None = None, **answers: Any) -> Reply:
        """Save answers."""
        path = f"/forms/submissions/{submission_id}/answers"
        token = (who or self.sitter).token
        return await self.api.call("PATCH", path, answers, token=token)

    async def submit(
        self, submission_id: str, answers: Any = ANSWERS, who: Person | None = None
    ) -> Reply:
        """Hand in."""
        path = f"/forms/submissions/{submission_id}/submit"
        return await self.api.post(path, answers, token=(who or self.sitter).token)

    async def submitted(self, who: Person | None = None, step_id: str | None = None) -> str:
        """The id of an attempt that was handed in with all answers."""
        submission_id = await self.started(who, step_id)
        reply = await self.submit(submission_id, who=who)
        assert reply.status == 200, reply
        return submission_id

    async def review(
        self, submission_id: str, deed: str, body: Any = None, who: Person | None = None
    ) -> Reply:
        """Grade, approve, reject or ask for a retake."""
        path = f"/form-submissions/{submission_id}/{deed}"
        return await self.api.post(path, body or {}, token=(who or self.by).token)

    async def grade(self, submission_id: str, marks: int = 8, **more: Any) -> Reply:
        """Give the essay its marks."""
        grades = [{"question_id": "q2", "marks_awarded": marks}]
        return await self.review(submission_id, "grade", {"theory_grades": grades, **more})

    async def graded(self, who: Person | None = None, step_id: str | None = None) -> str:
        """The id of an attempt that only awaits its decision."""
        submission_id = await self.submitted(who, step_id)
        reply = await self.grade(submission_id)
        assert reply.status == 200, reply
        return submission_id

    async def see(self, submission_id: str, who: Person | None = None) -> dict[str, Any]:
        """A submission as somebody sees it."""
        token = (who or self.by).token
        reply = await self.api.get(f"/form-submissions/{submission_id}", token=token)
        assert reply.status == 200, reply
        return dict(reply.body)

    async def status(self, submission_id: str) -> tuple[str, str | None]:
        """Where a submission stands, and what is said of it."""
        seen = await self.see(submission_id)
        return seen["submission_status"], seen["feedback"]

    async def pending(self, query: str = "") -> list[dict[str, Any]]:
        """What awaits review."""
        reply = await self.api.get(f"/form-submissions/pending{query}", token=self.by.token)
        assert reply.status == 200, reply
        return list(reply.body)

    async def exam_status(self, step_id: str | None = None, who: Person | None = None) -> str:
        """What a step shows of its exam."""
        path = f"/steps/{step_id or self.step_id}"
        reply = await self.api.get(path, token=(who or self.sitter).token)
        return str(reply.body["progress"]["exam_status"])

    async def signed_in_anew(self) -> "Room":
        """The same people with tokens that have not expired, wherever the clock was moved."""
        return replace(
            self,
            by=await _signed_in(self.api, self.by),
            sitter=await _signed_in(self.api, self.sitter),
        )


async def _signed_in(api: Api, who: Person) -> Person:
    session = await api.agora.services.accounts.sessions.open(ObjectId(who.id))
    return replace(who, token=session.access)


async def exam_room(api: Api, **form: Any) -> Room:
    """A course of one step with an exam, which nobody has begun."""
    by, sitter = await manager(api), await participant(api)
    course_id = (await add_course(api, by))["id"]
    step_id = (await add_step(api, by, course_id))["id"]
    made = await add_form(api, by, step_id=step_id, **form)
    return Room(api, by, sitter, course_id, step_id, made["id"])
