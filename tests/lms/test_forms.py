"""LMS "Forms/Exams" by the document's bodies, and which form is whose exam."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.lms.errors import InvalidField
from services.lms.form_rules import accepted_questions
from tests.factories import stored
from tests.harness import Api
from tests.lms.support import (
    QUESTIONS,
    UNKNOWN_ID,
    add_course,
    add_form,
    add_step,
    delete,
    manager,
    participant,
    put,
    refusal,
    step,
    with_turns,
)

CREATE: dict[str, Any] = {
    "name": "Step 1 Exam",
    "description": "Test your knowledge",
    "duration_minutes": 30,
    "passing_marks": 30,
    "total_marks": 50,
    "max_attempts": 3,
    "passing_percentage": 60.0,
    "questions": QUESTIONS,
}
MCQ, THEORY = QUESTIONS
OPTION = MCQ["options"][0]


def with_answers() -> list[dict[str, Any]]:
    """The document's questions as managers see them."""
    return [{**MCQ, "max_words": None}, {**THEORY, "options": []}]


def without_answers() -> list[dict[str, Any]]:
    """The document's questions as everybody sees them."""
    options = [{"option_id": "a", "text": "Devotion"}, {"option_id": "b", "text": "Knowledge"}]
    return [{**MCQ, "options": options, "max_words": None}, {**THEORY, "options": []}]


async def test_a_manager_keeps_forms_by_the_documents_bodies(api: Api):
    by, reader = await manager(api), await participant(api)
    made = await add_step(api, by, (await add_course(api, by))["id"])
    reply = await api.post("/forms", {**CREATE, "step_id": made["id"]}, token=by.token)
    form_id = reply.body["id"]
    shown = {**CREATE, "id": form_id, "step_id": made["id"], "questions": with_answers()}
    assert (reply.status, reply.body) == (201, shown)
    assert (await api.get(f"/forms/{form_id}", token=by.token)).body == shown
    hidden = {**shown, "questions": without_answers()}
    assert (await api.get(f"/forms/{form_id}", token=reader.token)).body == hidden
    summary = {
        "id": form_id,
        "name": "Step 1 Exam",
        "description": "Test your knowledge",
        "step_id": made["id"],
        "duration_minutes": 30,
        "total_marks": 50,
        "passing_marks": 30,
        "question_count": 2,
    }
    listed = await api.get(f"/forms?step_id={made['id']}", token=reader.token)
    assert (listed.status, listed.body) == (200, [summary])

    seen = await step(api, reader, made["id"])
    assert (seen["has_exam"], seen["exam_id"]) == (True, form_id)
    assert seen["exam_info"] == {
        "id": form_id,
        "name": "Step 1 Exam",
        "duration_minutes": 30,
        "total_marks": 50,
        "passing_marks": 30,
    }
    changes = {"name": "Renamed", "max_attempts": None, "passing_percentage": None}
    reply = await put(api, by, f"/forms/{form_id}", changes)
    assert (reply.status, reply.body) == (200, {**shown, **changes})
    reply = await delete(api, by, f"/forms/{form_id}")
    assert (reply.status, reply.content) == (204, b"")
    for reply in (
        await delete(api, by, f"/forms/{form_id}"),
        await put(api, by, f"/forms/{form_id}", {"name": "Again"}),
        await api.get(f"/forms/{form_id}", token=by.token),
        await api.get("/forms/x", token=by.token),
    ):
        assert refusal(reply) == (404, "Form not found")
    seen = await step(api, reader, made["id"])
    assert (seen["has_exam"], seen["exam_id"], seen["exam_info"]) == (False, None, None)
    assert (await api.get("/forms", token=reader.token)).body == []


