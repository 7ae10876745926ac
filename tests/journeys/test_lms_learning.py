"""LMS: a course from its first material to its completion, and what every view tells meanwhile."""

from dataclasses import dataclass
from typing import Any

from tests.harness import Api
from tests.lms.exams import ESSAY, RIGHT, WRONG
from tests.lms.support import add_course, add_form, add_step, add_video, manager, participant
from tests.lms.tables import add_table, show_table
from tests.shop.people import Person

INTRODUCTION, PRACTICE = "Step 1: Introduction", "Step 2: Practice"


@dataclass(frozen=True)
class Where:
    """Where a participant stands in the course, as all views tell."""

    step: str
    is_started: bool
    materials_completed: bool
    exam: str
    completed_steps: int
    percentage: int
    locks: tuple[bool, ...]
    rows: tuple[int, int, int]
    is_completed: bool = False


@dataclass(frozen=True)
class Journey:
    """A course of two steps, its manager and its participant."""

    api: Api
    by: Person
    learner: Person
    course_id: str
    step_ids: tuple[str, ...]
    form_id: str
    video_id: str
    table_id: str

    async def ask(self, who: Person, method: str, path: str, body: Any = b"") -> Any:
        """What somebody is answered."""
        sent = None if method == "GET" else body
        reply = await self.api.call(method, path, sent, token=who.token)
        assert reply.status == 200, reply
        return reply.body

    async def learn(self, path: str, body: Any = b"") -> Any:
        """The answer to a deed of the participant."""
        return await self.ask(self.learner, "POST", path, body)

    async def manage(self, path: str, body: Any = b"") -> Any:
        """The answer to a deed of the manager."""
        return await self.ask(self.by, "POST", path, body)

    async def where(self) -> Where:
        """Where the participant stands, once all views agree on it."""
        own, managers = await self._views(self.learner, ""), await self._views(self.by)
        # A manager sees the same, and all of what is in the materials.
        for seen in (*own["steps"], *managers["steps"]):
            for material in seen["materials"]:
                del material["content"]
        assert own == managers
        (mine,), course = own["mine"], own["course"]
        assert (course["current_step_id"], course["current_step_order_index"]) == (
            mine["current_step"]["step_id"],
            mine["current_step"]["order_index"],
        )
        current = course["steps"][course["current_step_order_index"]]
        assert current["progress"] == mine["step_progress"]
        assert mine["progress"]["total_steps"] == len(course["steps"]) == len(self.step_ids)
        assert len(course["completed_step_ids"]) == mine["progress"]["completed_steps"]
        assert course["is_completed"] == mine["is_completed"]
        for line, seen in zip(course["steps"], own["steps"], strict=True):
            assert line["is_completed"] == seen["progress"]["is_completed"]
            assert line["is_completed"] == (line["id"] in course["completed_step_ids"])
            for name, value in line["progress"].items():
                assert seen["progress"][name] == value
        requirements = mine["requirement_status"]
        return Where(
            step=mine["current_step"]["step_name"],
            is_started=mine["step_progress"]["is_started"],
            materials_completed=mine["step_progress"]["materials_completed"],
            exam=mine["step_progress"]["exam_status"],
            completed_steps=mine["progress"]["completed_steps"],
            percentage=mine["progress"]["percentage"],
            locks=tuple(line["is_locked"] for line in course["steps"]),
            rows=(requirements["completed"], requirements["approved"], requirements["total"]),
            is_completed=mine["is_completed"],
        )

    async def _views(self, who: Person, query: str | None = None) -> dict[str, Any]:
        query = f"?participant_id={self.learner.id}" if query is None else query
        mine = await self.ask(who, "GET", f"/participants/me/courses{query}")
        course = await self.ask(who, "GET", f"/participants/me/progress/{self.course_id}{query}")
        steps = []
        for step_id, line in zip(self.step_ids, course["steps"], strict=True):
            seen = await self.ask(who, "GET", f"/participants/me/step/{step_id}/progress{query}")
            details = await self.ask(who, "GET", f"/steps/{step_id}{query}")
            assert details["is_locked"] == line["is_locked"]
            for name in ("is_started", "materials_completed", "exam_status"):
                assert details["progress"][name] == seen["progress"][name]
            steps.append(seen)
        return {"mine": mine, "course": course, "steps": steps}

    async def last_submission(self) -> Any:
        """The attempt that the first step shows."""
        path = f"/participants/me/step/{self.step_ids[0]}/progress"
        return (await self.ask(self.learner, "GET", path))["exam_submission"]

    async def sit(self, option: Any, marks: int) -> str:
        """An attempt that is handed in and graded."""
        begun = await self.learn(f"/steps/{self.step_ids[0]}/exam/start")
        submission_id: str = begun["submission_id"]
        answers = {"mcq_answers": [option], "theory_answers": [ESSAY]}
        await self.learn(f"/forms/submissions/{submission_id}/submit", answers)
        grades = {"theory_grades": [{"question_id": "q2", "marks_awarded": marks}]}
        await self.manage(f"/form-submissions/{submission_id}/grade", grades)
        return submission_id


