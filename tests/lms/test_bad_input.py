"""Ids of other things, and values of other types at every depth: refused, and nothing changes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from handlers.lms.routes import ROUTES
from handlers.routing import Route
from services.access.actor import Role
from services.access.defaults import ROLE_IDS
from tests.factories import stored
from tests.harness import Api
from tests.lms.exams import ANSWERS
from tests.lms.support import (
    QUESTIONS,
    UNKNOWN_ID,
    VIDEO,
    add_course,
    add_form,
    add_step,
    add_video,
    manager,
    participant,
    refusal,
)
from tests.lms.tables import CHANTING, NAMES, READING, add_table, fill, mine
from tests.shop.people import Person

# What else a path names, which is no id.
_NO_IDS = {"serial_number": "1"}
# What a query has to have.
_QUERIES = {"/steps/{step_id}/exam": "?form_id={form_id}"}
# What a body has to have one of.
_CHOICES = {"/forms/{form_id}/extensions/{participant_id}": {"extra_minutes": 5}}
# Something that fits, for each field that some body needs.
_FITTING: dict[str, Any] = {
    "step_orders": [{"step_id": UNKNOWN_ID, "order_index": 0}],
    "material_type": "Video",
    "title": "Title",
    "content": {"url": VIDEO},
    "reason": "Because",
    "feedback": "Well done",
    "theory_grades": [{"question_id": "q2", "marks_awarded": 1}],
    "serial_number": 1,
    "completed": True,
    "approved": True,
}


@dataclass(frozen=True)
class World:
    """A course with one of everything in it, and what a participant did there."""

    by: Person
    learner: Person
    ids: dict[str, str]
    attempt_id: str


async def world(api: Api) -> World:
    """One that has just been made."""
    by, learner = await manager(api), await participant(api)
    course_id = (await add_course(api, by))["id"]
    step_id = (await add_step(api, by, course_id))["id"]
    video = await add_video(api, by, step_id, is_mandatory=False)
    form = await add_form(api, by, step_id=step_id)
    table = await add_table(api, by, step_id)
    submission_id = (await mine(api, learner, table["id"]))["submission_id"]
    await fill(api, learner, submission_id, 2)
    started = await api.post(f"/steps/{step_id}/exam/start", token=learner.token)
    ids = {
        "course_id": course_id,
        "step_id": step_id,
        "material_id": video["id"],
        "form_id": form["id"],
        "table_id": table["id"],
        "submission_id": submission_id,
        "participant_id": learner.id,
    }
    return World(by, learner, ids, started.body["submission_id"])


async def everything(api: Api) -> list[Any]:
    """All that the LMS keeps."""
    names = "courses steps materials forms requirement_tables enrollments step_progress"
    more = "exam_attempts exam_papers exam_extensions requirement_submissions outbox"
    return [await stored(api, name) for name in (*names.split(), *more.split())]


def _ids_of(route: Route) -> list[str]:
    return [name for name in re.findall(r"\{([a-z_]+)\}", route.path) if name not in _NO_IDS]


def _body_of(route: Route) -> Any:
    if route.method == "GET":
        return None
    if route.body is None:
        return b""
    required = len(route.body.__struct_fields__) - len(route.body.__struct_defaults__)
    body = {name: _FITTING[name] for name in route.body.__struct_fields__[:required]}
    return body | _CHOICES.get(route.path, {})


async def test_the_id_of_another_thing_is_not_found(api: Api):
    made = await world(api)
    before = await everything(api)
    elsewhere = [str(ROLE_IDS[Role.MANAGER]), UNKNOWN_ID, "1", "x" * 24, "%7B%22$gt%22:1%7D"]
    for route in ROUTES:
        for name in _ids_of(route):
            own = {made.ids[name], made.attempt_id}
            for wrong in {*made.ids.values(), made.attempt_id, *elsewhere} - own:
                query = _QUERIES.get(route.path, "").format(**made.ids)
                path = route.path.format(**{**_NO_IDS, **made.ids, name: wrong}) + query
                reply = await api.call(route.method, path, _body_of(route), token=made.by.token)
                assert refusal(reply)[0] == 404, (route.method, path, reply)
    assert await everything(api) == before


def _mistyped(value: Any) -> Iterator[Any]:
    """The value with each part of it, itself too, in every other type; null has its own tests."""
    others: tuple[Any, ...] = (True, 1, "text", [], {})
    same: tuple[type, ...] = (int, float) if type(value) in (int, float) else (type(value),)
    yield from (other for other in others if type(other) not in same)
    if isinstance(value, dict):
        for name, part in value.items():
            yield from ({**value, name: other} for other in _mistyped(part))
    if isinstance(value, list):
        for place, part in enumerate(value):
            yield from ([*value[:place], other, *value[place + 1 :]] for other in _mistyped(part))


def _bodies(ids: dict[str, str], attempt_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Method, path and a whole body of each route that takes one."""
    course: dict[str, Any] = {
        "name": "Course",
        "description": "",
        "image_url": "https://example.com/a.jpg",
        "is_default": False,
        "is_active": True,
        "previous_course_id": UNKNOWN_ID,
        "next_course_id": UNKNOWN_ID,
        "order_index": 0,
    }
    step = {
        "name": "Step",
        "description": "",
        "order_index": 0,
        "previous_step_id": UNKNOWN_ID,
        "unlock_on_exam_pass": True,
    }
    material = {
        "material_type": "BookLink",
        "title": "Title",
        "description": "",
        "content": {"url": VIDEO, "title": "Book"},
        "order_index": 0,
        "is_mandatory": True,
    }
    form = {
        "name": "Exam",
        "description": "",
        "step_id": ids["step_id"],
        "duration_minutes": 30,
        "total_marks": 50,
        "passing_marks": 30,
        "passing_percentage": 60.0,
        "max_attempts": 3,
        "questions": QUESTIONS,
    }
    table = {**NAMES, "step_id": ids["step_id"], "requirements": [CHANTING, READING]}
    rows = f"/requirement-tables/submissions/{ids['submission_id']}/rows"
    row = {"serial_number": 1, "completed": True, "completed_value": 16, "remarks": "Done"}
    orders = [{"step_id": ids["step_id"], "order_index": 0}]
    decision = {"approved": True, "approval_remarks": "Good"}
    granted = {"reason": "Ill", "extra_minutes": 5, "extra_attempts": 1}
    return [
        ("POST", "/courses", course),
        ("PUT", f"/courses/{ids['course_id']}", {**course, "default_step_id": ids["step_id"]}),
        ("POST", f"/courses/{ids['course_id']}/steps/reorder", {"step_orders": orders}),
        ("POST", "/steps", {**step, "course_id": ids["course_id"]}),
        ("PUT", f"/steps/{ids['step_id']}", step),
        ("POST", f"/steps/{ids['step_id']}/materials", material),
        ("PUT", f"/materials/{ids['material_id']}", material),
        ("POST", "/forms", form),
        ("PUT", f"/forms/{ids['form_id']}", form),
        ("POST", "/requirement-tables", table),
        ("PUT", f"/requirement-tables/{ids['table_id']}", table),
        ("POST", rows, row),
        ("POST", f"{rows}/2/approve", decision),
        ("PATCH", f"/forms/submissions/{attempt_id}/answers", ANSWERS),
        ("POST", f"/forms/submissions/{attempt_id}/submit", ANSWERS),
        ("PUT", f"/forms/{ids['form_id']}/extensions/{ids['participant_id']}", granted),
    ]


