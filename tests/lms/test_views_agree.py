"""All views agree, and the check finds nothing, whatever managers and participants do."""

from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest

from repositories.lms.checking import CourseCheckingRepository, ParticipationCheckingRepository
from repositories.lms.courses import CourseRepository
from repositories.lms.materials import MaterialRepository
from repositories.lms.requirement_tables import RequirementTableRepository
from repositories.lms.step_progress import StepProgressRepository
from repositories.lms.steps import StepRepository
from services.checking import Check
from services.lms.attempt_checking import AttemptCheck
from services.lms.course_checking import CourseCheck
from services.lms.outlines import Outlines
from services.lms.participation_checking import ParticipationCheck
from tests.factories import stored
from tests.harness import Api
from tests.lms.exams import ANSWERS
from tests.lms.support import QUESTIONS, VIDEO, add_course, manager, participant
from tests.lms.tables import CHANTING
from tests.shop.people import Person

DEEDS = 60


class World:
    """One course, its manager and two participants, who do things at random."""

    def __init__(
        self, api: Api, by: Person, learners: list[Person], course_id: str, random: Random
    ):
        self.api, self.by, self.learners, self.course_id = api, by, learners, course_id
        self.random = random
        self.done = 0

    async def call(self, who: Person, method: str, path: str, body: Any = None) -> Any:
        """What somebody is answered; nothing may fail, much may be refused."""
        sent = None if method == "GET" else (b"" if body is None else body)
        reply = await self.api.call(method, path, sent, token=who.token)
        assert reply.status in (200, 201, 204, 400, 403, 404), reply
        self.done += reply.status < 300 and method != "GET"
        return reply.body

    async def steps(self) -> list[str]:
        """The ids of the steps."""
        shown = await self.call(self.by, "GET", f"/courses/{self.course_id}")
        return [step["id"] for step in shown["steps"]]

    async def a_step(self) -> dict[str, Any]:
        """Any step, as the manager sees it."""
        step_id = self.random.choice(await self.steps())
        shown: dict[str, Any] = await self.call(self.by, "GET", f"/steps/{step_id}")
        return shown

    async def an_open_step(self, who: Person) -> dict[str, Any]:
        """The step that somebody has come to, and what is in it."""
        shown = await self.call(who, "GET", f"/participants/me/progress/{self.course_id}")
        step: dict[str, Any] = await self.call(who, "GET", f"/steps/{shown['current_step_id']}")
        return step

    async def add_step(self) -> None:
        place = self.random.randrange(4)
        body = {"course_id": self.course_id, "name": "Step", "order_index": place}
        await self.call(self.by, "POST", "/steps", body)

    async def delete_step(self) -> None:
        if len(await self.steps()) > 2:
            await self.call(self.by, "DELETE", f"/steps/{(await self.a_step())['id']}")

    async def move_step(self) -> None:
        body = {"order_index": self.random.randrange(4)}
        await self.call(self.by, "PUT", f"/steps/{(await self.a_step())['id']}", body)

    async def change_gate(self) -> None:
        body = {"unlock_on_exam_pass": self.random.random() < 0.5}
        await self.call(self.by, "PUT", f"/steps/{(await self.a_step())['id']}", body)

    async def add_material(self) -> None:
        step = await self.a_step()
        body = {
            "material_type": "Video",
            "title": "Video",
            "content": {"url": VIDEO},
            "is_mandatory": self.random.random() < 0.7,
        }
        await self.call(self.by, "POST", f"/steps/{step['id']}/materials", body)

    async def delete_material(self) -> None:
        materials = (await self.a_step())["materials"]
        if materials:
            chosen = self.random.choice(materials)["id"]
            await self.call(self.by, "DELETE", f"/materials/{chosen}")

    async def add_exam(self) -> None:
        step = await self.a_step()
        form = {"name": "Exam", "duration_minutes": 30, "questions": QUESTIONS}
        made = await self.call(self.by, "POST", "/forms", form)
        await self.call(self.by, "PUT", f"/steps/{step['id']}/exam?form_id={made['id']}")

    async def delete_exam(self) -> None:
        exam_id = (await self.a_step())["exam_id"]
        if exam_id is not None:
            await self.call(self.by, "DELETE", f"/forms/{exam_id}")

    async def add_table(self) -> None:
        step = await self.a_step()
        body = {"name": "Table", "step_id": step["id"], "requirements": [CHANTING]}
        table = await self.call(self.by, "POST", "/requirement-tables", body)
        shown = {
            "material_type": "RequirementTable",
            "title": "Table",
            "content": {"requirement_table_id": table["id"]},
        }
        await self.call(self.by, "POST", f"/steps/{step['id']}/materials", shown)

    async def study(self) -> None:
        who = self.random.choice(self.learners)
        step = await self.an_open_step(who)
        await self.call(who, "POST", f"/steps/{step['id']}/materials-complete")

    async def practise(self) -> None:
        who = self.random.choice(self.learners)
        for material in (await self.an_open_step(who))["materials"]:
            if material["material_type"] == "RequirementTable":
                table_id = material["content"]["requirement_table_id"]
                path = f"/requirement-tables/{table_id}/my-submission"
                mine = await self.call(who, "GET", path)
                path = f"/requirement-tables/submissions/{mine['submission_id']}"
                row = {"serial_number": 1, "completed": self.random.random() < 0.8}
                await self.call(who, "POST", f"{path}/rows", row)
                await self.call(who, "POST", f"{path}/submit")
                await self.call(self.by, "POST", f"{path}/approve")

    async def sit(self) -> None:
        who = self.random.choice(self.learners)
        step = await self.an_open_step(who)
        begun = await self.call(who, "POST", f"/steps/{step['id']}/exam/start")
        if "submission_id" in begun and self.random.random() < 0.9:
            path = f"/forms/submissions/{begun['submission_id']}/submit"
            await self.call(who, "POST", path, ANSWERS)

    async def review(self) -> None:
        for waiting in await self.call(self.by, "GET", "/form-submissions/pending"):
            path = f"/form-submissions/{waiting['submission_id']}"
            grades = {"theory_grades": [{"question_id": "q2", "marks_awarded": 8}]}
            await self.call(self.by, "POST", f"{path}/grade", grades)
            deed = self.random.choice(("approve", "approve", "reject", "request-retake"))
            body = {"feedback": "Feedback", "reason": "Reason"}
            await self.call(self.by, "POST", f"{path}/{deed}", body)

    async def check_views(self) -> None:
        """That the list, which goes by summaries, tells what the course computes."""
        for who in self.learners:
            (mine,) = await self.call(who, "GET", "/participants/me/courses")
            path = f"/participants/me/progress/{self.course_id}"
            course = await self.call(who, "GET", path)
            current = course["steps"][course["current_step_order_index"]]
            assert mine["current_step"]["step_id"] == current["id"] == course["current_step_id"]
            assert mine["current_step"]["order_index"] == current["order_index"]
            assert mine["step_progress"] == current["progress"]
            done = len(course["completed_step_ids"])
            assert mine["progress"]["completed_steps"] == done
            assert mine["progress"]["total_steps"] == len(course["steps"])
            assert mine["is_completed"] == course["is_completed"]
            before = True
            for line in course["steps"]:
                assert line["is_locked"] is not before
                before = line["is_completed"]


