"""The attempts of a participant at an exam, under review and under the clock (section 6)."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from hypothesis import strategies as st

from tests.factories import stored
from tests.harness import Api, Reply
from tests.lms.exams import ESSAY, Room, exam_room
from tests.lms.support import QUESTIONS, UNKNOWN_ID, participant, put, refusal
from tests.machines.machine import Action, Subject, act

DURATION, MAX_ATTEMPTS, MARKS = 10, 1, 5
_AWAITING = ("Submitted", "UnderReview")
_SHOWN = {"UnderReview": "Submitted", "RetakeRequested": "NotStarted"}
_TIME_EXPIRED = "Time expired; answers to this attempt are no longer taken"
_NOT_GRADED = "Grade every theory answer of this submission before it is approved"
_NOT_FOUND = (404, "Submission not found")
_FAILING = {
    "reject": ("Only a submitted attempt can be rejected", "Rejected"),
    "request-retake": ("A retake can only be requested of a submitted attempt", "RetakeRequested"),
}
_GRACE = timedelta(seconds=30)


@dataclass
class _Attempt:
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

    def marked_by(self, key: str) -> int:
        return MARKS if self.option == key else 0

    def submit(self, at: datetime) -> None:
        self.status, self.submitted, self.mcq_score = "Submitted", at, self.marked_by(self.key)


@dataclass
class ExamModel:
    """All attempts of the participant, what was granted, and the key of the form."""

    now: datetime
    attempts: list[_Attempt] = field(default_factory=list)
    extra_minutes: int = 0
    extra_attempts: int = 0
    key: str = "a"

    def named(self, action: Action) -> Action:
        name, facts = action
        if "attempt" not in facts:
            return action
        return name, {**facts, "attempt": len(self.attempts) - facts["attempt"]}

    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def the_end_comes(self, seconds: int) -> None:
        if self.attempts:
            end = self.attempts[-1].deadline + timedelta(seconds=seconds)
            self.now = max(self.now, end)

    def _find(self, attempt: int) -> _Attempt | None:
        return self.attempts[attempt - 1] if 0 < attempt <= len(self.attempts) else None

    def _touch(self) -> bool:
        """Whether the last attempt was overdue, and closed by this."""
        last = self.attempts[-1] if self.attempts else None
        if last is None or not last.is_open or self.now <= last.deadline + _GRACE:
            return False
        if last.option or last.has_text:
            last.submit(last.deadline)
        else:
            last.status, last.feedback = "Rejected", "Time expired"
        return True

    def housekeeping(self) -> int:
        return int(self._touch())

    def start(self) -> Any:
        self._touch()
        if not (self.attempts and self.attempts[-1].is_open):
            refused = self._refusal_to_start()
            if refused is not None:
                return 400, refused
            self.attempts.append(_Attempt(self.now, self.extra_minutes, self.key))
        return len(self.attempts), DURATION + self.attempts[-1].extra_minutes

    def _refusal_to_start(self) -> str | None:
        statuses = [each.status for each in self.attempts]
        if "Approved" in statuses:
            return "The exam of this step is passed and can't be taken again"
        if any(status in _AWAITING for status in statuses):
            return "An attempt at this exam awaits its review; wait for the result"
        allowed = MAX_ATTEMPTS + self.extra_attempts + statuses.count("RetakeRequested")
        if len(statuses) >= allowed:
            return f"No attempts are left at this exam; {allowed} were allowed"
        return None

    def _answered(self, attempt: int, option: str | None, has_text: bool) -> Any:
        """The refusal of answers, or None when they are the attempt's now."""
        found = self._find(attempt)
        if found is None:
            return _NOT_FOUND
        was_open = found.is_open
        if was_open and self._touch():
            return 400, _TIME_EXPIRED
        if not was_open:
            return 400, f"This attempt is over; it is {found.status}"
        found.option = option or found.option
        found.has_text = found.has_text or has_text
        return None

    def save(self, attempt: int, option: str | None, has_text: bool) -> Any:
        return self._answered(attempt, option, has_text) or 200

    def submit(self, attempt: int, option: str | None, has_text: bool) -> Any:
        refused = self._answered(attempt, option, has_text)
        if refused is not None:
            return refused
        found = self.attempts[attempt - 1]
        found.submit(self.now)
        return 200, found.mcq_score

    def _reviewed(self, attempt: int, move: str) -> Any:
        """The refusal of a review, or None."""
        found = self._find(attempt)
        if found is None:
            return _NOT_FOUND
        if found.is_open:
            self._touch()
        return None if found.status in _AWAITING else (400, f"{move}; this one is {found.status}")

    def grade(self, attempt: int, marks: int) -> Any:
        refused = self._reviewed(attempt, "Only a submitted attempt can be graded")
        if refused is None:
            found = self.attempts[attempt - 1]
            found.status, found.theory_score = "UnderReview", marks
        return refused or 200

    def approve(self, attempt: int) -> Any:
        refused = self._reviewed(attempt, "Only a submitted attempt can be approved")
        if refused is not None:
            return refused
        found = self.attempts[attempt - 1]
        if found.theory_score is None:
            return 400, _NOT_GRADED
        found.status, found.feedback = "Approved", "Yes"
        return 200, True

    def fail(self, attempt: int, deed: str) -> Any:
        move, status = _FAILING[deed]
        refused = self._reviewed(attempt, move)
        if refused is None:
            found = self.attempts[attempt - 1]
            found.status, found.feedback = status, deed
        return refused or 200

    def extend(self, minutes: int | None, attempts: int) -> int:
        self._touch()
        self.extra_attempts = attempts
        if minutes is not None:
            self.extra_minutes = minutes
        if self.attempts and self.attempts[-1].is_open:
            self.attempts[-1].extra_minutes = self.extra_minutes
        return 200

    def mend_the_key(self, key: str) -> int:
        self.key = key
        return 200

    def regrade(self, is_dry_run: bool) -> Any:
        changed = []
        for number, attempt in enumerate(self.attempts, 1):
            marked = attempt.marked_by(self.key)
            if attempt.mcq_score not in (None, marked):
                changed.append((number, attempt.mcq_score, marked))
            if not is_dry_run:
                attempt.key = self.key
                attempt.mcq_score = None if attempt.mcq_score is None else marked
        return changed

    def look(self) -> str:
        status = self.attempts[-1].status if self.attempts else "NotStarted"
        return _SHOWN.get(status, status)

    def seen(self) -> Any:
        # Keys and answers too, which only later answers tell of: two orders that differ in
        # nothing else would be taken for one.
        return self.key, [
            (
                each.started,
                each.deadline,
                each.status,
                each.submitted,
                each.mcq_score,
                each.theory_score,
                each.feedback,
                each.is_open,
                each.status in _AWAITING,
                each.key,
                each.option,
                each.has_text,
            )
            for each in self.attempts
        ]