async def test_what_is_left_out_is_made(api: Api):
    by = await manager(api)
    questions = [
        {
            "question_type": "mcq",
            "question_text": "Which?",
            "options": [{"text": "This", "is_correct": True}, {"option_id": "o1", "text": "That"}],
            "marks": 2,
        },
        {"question_type": "Theory", "question_text": "Why?", "marks": 3, "question_id": "q1"},
    ]
    made = await add_form(api, by, questions=questions, passing_percentage=33.3)
    assert (made["total_marks"], made["passing_marks"]) == (5, 2)
    assert (made["description"], made["step_id"], made["max_attempts"]) == ("", None, None)
    assert [each["question_id"] for each in made["questions"]] == ["q2", "q1"]
    assert [each["question_type"] for each in made["questions"]] == ["MCQ", "THEORY"]
    assert [each["option_id"] for each in made["questions"][0]["options"]] == ["o2", "o1"]
    more = [*questions, {"question_type": "THEORY", "question_text": "How?", "marks": 5}]
    reply = await put(api, by, f"/forms/{made['id']}", {"questions": more})
    assert (reply.body["total_marks"], reply.body["passing_marks"]) == (10, 4)
    reply = await put(api, by, f"/forms/{made['id']}", {"total_marks": 50})
    assert (reply.body["total_marks"], reply.body["passing_marks"]) == (50, 17)
    reply = await put(api, by, f"/forms/{made['id']}", {"questions": questions})
    assert reply.body["total_marks"] == 50


def _mcq(**changes: Any) -> dict[str, Any]:
    return {"questions": [{**MCQ, **changes}]}


def _theory(**changes: Any) -> dict[str, Any]:
    return {"questions": [{**THEORY, **changes}]}


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"questions": []}, "questions must have 1 to 500 questions"),
    ({"questions": [MCQ] * 501}, "questions must have 1 to 500 questions"),
    ({"questions": [MCQ, MCQ]}, "questions need a question_id each"),
    (_mcq(question_id="q" * 65), "questions need a question_id each"),
    (_mcq(question_id=" "), "questions need a question_id each"),
    (_mcq(question_type="Essay"), "questions: question 1 needs a question_type of MCQ or THEORY"),
    (_mcq(question_text=" "), "questions: question 1 needs a question_text"),
    (_mcq(marks=0), "questions: question 1 must have marks of 1 to 10000"),
    (_mcq(marks=-1), "questions: question 1 must have marks"),
    (_mcq(marks=1.5), "questions[0].marks:"),
    (_mcq(marks=True), "questions[0].marks:"),
    (_mcq(marks=None), "questions[0].marks:"),
    (_mcq(options=[]), "questions: question 1 needs 2 to 50 options"),
    (_mcq(options=[OPTION]), "questions: question 1 needs 2 to 50 options"),
    (_mcq(options=[OPTION] * 51), "questions: question 1 needs 2 to 50 options"),
    (_mcq(options=[OPTION, OPTION]), "questions: question 1 needs an option_id for each option"),
    (
        _mcq(options=[{**OPTION, "is_correct": False}, {"text": "No"}]),
        "questions: question 1 needs a correct option",
    ),
    (
        _mcq(options=[OPTION, {"text": " "}]),
        "questions: question 1 needs a text for each option",
    ),
    (_theory(options=[OPTION]), "questions: question 1 is answered in words"),
    (_theory(max_words=0), "questions: question 1 must have max_words of 1 to 100000, or null"),
    ({"name": " "}, "name must be 1 to 200 characters in one line"),
    ({"description": None}, "description can't be null"),
    ({"duration_minutes": 0}, "duration_minutes must be 1 to 10080"),
    ({"duration_minutes": 10**15}, "duration_minutes must be 1 to 10080"),
    ({"total_marks": 0}, "total_marks must be 1 to 100000000"),
    ({"total_marks": -5}, "total_marks must be 1 to 100000000"),
    ({"total_marks": 29}, "passing_marks must be 0 to total_marks, which is 29"),
    ({"passing_marks": 51}, "passing_marks must be 0 to total_marks, which is 50"),
    ({"passing_marks": -1}, "passing_marks must be 0 to total_marks"),
    ({"passing_marks": None}, "passing_marks can't be null"),
    ({"passing_percentage": 100.1}, "passing_percentage must be 0 to 100"),
    ({"passing_percentage": -1}, "passing_percentage must be 0 to 100"),
    ({"passing_percentage": "60"}, "passing_percentage:"),
    ({"max_attempts": 0}, "max_attempts must be 1 to 1000"),
    ({"step_id": UNKNOWN_ID}, "step_id names no step"),
    ({"step_id": "x"}, "step_id must be an id of 24 hex digits"),
]


