"""The attempts of a participant at an exam against a model, whatever happens in whatever order."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests import harness
from tests.factories import stored
from tests.harness import Reply
from tests.lms.exams import ESSAY, Room, exam_room
from tests.lms.support import QUESTIONS, participant, put, refusal

DURATION, MAX_ATTEMPTS, MARKS = 10, 1, 5
AWAITING = ("Submitted", "UnderReview")
OPTIONS = st.sampled_from("ab")
TIME_EXPIRED = "Time expired; answers to this attempt are no longer taken"
NOT_GRADED = "Grade every theory answer of this submission before it is approved"
FAILING = {
    "reject": ("Only a submitted attempt can be rejected", "Rejected"),
    "request-retake": ("A retake can only be requested of a submitted attempt", "RetakeRequested"),
}
SHOWN = {"UnderReview": "Submitted", "RetakeRequested": "NotStarted"}


def questions(correct: str) -> list[dict[str, Any]]:
    """The document's questions with this key."""
    options = [{**each, "is_correct": each["option_id"] == correct} for each in _options()]
    return [{**QUESTIONS[0], "options": options}, QUESTIONS[1]]


def _options() -> list[dict[str, Any]]:
    return list(QUESTIONS[0]["options"])


@dataclass
class Attempt:
    """What the contract says an attempt is."""

    started: datetime
    extra_minutes: int
    key: str
    status: str = "InProgress"
    option: str | None = None
    has_text: bool = False
    submitted: datetime | None = None
    mcq_score: int | None = None
    theory_score: int | None = None
    feedback: str | None = None

    @property
    def deadline(self) -> datetime:
        return self.started + timedelta(minutes=DURATION + self.extra_minutes)

    @property
    def is_open(self) -> bool:
        return self.status == "InProgress"

    def mark(self) -> int:
        return MARKS if self.option == self.key else 0

    def submit(self, at: datetime) -> None:
        self.status, self.submitted, self.mcq_score = "Submitted", at, self.mark()


@dataclass
class Model:
    """All attempts of the participant, what was granted, and the key of the form."""

    attempts: list[Attempt] = field(default_factory=list)
    extra_minutes: int = 0
    extra_attempts: int = 0
    key: str = "a"

    @property
    def last(self) -> Attempt:
        return self.attempts[-1]

    def touch(self, now: datetime) -> bool:
        """Whether the last attempt was overdue, and closed by this."""
        if not self.attempts or not self.last.is_open:
            return False
        if now <= self.last.deadline + timedelta(seconds=30):
            return False
        if self.last.option or self.last.has_text:
            self.last.submit(self.last.deadline)
        else:
            self.last.status, self.last.feedback = "Rejected", "Time expired"
        return True

    def refusal_to_start(self) -> str | None:
        statuses = [each.status for each in self.attempts]
        if "Approved" in statuses:
            return "The exam of this step is passed and can't be taken again"
        if any(status in AWAITING for status in statuses):
            return "An attempt at this exam awaits its review; wait for the result"
        allowed = MAX_ATTEMPTS + self.extra_attempts + statuses.count("RetakeRequested")
        if len(statuses) >= allowed:
            return f"No attempts are left at this exam; {allowed} were allowed"
        return None


def said(reply: Reply) -> str | None:
    """None for what was done, or the message of the refusal."""
    if reply.status == 200:
        return None
    status, message = refusal(reply)
    assert status == 400, reply
    return message