def checks(api: Api) -> list[Check]:
    """The checks of the LMS."""
    storage = api.agora.storage
    courses, progress = CourseRepository(storage), StepProgressRepository(storage)
    participation = ParticipationCheckingRepository(storage)
    outlines = Outlines(
        courses,
        StepRepository(storage),
        MaterialRepository(storage),
        RequirementTableRepository(storage),
    )
    return [
        CourseCheck(CourseCheckingRepository(storage), storage.transaction),
        AttemptCheck(participation, storage.transaction),
        ParticipationCheck(participation, courses, progress, outlines, storage.transaction),
    ]


@pytest.mark.parametrize("seed", [0, 2])
async def test_whatever_is_done_all_views_agree_and_nothing_is_left_that_does_not_fit(
    api: Api, seed: int
):
    by, learners = await manager(api), [await participant(api, name) for name in ("a", "b")]
    course_id = (await add_course(api, by))["id"]
    world = World(api, by, learners, course_id, Random(seed))
    for _ in range(2):
        await world.add_step()
        await world.add_material()
    for who in learners:
        await world.call(who, "POST", f"/courses/{course_id}/enroll")
    deeds: list[Callable[[], Awaitable[None]]] = [
        *[world.study, world.practise, world.sit, world.review] * 4,
        *[world.add_step, world.delete_step, world.move_step, world.change_gate],
        *[world.add_material, world.delete_material, world.add_exam, world.delete_exam],
        world.add_table,
    ]
    for _ in range(DEEDS):
        await world.random.choice(deeds)()
        await world.check_views()
        # In all less than a token lives.
        api.clock.advance(seconds=10)
    # It came to something.
    assert world.done > DEEDS / 2
    assert "Approved" in {attempt["status"] for attempt in await stored(api, "exam_attempts")}
    for check in checks(api):
        assert await check.find_problems(lambda: None) == []