async def test_what_a_form_can_not_be_is_refused_and_nothing_changes(api: Api):
    by = await manager(api)
    made = (await api.post("/forms", CREATE, token=by.token)).body
    for changes, message in WRONG:
        for reply in (
            await api.post("/forms", {**CREATE, **changes}, token=by.token),
            await put(api, by, f"/forms/{made['id']}", changes),
        ):
            status, said = refusal(reply)
            assert (status, said[: len(message)]) == (400, message), changes
    for missing in ("name", "duration_minutes", "questions"):
        body = {name: value for name, value in CREATE.items() if name != missing}
        reply = await api.post("/forms", body, token=by.token)
        assert refusal(reply) == (400, f"{missing} is required")
    for query in ("?step_id=x", f"?step_id={UNKNOWN_ID}", "?step_id="):
        assert refusal(await api.get(f"/forms{query}", token=by.token))[0] == 400
    assert (await api.get(f"/forms/{made['id']}", token=by.token)).body == made
    assert len(await stored(api, "forms")) == 1


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/forms"), ("PUT", "/forms/{id}"), ("DELETE", "/forms/{id}")]
)
async def test_only_managers_keep_forms(api: Api, method: str, path: str):
    by, reader = await manager(api), await participant(api)
    made = await add_form(api, by)
    reply = await api.call(method, path.format(id=made["id"]), CREATE, token=reader.token)
    assert refusal(reply) == (403, "Manager access required")
    (kept,) = await stored(api, "forms")
    assert (kept["name"], kept["is_deleted"]) == ("Exam", False)


async def exams(api: Api, by: Any, *step_ids: str) -> list[str | None]:
    """The exams of some steps."""
    return [(await step(api, by, step_id))["exam_id"] for step_id in step_ids]


async def test_a_form_is_the_exam_of_one_step_at_most(api: Api):
    by = await manager(api)
    course_id = (await add_course(api, by))["id"]
    a, b = [(await add_step(api, by, course_id, name))["id"] for name in "ab"]
    other = (await add_step(api, by, (await add_course(api, by))["id"]))["id"]
    first = (await add_form(api, by, step_id=a))["id"]
    second = (await add_form(api, by, step_id=a))["id"]
    assert await exams(api, by, a, b) == [first, None]
    reply = await put(api, by, f"/steps/{a}/exam?form_id={second}")
    assert (reply.status, reply.body["exam_id"], reply.body["has_exam"]) == (200, second, True)
    reply = await put(api, by, f"/steps/{other}/exam?form_id={second}")
    assert reply.body["exam_id"] == second
    assert await exams(api, by, a, b, other) == [None, None, second]
    assert (await api.get(f"/forms/{second}", token=by.token)).body["step_id"] == other
    reply = await put(api, by, f"/forms/{second}", {"step_id": b})
    assert reply.body["step_id"] == b
    assert await exams(api, by, a, b, other) == [None, second, None]
    reply = await put(api, by, f"/steps/{b}/exam?form_id=")
    assert (reply.status, reply.body["exam_id"]) == (200, None)
    await put(api, by, f"/steps/{b}/exam?form_id={first}")
    assert (await put(api, by, f"/forms/{first}", {"step_id": None})).body["step_id"] is None
    assert await exams(api, by, a, b, other) == [None, None, None]