class ExamWorld:
    """One sits the exam, a manager reviews."""

    _room: Room

    def __init__(self, api: Api):
        self._api = api
        self._base: Room | None = None
        self._sitters = 0
        self._ids: list[str] = []

    async def begin(self, now: datetime) -> ExamModel:
        if self._base is None:
            self._base = await exam_room(
                self._api, duration_minutes=DURATION, max_attempts=MAX_ATTEMPTS
            )
        for name in ("exam_attempts", "exam_papers", "sessions"):
            await self._api.agora.storage[name].delete_many({})
        self._sitters, self._ids = self._sitters + 1, []
        room = await self._base.signed_in_anew()
        sitter = await participant(self._api, f"sitter{self._sitters}")
        self._room = replace(room, sitter=sitter)
        assert await self.mend_the_key("a") == 200
        return ExamModel(now)

    async def time_passed(self) -> None:
        self._room = await self._room.signed_in_anew()

    def _id(self, attempt: int) -> str:
        return self._ids[attempt - 1] if 0 < attempt <= len(self._ids) else UNKNOWN_ID

    async def housekeeping(self) -> int:
        return await self._api.agora.services.lms.exam_closing.close_overdue()

    async def start(self) -> Any:
        reply = await self._room.start()
        if reply.status != 200:
            return refusal(reply)
        return reply.body["attempt_number"], reply.body["duration_minutes"]

    async def save(self, attempt: int, option: str | None, has_text: bool) -> Any:
        return _said(await self._room.save(self._id(attempt), **_answers(option, has_text)))

    async def submit(self, attempt: int, option: str | None, has_text: bool) -> Any:
        reply = await self._room.submit(self._id(attempt), _answers(option, has_text))
        return (200, reply.body["mcq_score"]) if reply.status == 200 else refusal(reply)

    async def grade(self, attempt: int, marks: int) -> Any:
        return _said(await self._room.grade(self._id(attempt), marks))

    async def approve(self, attempt: int) -> Any:
        reply = await self._room.review(self._id(attempt), "approve", {"feedback": "Yes"})
        return (200, reply.body["course_completed"]) if reply.status == 200 else refusal(reply)

    async def fail(self, attempt: int, deed: str) -> Any:
        body = {"feedback": deed, "reason": deed}
        return _said(await self._room.review(self._id(attempt), deed, body))

    async def extend(self, minutes: int | None, attempts: int) -> int:
        body: dict[str, Any] = {"reason": "x", "extra_attempts": attempts}
        if minutes is not None:
            body["extra_minutes"] = minutes
        path = f"/forms/{self._room.form_id}/extensions/{self._room.sitter.id}"
        return (await put(self._api, self._room.by, path, body)).status

    async def mend_the_key(self, key: str) -> int:
        given: list[dict[str, Any]] = QUESTIONS[0]["options"]
        options = [{**each, "is_correct": each["option_id"] == key} for each in given]
        questions = [{**QUESTIONS[0], "options": options}, QUESTIONS[1]]
        path = f"/forms/{self._room.form_id}"
        return (await put(self._api, self._room.by, path, {"questions": questions})).status

    async def regrade(self, is_dry_run: bool) -> Any:
        path = f"/forms/{self._room.form_id}/regrade?dry_run={str(is_dry_run).lower()}"
        reply = await self._api.post(path, token=self._room.by.token)
        return [
            (each["attempt_number"], each["mcq_score_before"], each["mcq_score"])
            for each in reply.body["changed"]
        ]

    async def look(self) -> str:
        return await self._room.exam_status()

    async def seen(self) -> Any:
        found = await stored(self._api, "exam_attempts")
        kept = sorted(found, key=lambda each: int(each["attempt_number"]))
        self._ids = [str(each["_id"]) for each in kept]
        names = (
            "started_at",
            "deadline_at",
            "status",
            "submitted_at",
            "mcq_score",
            "theory_score",
            "feedback",
            "is_open",
            "is_awaiting_review",
        )
        papers = {each["_id"]: each for each in await stored(self._api, "exam_papers")}
        (form,) = await stored(self._api, "forms", {"_id": ObjectId(self._room.form_id)})
        return _key(form), [
            (*(each[name] for name in names), *_written(papers[each["_id"]])) for each in kept
        ]


