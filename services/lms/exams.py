"""Sitting exams: beginning one, saving answers as one goes, handing it in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId

from repositories.lms.exam_attempts import ExamAttemptRepository
from repositories.lms.exam_extensions import ExamExtensionRepository
from repositories.lms.exam_papers import ExamPaperRepository
from repositories.lms.forms import FormRepository
from repositories.lms.steps import StepRepository
from repositories.types import Document, Transaction, Tx
from services.access.actor import Actor
from services.clock import Clock
from services.errors import Invalid
from services.lms import marking
from services.lms.attempt_moves import (
    AnotherSubmission,
    AttemptMoves,
    Held,
    SubmissionNotFound,
)
from services.lms.attempt_rules import (
    Answers,
    CannotStart,
    attempts_allowed,
    check_start,
    deadline_at,
    saved_answers,
    standing,
)
from services.lms.attempt_states import AttemptMove, after
from services.lms.enrolment import Enrolments
from services.lms.errors import StepNotFound
from services.lms.exam_closing import ExamClosing
from services.lms.ids import path_id
from services.lms.participants import Participants
from services.lms.progress_rules import StepState
from services.lms.statuses import AttemptStatus
from services.lms.texts import accepted_text

# Far beyond any essay, and split into words in some milliseconds.
_ANSWER_LENGTH = 50_000
_RUNS_ELSEWHERE = (
    "An attempt at this exam runs that was begun in another step; hand it in, or wait until "
    "its time is over"
)


class TimeIsUp(Invalid):
    """The attempt was to be handed in earlier."""

    code = "time_expired"

    def __init__(self) -> None:
        super().__init__("Time expired; answers to this attempt are no longer taken")


@dataclass(frozen=True, slots=True)
class Sitting:
    """An attempt, with what is asked and was answered in it."""

    attempt: Document
    paper: Document

    @property
    def duration_minutes(self) -> int:
        """How long it takes at most, with what was granted beyond the form's duration."""
        lasts = self.attempt["deadline_at"] - self.attempt["started_at"]
        return int(lasts.total_seconds() // 60)


@dataclass(frozen=True, slots=True)
class GivenAnswers:
    """Answers as they come in: questions with the chosen option, and with a text."""

    mcq: Sequence[tuple[str, str]]
    theory: Sequence[tuple[str, str]]


class ExamService:
    """What participants do in exams; one attempt of a participant at an exam runs at a time."""

    def __init__(
        self,
        attempts: ExamAttemptRepository,
        papers: ExamPaperRepository,
        extensions: ExamExtensionRepository,
        forms: FormRepository,
        steps: StepRepository,
        enrolments: Enrolments,
        participants: Participants,
        moves: AttemptMoves,
        closing: ExamClosing,
        transaction: Transaction,
        clock: Clock,
    ):
        self._attempts = attempts
        self._papers = papers
        self._extensions = extensions
        self._forms = forms
        self._steps = steps
        self._enrolments = enrolments
        self._participants = participants
        self._moves = moves
        self._closing = closing
        self._transaction = transaction
        self._clock = clock

    async def start(self, step_id: str, participant_id: str | None, *, actor: Actor) -> Sitting:
        """Begin the exam of a step, or go on with the attempt that runs.

        Raises StepNotFound, StepLocked, CannotStart, or what `Enrolments.locked` and
        `Participants.resolve` do.
        """
        participant = await self._participants.resolve(participant_id, actor=actor)
        wanted = path_id(step_id, StepNotFound)
        step = await self._steps.find(wanted)
        if step is None:
            raise StepNotFound
        now = self._now()
        await self._closing.touch(await self._attempts.open_of(participant), at=now)
        async with self._transaction() as tx:
            enrolled = await self._enrolments.locked(participant, step["course_id"], at=now, tx=tx)
            state = await self._enrolments.open_step(enrolled, wanted, actor=actor, tx=tx)
            form = await self._exam_of(state, tx=tx)
            attempts = await self._attempts.at_form(participant, form["_id"], tx=tx)
            # A form may have been the exam of another step before.
            here = [each for each in attempts if each["step_id"] == wanted]
            running = next((each for each in attempts if each["is_open"]), None)
            if running is not None:
                if running["step_id"] != wanted:
                    raise CannotStart(_RUNS_ELSEWHERE)
                return await self._sitting(running, tx=tx)
            extension = await self._extensions.find(participant, form["_id"], tx=tx)
            check_start(state, here, attempts_allowed(form, here, extension))
            extra_minutes = 0 if extension is None else extension["extra_minutes"]
            attempt = _new_attempt(form, step, participant, len(attempts) + 1, extra_minutes, now)
            paper = _new_paper(attempt["_id"], form)
            await self._papers.insert(paper, tx=tx)
            await self._moves.begin(attempt, enrolled, at=now, tx=tx)
        return Sitting(attempt, paper)

    async def save(self, submission_id: str, given: GivenAnswers, *, actor: Actor) -> Sitting:
        """Keep some answers of a running attempt; the others stay as they are.

        Raises SubmissionNotFound, AnotherSubmission, TimeIsUp, InvalidAnswers or
        AttemptRefusesMove.
        """
        _check_texts(given)
        attempt = await self._own(submission_id, actor=actor)
        now = await self._in_time(attempt)
        async with self._transaction() as tx:
            held, paper = await self._running(attempt, at=now, tx=tx)
            answers = saved_answers(paper).merged(_checked(paper, given))
            await self._papers.put_answers(
                attempt["_id"], answers.mcq, answers.theory, at=now, tx=tx
            )
            return await self._sitting(held.attempt, tx=tx)

    async def submit(self, submission_id: str, given: GivenAnswers, *, actor: Actor) -> Document:
        """Hand in a running attempt with the saved answers and these; the attempt as it is then.

        Raises what `save` does.
        """
        _check_texts(given)
        attempt = await self._own(submission_id, actor=actor)
        now = await self._in_time(attempt)
        async with self._transaction() as tx:
            held, paper = await self._running(attempt, at=now, tx=tx)
            answers = saved_answers(paper).merged(_checked(paper, given))
            await self._papers.put_answers(
                attempt["_id"], answers.mcq, answers.theory, at=now, tx=tx
            )
            moved = await self._closing.submit(
                held, paper, answers, submitted_at=now, at=now, tx=tx
            )
        return moved.attempt

    async def erase(self, user_id: ObjectId, *, tx: Tx) -> None:
        """Keep an account's submissions without what it wrote or was told (CONTRACT section 4).

        An attempt that runs is no submission yet, and goes.
        """
        attempts = await self._attempts.of_participant(user_id, tx=tx)
        running = [each["_id"] for each in attempts if each["is_open"]]
        await self._papers.delete(running, tx=tx)
        await self._papers.forget_texts([each["_id"] for each in attempts], tx=tx)
        await self._attempts.delete_open_of(user_id, tx=tx)
        await self._attempts.forget_participant(user_id, tx=tx)
        await self._extensions.delete_of(user_id, tx=tx)

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)

    async def _exam_of(self, state: StepState, *, tx: Tx) -> Document:
        exam_id = state.step.exam_id
        form = None if exam_id is None else await self._forms.find(exam_id, tx=tx)
        if form is None:
            raise CannotStart("This step has no exam")
        return form

    async def _own(self, submission_id: str, *, actor: Actor) -> Document:
        attempt = await self._attempts.find(path_id(submission_id, SubmissionNotFound))
        if attempt is None:
            raise SubmissionNotFound
        if attempt["participant_id"] != actor.id:
            raise AnotherSubmission
        return attempt

    async def _in_time(self, attempt: Document) -> datetime:
        """This moment, when answers to the attempt are taken still. Raises TimeIsUp."""
        now = self._now()
        if await self._closing.touch([attempt], at=now):
            raise TimeIsUp
        return now

    async def _running(self, attempt: Document, *, at: datetime, tx: Tx) -> tuple[Held, Document]:
        held = await self._moves.held(attempt, at=at, tx=tx)
        # Before its answers are looked at: those to a closed attempt are no use at all.
        after(AttemptStatus(held.attempt["status"]), AttemptMove.SUBMIT)
        return held, (await self._sitting(held.attempt, tx=tx)).paper

    async def _sitting(self, attempt: Document, *, tx: Tx) -> Sitting:
        paper = await self._papers.find(attempt["_id"], tx=tx)
        if paper is None:
            raise SubmissionNotFound
        return Sitting(attempt, paper)