async def test_only_a_form_can_be_linked(api: Api):
    by = await manager(api)
    made = await add_step(api, by, (await add_course(api, by))["id"])
    gone = (await add_form(api, by))["id"]
    await delete(api, by, f"/forms/{gone}")
    path = f"/steps/{made['id']}/exam"
    for query, message in (
        ("", "form_id is required; leave it empty to take the exam away"),
        ("?form_id=x", "form_id must be an id of 24 hex digits"),
        (f"?form_id={UNKNOWN_ID}", "form_id names no form"),
        (f"?form_id={made['id']}", "form_id names no form"),
        (f"?form_id={gone}", "form_id names no form"),
    ):
        assert refusal(await put(api, by, path + query)) == (400, message)
    assert await exams(api, by, made["id"]) == [None]


async def test_the_forms_of_a_deleted_step_belong_to_none(api: Api):
    by = await manager(api)
    made = await add_step(api, by, (await add_course(api, by))["id"])
    form = await add_form(api, by, step_id=made["id"])
    await delete(api, by, f"/steps/{made['id']}")
    assert (await api.get(f"/forms/{form['id']}", token=by.token)).body["step_id"] is None
    reply = await api.post("/forms", {**CREATE, "step_id": made["id"]}, token=by.token)
    assert refusal(reply) == (400, "step_id names no step")


async def test_whatever_is_linked_at_once_a_form_is_the_exam_of_one_step(api: Api):
    by = await manager(api)
    course_id = (await add_course(api, by))["id"]
    steps = [(await add_step(api, by, course_id))["id"] for _ in range(4)]
    form_id = (await add_form(api, by))["id"]
    replies = await asyncio.gather(
        *(put(api, by, f"/steps/{step_id}/exam?form_id={form_id}") for step_id in steps),
        *(put(api, by, f"/forms/{form_id}", {"step_id": step_id}) for step_id in steps),
    )
    assert {reply.status for reply in replies} == {200}
    linked = [exam for exam in await exams(api, by, *steps) if exam is not None]
    assert linked == [form_id]
    replies = await asyncio.gather(
        delete(api, by, f"/forms/{form_id}"),
        *(put(api, by, f"/steps/{step_id}/exam?form_id={form_id}") for step_id in steps),
    )
    assert replies[0].status == 204
    assert await exams(api, by, *steps) == [None] * 4


_options = st.lists(
    st.fixed_dictionaries(
        {
            "option_id": st.none() | st.sampled_from(["a", "b", "o1", "o2", ""]),
            "text": st.just("text"),
            "is_correct": st.booleans(),
        }
    ),
    max_size=4,
)
_questions = st.lists(
    st.fixed_dictionaries(
        {
            "question_id": st.none() | st.sampled_from(["q1", "q2", "x"]),
            "question_type": st.sampled_from(["mcq", "Theory"]),
            "question_text": st.just("text"),
            "options": _options,
            "marks": st.integers(0, 3),
            "max_words": st.none(),
        }
    ),
    max_size=3,
)


@given(_questions)
def test_whatever_questions_are_accepted_can_be_answered_and_marked(given_questions: Any):
    try:
        questions = accepted_questions(given_questions)
    except InvalidField:
        return
    assert len(questions) == len(given_questions) > 0
    assert len({each["question_id"] for each in questions}) == len(questions)
    for question in questions:
        ids = [option["option_id"] for option in question["options"]]
        assert question["marks"] > 0
        assert len(set(ids)) == len(ids)
        assert (question["question_type"] == "MCQ") == bool(ids)
        assert not ids or any(option["is_correct"] for option in question["options"])


async def test_requests_come_in_between_the_forms_of_a_long_list(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("repositories.lms.summaries._FIRST", 2)
    monkeypatch.setattr("repositories.lms.summaries._MOST", 2)
    by = await manager(api)
    names = [(await add_form(api, by, f"Exam {number}"))["name"] for number in range(6)]
    forms, turns = await with_turns(api.agora.services.lms.forms.every(None))
    assert [form["name"] for form in forms] == names
    assert turns >= 3
    assert [(form["question_count"], "questions" in form) for form in forms] == [(2, False)] * 6
