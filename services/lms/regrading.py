"""Marking submissions again after the key of a form was mended."""

import asyncio
from dataclasses import dataclass, field
from operator import itemgetter

from bson import ObjectId

from repositories.errors import WriteConflict
from repositories.lms.exam_attempts import ExamAttemptRepository
from repositories.lms.exam_papers import ExamPaperRepository
from repositories.lms.forms import FormRepository
from repositories.types import Document, Transaction
from services.lms import marking
from services.lms.attempt_rules import mcq_result, saved_answers
from services.lms.errors import FormNotFound
from services.lms.ids import path_id

# A transaction of this many takes some 20 ms, and others are served in between.
_AT_ONCE = 50
_MOST_LISTED = 1_000
_CONFLICT_RETRIES = 20
_CONFLICT_PAUSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Regraded:
    """A submission whose result changes; `attempt` is as it was before."""

    attempt: Document
    mcq_score: int


@dataclass(slots=True)
class Regrading:
    """How many submissions were marked again, and of how many the result changes.

    `changed` lists the first 1,000 of those.
    """

    is_dry_run: bool
    checked_count: int = 0
    changed_count: int = 0
    changed: list[Regraded] = field(default_factory=list)

    def add(self, attempt: Document, mcq_score: int) -> None:
        """Count a submission with its new score."""
        self.checked_count += 1
        if mcq_score == attempt["mcq_score"]:
            return
        self.changed_count += 1
        if len(self.changed) < _MOST_LISTED:
            self.changed.append(Regraded(attempt, mcq_score))


class RegradingService:
    """Takes the key that a form has now over to the attempts at it."""

    def __init__(
        self,
        attempts: ExamAttemptRepository,
        papers: ExamPaperRepository,
        forms: FormRepository,
        transaction: Transaction,
    ):
        self._attempts = attempts
        self._papers = papers
        self._forms = forms
        self._transaction = transaction

    async def regrade(self, form_id: str, *, is_dry_run: bool) -> Regrading:
        """Mark every submission of a form by its key as it is now; a dry run changes nothing.

        Decisions stay as they are. Attempts that run have the mended key, too. Should it be
        cut off, what was marked so far stays, and doing it again does the rest. Raises
        FormNotFound.
        """
        wanted = path_id(form_id, FormNotFound)
        form = await self._forms.find(wanted)
        if form is None:
            raise FormNotFound
        regrading = Regrading(is_dry_run)
        last: ObjectId | None = None
        while ids := await self._attempts.ids_of_form(wanted, last, _AT_ONCE):
            for attempt, mcq_score in await self._batch(ids, form["questions"], is_dry_run):
                regrading.add(attempt, mcq_score)
            last = ids[-1]
            await asyncio.sleep(0)
        return regrading

    async def _batch(
        self, ids: list[ObjectId], mended: list[Document], is_dry_run: bool
    ) -> list[tuple[Document, int]]:
        """Some submissions as they were, with their new scores.

        Run again here when its transaction met another: begun anew as a whole, a request
        would not tell of those that it has marked already.
        """
        for _ in range(_CONFLICT_RETRIES):
            try:
                return await self._regrade(ids, mended, is_dry_run)
            except WriteConflict:
                await asyncio.sleep(_CONFLICT_PAUSE_SECONDS)
        return await self._regrade(ids, mended, is_dry_run)

    async def _regrade(
        self, ids: list[ObjectId], mended: list[Document], is_dry_run: bool
    ) -> list[tuple[Document, int]]:
        marked: list[tuple[Document, int]] = []
        async with self._transaction() as tx:
            attempts = await self._attempts.with_ids(ids, tx=tx)
            for attempt in sorted(attempts, key=itemgetter("_id")):
                # One at a time: a form may be large, and requests come in between.
                await asyncio.sleep(0)
                paper = await self._papers.find(attempt["_id"], tx=tx)
                if paper is None:
                    continue
                questions = marking.with_mended_key(paper["form"]["questions"], mended)
                if not is_dry_run and questions != paper["form"]["questions"]:
                    await self._papers.put_questions(paper["_id"], questions, tx=tx)
                if attempt["mcq_score"] is None:
                    continue
                result = mcq_result(questions, saved_answers(paper))
                marked.append((attempt, result["mcq_score"]))
                if not is_dry_run and result["mcq_marks"] != attempt["mcq_marks"]:
                    await self._attempts.change(attempt["_id"], result, tx=tx)
        return marked