def _key(form: dict[str, Any]) -> str:
    """The correct option of the first question."""
    (correct,) = (each for each in form["questions"][0]["options"] if each["is_correct"])
    return str(correct["option_id"])


def _written(paper: dict[str, Any]) -> tuple[str, str | None, bool]:
    """The key that a paper is marked by, the option that was chosen and whether there is a text."""
    chosen = [each["selected_option_id"] for each in paper["mcq_answers"]]
    return _key(paper["form"]), chosen[0] if chosen else None, bool(paper["theory_answers"])


def _said(reply: Reply) -> Any:
    return 200 if reply.status == 200 else refusal(reply)


def _answers(option: str | None, has_text: bool) -> dict[str, Any]:
    answers: dict[str, Any] = {}
    if option is not None:
        answers["mcq_answers"] = [{"question_id": "q1", "selected_option_id": option}]
    if has_text:
        answers["theory_answers"] = [ESSAY]
    return answers


_option, _attempt = st.sampled_from("ab"), st.sampled_from([0, 0, 0, 1])
_given = {"attempt": _attempt, "option": _option | st.none(), "has_text": st.booleans()}

EXAMS = Subject(
    name="exams",
    world=ExamWorld,
    actions=st.one_of(
        act("start"),
        act("start"),
        act("save", **_given),
        act("submit", **_given),
        act("submit", **_given),
        act("grade", attempt=_attempt, marks=st.integers(0, 10)),
        act("approve", attempt=_attempt),
        act("fail", attempt=_attempt, deed=st.sampled_from(sorted(_FAILING))),
        act("extend", minutes=st.none() | st.integers(0, 20), attempts=st.integers(0, 2)),
        act("mend_the_key", key=_option),
        act("regrade", is_dry_run=st.booleans()),
        act("housekeeping"),
        act("look"),
    ),
    events=st.one_of(
        act("time_passes", seconds=st.integers(1, 600)),
        act("the_end_comes", seconds=st.integers(29, 31)),
    ),
    starts=(datetime(2025, 1, 18, 10, tzinfo=UTC),),
    by_itself=("housekeeping", {}),
)