async def begin(api: Api) -> Journey:
    """A manager builds the course, with an exam that may be sat twice."""
    by, learner = await manager(api), await participant(api)
    course_id = (await add_course(api, by, "Bhakti Shastri Course", is_default=True))["id"]
    first = (await add_step(api, by, course_id, INTRODUCTION))["id"]
    second = (await add_step(api, by, course_id, PRACTICE))["id"]
    video = await add_video(api, by, first)
    form = await add_form(api, by, "Step 1 Exam", step_id=first, max_attempts=2)
    table = await add_table(api, by, second)
    await show_table(api, by, second, table["id"])
    return Journey(
        api, by, learner, course_id, (first, second), form["id"], video["id"], table["id"]
    )


async def test_a_participant_studies_fails_retakes_passes_practises_and_completes(api: Api):
    at = await begin(api)
    await at.learn("/courses/enroll-default")
    start = Where(INTRODUCTION, False, False, "NotStarted", 0, 0, (False, True), (0, 0, 2))
    assert await at.where() == start
    await at.learn(f"/materials/{at.video_id}/complete")
    studied = Where(INTRODUCTION, True, True, "NotStarted", 0, 0, (False, True), (0, 0, 2))
    assert await at.where() == studied
    assert await at.last_submission() is None

    async def stands(exam: str) -> None:
        expected = Where(INTRODUCTION, True, True, exam, 0, 0, (False, True), (0, 0, 2))
        assert await at.where() == expected

    begun = await at.learn(f"/steps/{at.step_ids[0]}/exam/start")
    await stands("InProgress")
    await at.learn(f"/forms/submissions/{begun['submission_id']}/submit", {"mcq_answers": [WRONG]})
    await stands("Submitted")
    await at.manage(
        f"/form-submissions/{begun['submission_id']}/reject", {"feedback": "Please try again."}
    )
    await stands("Rejected")
    again = await at.sit(WRONG, 4)
    await stands("Submitted")
    await at.manage(f"/form-submissions/{again}/request-retake", {"reason": "Nearly there."})
    # A third attempt, which only the retake allows.
    await stands("NotStarted")
    shown = await at.last_submission()
    assert (shown["submission_status"], shown["total_score"], shown["attempt_number"]) == (
        "RetakeRequested",
        4,
        2,
    )
    passed = await at.sit(RIGHT, 9)
    await stands("Submitted")
    approved = await at.manage(f"/form-submissions/{passed}/approve", {"feedback": "Well done!"})
    assert approved == {
        "message": "Submission approved",
        "next_step_unlocked": True,
        "next_step_id": at.step_ids[1],
        "course_completed": False,
    }
    unlocked = Where(PRACTICE, False, False, "NotStarted", 1, 50, (False, False), (0, 0, 2))
    assert await at.where() == unlocked
    assert (await at.last_submission())["total_score"] == 14
    await practise(at)
    await managers_see_it(at, passed)


async def practise(at: Journey) -> None:
    """The participant fills the table of the second step, and the manager approves it."""
    tables = "/requirement-tables"
    mine = await at.ask(at.learner, "GET", f"{tables}/{at.table_id}/my-submission")
    submission = f"{tables}/submissions/{mine['submission_id']}"

    async def stands(completed: int, approved: int) -> None:
        rows = (completed, approved, 2)
        expected = Where(PRACTICE, True, False, "NotStarted", 1, 50, (False, False), rows)
        assert await at.where() == expected

    await stands(0, 0)
    await at.learn(f"{submission}/rows", {"serial_number": 1, "completed": True})
    await stands(1, 0)
    await at.learn(f"{submission}/submit")
    await at.manage(f"{submission}/rows/1/approve", {"approved": True})
    await stands(1, 1)
    await at.learn(f"{submission}/rows", {"serial_number": 2, "completed": True})
    await stands(2, 1)
    await at.learn(f"{submission}/submit")
    await at.manage(f"{submission}/approve")
    done = Where(PRACTICE, True, True, "NotStarted", 2, 100, (False, False), (2, 2, 2), True)
    assert await at.where() == done


async def managers_see_it(at: Journey, passed: str) -> None:
    """Overviews tell what the views of the participant tell."""
    listed = await at.ask(at.by, "GET", f"/courses/{at.course_id}/participants")
    (line,) = listed["data"]
    assert (line["participant_id"], line["is_completed"], line["progress"]["percentage"]) == (
        at.learner.id,
        True,
        100,
    )
    assert line["completed_at"] == line["last_activity_at"]
    found = await at.ask(at.by, "GET", f"/forms/{at.form_id}/statistics")
    assert (found["attempts"], found["approved"], found["rejected"], found["retake_requested"]) == (
        3,
        1,
        1,
        1,
    )
    assert (found["pass_rate"], found["mean_score"]) == (33.33, 9.0)
    reply = await at.api.get(f"/courses/{at.course_id}/results.csv", token=at.by.token)
    assert reply.content.decode().splitlines()[1].endswith(",2,2,100,Approved,14")
    # It was the last attempt that counted.
    assert (await at.last_submission())["submission_id"] == passed