def _check_texts(given: GivenAnswers) -> None:
    """Refuse texts that are an answer to no question. Raises InvalidField."""
    for _, text in given.theory:
        accepted_text(text, "answer_text", _ANSWER_LENGTH)


def _checked(paper: Document, given: GivenAnswers) -> Answers:
    """The answers by question. Raises InvalidAnswers."""
    questions = paper["form"]["questions"]
    return Answers(
        marking.checked_mcq(questions, given.mcq), marking.checked_theory(questions, given.theory)
    )


def _new_attempt(
    form: Document,
    step: Document,
    participant_id: ObjectId,
    number: int,
    extra_minutes: int,
    at: datetime,
) -> Document:
    return {
        "_id": ObjectId(),
        "participant_id": participant_id,
        "form_id": form["_id"],
        "step_id": step["_id"],
        "course_id": step["course_id"],
        "form_name": form["name"],
        "total_marks": form["total_marks"],
        "passing_marks": form["passing_marks"],
        "attempt_number": number,
        **standing(AttemptStatus.IN_PROGRESS),
        "started_at": at,
        "deadline_at": deadline_at(at, form["duration_minutes"], extra_minutes),
        "submitted_at": None,
        "mcq_score": None,
        "mcq_marks": [],
        "theory_score": None,
        "theory_marks": [],
        "feedback": None,
        "reviewed_by": None,
        "reviewed_at": None,
    }


def _new_paper(attempt_id: ObjectId, form: Document) -> Document:
    copied = ("name", "description", "duration_minutes", "questions")
    return {
        "_id": attempt_id,
        "form": {name: form[name] for name in copied},
        "mcq_answers": [],
        "theory_answers": [],
        "saved_at": None,
    }