class ExamMachine(RuleBasedStateMachine):
    """One sits an exam, a manager reviews; time passes, housekeeping comes or does not."""

    _loop: asyncio.AbstractEventLoop
    _base: Room
    _sitters = 0

    def __init__(self) -> None:
        super().__init__()
        self._model = Model()

    def _run(self, work: Any) -> Any:
        return self._loop.run_until_complete(work)

    @property
    def _now(self) -> datetime:
        return self._base.api.clock.now

    @initialize()
    def begin(self) -> None:
        self._room = self._run(self._new_room())

    async def _new_room(self) -> Room:
        api = self._base.api
        for name in ("exam_attempts", "exam_papers"):
            await api.agora.storage[name].delete_many({})
        type(self)._sitters += 1
        room = await self._base.signed_in_anew()
        await self._put_key(room, "a")
        return replace(room, sitter=await participant(api, f"sitter{self._sitters}"))

    async def _put_key(self, room: Room, key: str) -> None:
        reply = await put(
            room.api, room.by, f"/forms/{room.form_id}", {"questions": questions(key)}
        )
        assert reply.status == 200, reply

    def _pass_until(self, moment: datetime) -> None:
        self._base.api.clock.now = moment
        self._room = self._run(self._room.signed_in_anew())

    def _last_id(self) -> str:
        (kept,) = self._run(
            stored(self._room.api, "exam_attempts", {"attempt_number": len(self._model.attempts)})
        )
        return str(kept["_id"])

    @rule(seconds=st.integers(1, 600))
    def time_passes(self, seconds: int) -> None:
        self._pass_until(self._now + timedelta(seconds=seconds))

    @precondition(lambda self: self._model.attempts)
    @rule(seconds=st.integers(29, 31))
    def the_end_comes(self, seconds: int) -> None:
        self._pass_until(max(self._now, self._model.last.deadline + timedelta(seconds=seconds)))

    @rule()
    def housekeeping_comes(self) -> None:
        closed = self._run(self._room.api.agora.services.lms.exam_closing.close_overdue())
        assert closed == self._model.touch(self._now)

    @rule(at_once=st.integers(1, 3))
    def start(self, at_once: int) -> None:
        self._start(at_once)

    @rule(option=OPTIONS, deed=st.none() | st.sampled_from(sorted(FAILING)))
    def sit(self, option: str, deed: str | None) -> None:
        """Begin or go on, hand in at once, and perhaps fail."""
        self._start(1)
        if self._model.last.is_open:
            self._submit(option, has_text=True)
        if deed is not None:
            self._fail(deed)

    def _start(self, at_once: int) -> None:
        model = self._model
        model.touch(self._now)
        is_running = bool(model.attempts) and model.last.is_open
        refused = None if is_running else model.refusal_to_start()
        if not is_running and refused is None:
            model.attempts.append(Attempt(self._now, model.extra_minutes, model.key))
        for reply in self._run(_together([self._room.start() for _ in range(at_once)])):
            assert said(reply) == refused
            if refused is None:
                assert reply.body["attempt_number"] == len(model.attempts)
                assert reply.body["duration_minutes"] == DURATION + model.last.extra_minutes

    def _answered(self, answers: dict[str, Any], reply: Reply) -> bool:
        """Whether the answers were taken, and are the last attempt's now."""
        last, was_open = self._model.last, self._model.last.is_open
        if self._model.touch(self._now):
            assert said(reply) == TIME_EXPIRED
            return False
        if not was_open:
            assert said(reply) == f"This attempt is over; it is {last.status}"
            return False
        assert said(reply) is None
        for each in answers.get("mcq_answers", []):
            last.option = each["selected_option_id"]
        last.has_text = last.has_text or "theory_answers" in answers
        return True

    @precondition(lambda self: self._model.attempts)
    @rule(option=OPTIONS | st.none(), has_text=st.booleans())
    def save(self, option: str | None, has_text: bool) -> None:
        answers = _answers(option, has_text)
        self._answered(answers, self._run(self._room.save(self._last_id(), **answers)))

    @precondition(lambda self: self._model.attempts)
    @rule(option=OPTIONS | st.none(), has_text=st.booleans())
    def submit(self, option: str | None, has_text: bool) -> None:
        self._submit(option, has_text)

    def _submit(self, option: str | None, has_text: bool) -> None:
        answers = _answers(option, has_text)
        reply = self._run(self._room.submit(self._last_id(), answers))
        if self._answered(answers, reply):
            self._model.last.submit(self._now)
            assert reply.body["mcq_score"] == self._model.last.mcq_score

    def _reviewed(self, reply: Reply, move: str) -> bool:
        self._model.touch(self._now)
        last = self._model.last
        if last.status in AWAITING:
            return True
        assert said(reply) == f"{move}; this one is {last.status}"
        return False

    @precondition(lambda self: self._model.attempts)
    @rule(marks=st.integers(0, 10))
    def grade(self, marks: int) -> None:
        reply = self._run(self._room.grade(self._last_id(), marks))
        if self._reviewed(reply, "Only a submitted attempt can be graded"):
            assert said(reply) is None
            self._model.last.status, self._model.last.theory_score = "UnderReview", marks

    @precondition(lambda self: self._model.attempts)
    @rule()
    def approve(self) -> None:
        reply = self._run(self._room.review(self._last_id(), "approve", {"feedback": "Yes"}))
        if self._reviewed(reply, "Only a submitted attempt can be approved"):
            last = self._model.last
            assert said(reply) == (NOT_GRADED if last.theory_score is None else None)
            if last.theory_score is not None:
                assert reply.body["course_completed"] is True
                last.status, last.feedback = "Approved", "Yes"

    @precondition(lambda self: self._model.attempts)
    @rule(deed=st.sampled_from(sorted(FAILING)))
    def fail(self, deed: str) -> None:
        self._fail(deed)

    def _fail(self, deed: str) -> None:
        move, status = FAILING[deed]
        body = {"feedback": deed, "reason": deed}
        reply = self._run(self._room.review(self._last_id(), deed, body))
        if self._reviewed(reply, move):
            assert said(reply) is None
            self._model.last.status, self._model.last.feedback = status, deed

    @rule(minutes=st.none() | st.integers(0, 20), attempts=st.integers(0, 2))
    def extend(self, minutes: int | None, attempts: int) -> None:
        room, body = self._room, {"reason": "x", "extra_attempts": attempts}
        if minutes is not None:
            body["extra_minutes"] = minutes
            self._model.extra_minutes = minutes
        self._model.touch(self._now)
        path = f"/forms/{room.form_id}/extensions/{room.sitter.id}"
        assert self._run(put(room.api, room.by, path, body)).status == 200
        self._model.extra_attempts = attempts
        if self._model.attempts and self._model.last.is_open:
            self._model.last.extra_minutes = self._model.extra_minutes

    @rule(key=OPTIONS)
    def mend_the_key(self, key: str) -> None:
        self._run(self._put_key(self._room, key))
        self._model.key = key

    @rule(is_dry_run=st.booleans())
    def regrade(self, is_dry_run: bool) -> None:
        room, path = self._room, f"/forms/{self._room.form_id}/regrade"
        body = self._run(
            room.api.post(f"{path}?dry_run={str(is_dry_run).lower()}", token=room.by.token)
        ).body
        expected = []
        for number, attempt in enumerate(self._model.attempts, 1):
            marked = replace(attempt, key=self._model.key).mark()
            if attempt.mcq_score not in (None, marked):
                expected.append((number, attempt.mcq_score, marked))
            if not is_dry_run:
                attempt.key = self._model.key
                attempt.mcq_score = None if attempt.mcq_score is None else marked
        assert expected == [
            (each["attempt_number"], each["mcq_score_before"], each["mcq_score"])
            for each in body["changed"]
        ]

    @invariant()
    def what_is_kept_is_what_the_model_says(self) -> None:
        found = self._run(stored(self._room.api, "exam_attempts"))
        kept = sorted(found, key=lambda each: int(each["attempt_number"]))
        assert [
            Attempt(
                started=each["started_at"],
                extra_minutes=own.extra_minutes,
                key=own.key,
                status=each["status"],
                option=own.option,
                has_text=own.has_text,
                submitted=each["submitted_at"],
                mcq_score=each["mcq_score"],
                theory_score=each["theory_score"],
                feedback=each["feedback"],
            )
            for each, own in zip(kept, self._model.attempts, strict=True)
        ] == self._model.attempts
        for each, own in zip(kept, self._model.attempts, strict=True):
            assert each["deadline_at"] == own.deadline
            assert each["is_open"] == own.is_open
            assert each["is_awaiting_review"] == (own.status in AWAITING)

    def teardown(self) -> None:
        status = self._model.last.status if self._model.attempts else "NotStarted"
        assert self._run(self._room.exam_status()) == SHOWN.get(status, status)


def _answers(option: str | None, has_text: bool) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    if option is not None:
        answers["mcq_answers"] = [{"question_id": "q1", "selected_option_id": option}]
    if has_text:
        answers["theory_answers"] = [ESSAY]
    return answers


async def _together(work: list[Any]) -> list[Reply]:
    return list(await asyncio.gather(*work))


def test_attempts_are_what_the_model_says():
    loop = asyncio.new_event_loop()

    async def start() -> Room:
        api = await harness.start()
        return await exam_room(api, duration_minutes=DURATION, max_attempts=MAX_ATTEMPTS)

    try:
        room = loop.run_until_complete(start())
        machine = type("Machine", (ExamMachine,), {"_loop": loop, "_base": room})
        run_state_machine_as_test(
            machine, settings=settings(max_examples=30, stateful_step_count=30)
        )
        loop.run_until_complete(room.api.close())
    finally:
        loop.close()
