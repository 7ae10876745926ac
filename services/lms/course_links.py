"""Which course comes before which: links that both sides have, and that never make a loop.

Pure. A course has at most one before and one after it: naming one takes it from the
course that had it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bson import ObjectId

from services.errors import Invalid


class CourseLoop(Invalid):
    """A course would come before itself."""

    code = "course_loop"

    def __init__(self) -> None:
        super().__init__("Courses can't follow each other in a loop; choose another course")


@dataclass(frozen=True, slots=True)
class Links:
    """The courses before and after one."""

    previous: ObjectId | None = None
    next: ObjectId | None = None


Chain = dict[ObjectId, Links]


def with_previous(
    links: Mapping[ObjectId, Links], course_id: ObjectId, previous: ObjectId | None
) -> Chain:
    """The links once `previous` comes right before the course. Raises CourseLoop."""
    chain = dict(links)
    _part(chain, chain[course_id].previous, course_id)
    if previous is not None:
        _join(chain, previous, course_id)
    return _without_loop(chain, course_id)


def with_next(
    links: Mapping[ObjectId, Links], course_id: ObjectId, next_id: ObjectId | None
) -> Chain:
    """The links once `next_id` comes right after the course. Raises CourseLoop."""
    chain = dict(links)
    _part(chain, course_id, chain[course_id].next)
    if next_id is not None:
        _join(chain, course_id, next_id)
    return _without_loop(chain, course_id)


def without(links: Mapping[ObjectId, Links], course_id: ObjectId) -> Chain:
    """The links once the course is gone: what came before it leads to what came after."""
    chain = dict(links)
    before, after = chain[course_id].previous, chain[course_id].next
    _part(chain, before, course_id)
    _part(chain, course_id, after)
    if before is not None and after is not None:
        _join(chain, before, after)
    del chain[course_id]
    return chain


def _part(chain: Chain, before: ObjectId | None, after: ObjectId | None) -> None:
    if before is not None and after is not None:
        chain[before] = replace(chain[before], next=None)
        chain[after] = replace(chain[after], previous=None)


def _join(chain: Chain, before: ObjectId, after: ObjectId) -> None:
    if before == after:
        raise CourseLoop
    _part(chain, before, chain[before].next)
    _part(chain, chain[after].previous, after)
    chain[before] = replace(chain[before], next=after)
    chain[after] = replace(chain[after], previous=before)


def _without_loop(chain: Chain, course_id: ObjectId) -> Chain:
    # A loop that is new goes through the course whose links are.
    following = chain[course_id].next
    while following is not None:
        if following == course_id:
            raise CourseLoop
        following = chain[following].next
    return chain
