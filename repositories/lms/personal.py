"""What the LMS keeps of an account."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from repositories.lms import (
    enrollments,
    exam_attempts,
    exam_extensions,
    exam_papers,
    requirement_submissions,
    step_progress,
)
from repositories.personal import Kept, by
from repositories.types import Document

KEPT = (
    Kept("courses", enrollments.COLLECTION, by("participant_id")),
    Kept("course_progress", step_progress.COLLECTION, by("participant_id")),
    Kept("exam_submissions", exam_attempts.COLLECTION, by("participant_id")),
    Kept("exam_extensions", exam_extensions.COLLECTION, by("participant_id")),
    Kept("requirement_submissions", requirement_submissions.COLLECTION, by("participant_id")),
)


class PersonalPaperRepository:
    """What a participant was asked and answered in exams; papers are found by their attempts."""

    collections = frozenset({exam_papers.COLLECTION})

    def __init__(self, storage: Any):
        self._attempts = storage[exam_attempts.COLLECTION]
        self._papers = storage[exam_papers.COLLECTION]

    def sections(self, user: Document) -> Iterator[tuple[str, AsyncIterator[Document]]]:
        """The one section, with a paper for each attempt."""
        yield "exam_papers", self._of(user)

    async def _of(self, user: Document) -> AsyncIterator[Document]:
        async for attempt in self._attempts.find({"participant_id": user["_id"]}, {"_id": 1}):
            paper = await self._papers.find_one({"_id": attempt["_id"]})
            if paper is not None:
                yield _without_solutions(paper)


def _without_solutions(paper: Document) -> Document:
    """A paper as its owner may read it (CONTRACT section 6): without what is correct."""
    questions = [
        {
            **question,
            "options": [
                {name: value for name, value in option.items() if name != "is_correct"}
                for option in question.get("options") or ()
            ],
        }
        for question in paper["form"]["questions"]
    ]
    return {**paper, "form": {**paper["form"], "questions": questions}}