async def test_values_of_other_types_are_refused_at_every_depth(api: Api):
    made = await world(api)
    before = await everything(api)
    for method, path, body in _bodies(made.ids, made.attempt_id):
        is_learners = path.endswith(("/rows", "/answers", "/submit"))
        token = (made.learner if is_learners else made.by).token
        for wrong in _mistyped(body):
            if wrong == {}:
                continue
            reply = await api.call(method, path, wrong, token=token)
            assert refusal(reply)[0] == 400, (method, path, wrong, reply)
    assert await everything(api) == before


_ATTEMPT = f"/forms/submissions/{UNKNOWN_ID}"
_SUBMISSION = f"/form-submissions/{UNKNOWN_ID}"
_LONG = "x" * 50_001
# What no form, step, submission or the like takes, whatever it is like.
_BAD_VALUES: list[tuple[str, str, dict[str, Any]]] = [
    ("PUT", "/courses", {"previous_course_id": "rubbish"}),
    ("PUT", "/courses", {"next_course_id": "rubbish"}),
    ("PUT", "/courses", {"default_step_id": "rubbish"}),
    ("PUT", "/courses", {"name": " "}),
    ("PUT", "/steps", {"previous_step_id": "rubbish"}),
    ("PUT", "/steps", {"order_index": -1}),
    ("PUT", "/materials", {"title": ""}),
    ("PUT", "/materials", {"material_type": "Film"}),
    ("PUT", "/materials", {"material_type": "Video", "content": {"url": "rubbish"}}),
    ("PUT", "/forms", {"name": " "}),
    ("PUT", "/forms", {"description": _LONG}),
    ("PUT", "/forms", {"step_id": "rubbish"}),
    ("PUT", "/forms", {"duration_minutes": 0}),
    ("PUT", "/forms", {"total_marks": 0}),
    ("PUT", "/forms", {"passing_marks": -1}),
    ("PUT", "/forms", {"passing_percentage": 101}),
    ("PUT", "/forms", {"max_attempts": 0}),
    ("PUT", "/forms", {"questions": []}),
    ("PUT", "/requirement-tables", {"requirements": []}),
    ("PUT", "/requirement-tables", {"step_id": "rubbish"}),
]
_BAD_WORDS: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", f"{_SUBMISSION}/grade", {"theory_grades": []}),
    (
        "POST",
        f"{_SUBMISSION}/grade",
        {"theory_grades": [{"question_id": "q", "marks_awarded": -1}]},
    ),
    (
        "POST",
        f"{_SUBMISSION}/grade",
        {"theory_grades": [{"question_id": "q", "marks_awarded": 1}], "feedback": _LONG},
    ),
    ("POST", f"{_SUBMISSION}/approve", {"feedback": _LONG}),
    ("POST", f"{_SUBMISSION}/reject", {"feedback": _LONG}),
    ("POST", f"{_SUBMISSION}/request-retake", {"reason": " "}),
    *(
        (
            method,
            f"{_ATTEMPT}/{way}",
            {"theory_answers": [{"question_id": "q", "answer_text": _LONG}]},
        )
        for method, way in (("PATCH", "answers"), ("POST", "submit"))
    ),
]


async def test_a_bad_value_is_told_before_what_is_not_there(api: Api):
    """CONTRACT section 2: the body is checked before what the path names is looked for."""
    by = await manager(api)
    unknown = [(method, f"{path}/{UNKNOWN_ID}", body) for method, path, body in _BAD_VALUES]
    for method, path, body in (*unknown, *_BAD_WORDS):
        reply = await api.call(method, path, body, token=by.token)
        assert refusal(reply)[0] == 400, (method, path, body, reply)
