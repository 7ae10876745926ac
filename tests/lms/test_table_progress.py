"""How far one is in a requirement table, and what that makes of the step and the course."""

from typing import Any

from bson import ObjectId

from services.lms.outline import CourseOutline, MaterialOutline, StepOutline
from services.lms.progress_rules import RequirementCounts, StepFacts, facts_by_step, progress_of
from services.lms.table_progress import TableFacts, TableProgress, table_progress

ROWS = frozenset({1, 2, 3})


def facts(*, completed: set[int], approved: set[int], is_approved: bool = False) -> TableFacts:
    return TableFacts(frozenset(completed), frozenset(approved), True, is_approved)


def test_rows_that_the_table_no_longer_has_do_not_count():
    done = facts(completed={1, 2, 9}, approved={2, 9})
    assert table_progress(ROWS, done) == TableProgress(2, 1, 3, True, False)
    assert table_progress(ROWS, TableFacts()) == TableProgress(0, 0, 3, False, False)


def test_an_approved_table_is_done_whatever_is_added_to_it():
    done = facts(completed={1, 2}, approved={1, 2}, is_approved=True)
    assert table_progress(ROWS, done) == TableProgress(2, 2, 2, True, True)


def outline_with(table_id: ObjectId, *materials: MaterialOutline) -> CourseOutline:
    """A step with a table of three rows, and an empty one after it."""
    first = StepOutline(ObjectId(), "First", "", None, True, materials, {table_id: ROWS})
    return CourseOutline(ObjectId(), 1, (first, StepOutline(ObjectId(), "Second", "", None, True)))


def test_a_material_that_shows_a_table_is_complete_once_that_is_approved():
    table_id = ObjectId()
    shown, video = MaterialOutline(ObjectId(), True, table_id), MaterialOutline(ObjectId(), True)
    outline = outline_with(table_id, shown, video)
    # Completed by hand when it was a video still: that does not stand for the table.
    by_hand = frozenset({video.id, shown.id})
    for is_approved in (False, True):
        rows = facts(completed={1, 2, 3}, approved={1, 2, 3}, is_approved=is_approved)
        done = StepFacts(True, by_hand, tables={str(table_id): rows})
        progress = progress_of(outline, {outline.steps[0].id: done})
        first, second = progress.steps
        assert (shown.id in first.completed_ids) is is_approved
        assert video.id in first.completed_ids
        assert first.materials_completed is is_approved
        assert second.is_locked is not is_approved


def test_the_rows_of_the_whole_course_are_counted():
    tables = {ObjectId(): ROWS, ObjectId(): frozenset({7})}
    step = StepOutline(ObjectId(), "First", "", None, True, (), tables)
    other = StepOutline(ObjectId(), "Second", "", None, True, (), {ObjectId(): ROWS})
    outline = CourseOutline(ObjectId(), 1, (step, other))
    first_id = next(iter(tables))
    done = StepFacts(True, tables={str(first_id): facts(completed={1, 2}, approved={1})})
    progress = progress_of(outline, {step.id: done})
    assert progress.requirements == RequirementCounts(completed=2, approved=1, total=7)
    assert progress.steps[0].tables[first_id] == TableProgress(2, 1, 3, True, False)
    assert progress_of(outline, {}).requirements == RequirementCounts(0, 0, 7)


def test_the_facts_of_tables_are_read_from_what_is_kept():
    step_id, table_id = ObjectId(), ObjectId()
    kept: dict[str, Any] = {
        "step_id": step_id,
        "started_at": None,
        "completed_material_ids": [],
        "requirement_tables": {
            str(table_id): {
                "completed": [1, 2],
                "approved": [2],
                "is_submitted": True,
                "is_approved": False,
            }
        },
    }
    assert facts_by_step([kept]) == {
        step_id: StepFacts(tables={str(table_id): facts(completed={1, 2}, approved={2})})
    }
