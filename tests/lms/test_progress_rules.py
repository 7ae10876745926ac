"""What progress is made of (CONTRACT section 6)."""

from collections.abc import Mapping

from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from services.lms.outline import CourseOutline, MaterialOutline, StepOutline
from services.lms.progress_rules import CourseProgress, StepFacts, facts_by_step, progress_of
from services.lms.statuses import AttemptStatus, ExamStatus


def step(*, exam: bool = False, gates: bool = True, mandatory: int = 0, optional: int = 0):
    """A step with so many materials, and an exam that has to be passed unless it does not gate."""
    materials = [MaterialOutline(ObjectId(), True) for _ in range(mandatory)]
    materials += [MaterialOutline(ObjectId(), False) for _ in range(optional)]
    return StepOutline(
        id=ObjectId(),
        name="Step",
        description="",
        exam_id=ObjectId() if exam else None,
        unlock_on_exam_pass=gates,
        materials=tuple(materials),
    )


def course(*steps: StepOutline, default: StepOutline | None = None) -> CourseOutline:
    return CourseOutline(ObjectId(), 1, steps, None if default is None else default.id)


def studied(of: StepOutline) -> StepFacts:
    return StepFacts(is_started=True, completed_ids=of.mandatory_ids)


def attempted(of: StepOutline, status: AttemptStatus) -> StepFacts:
    return StepFacts(True, of.mandatory_ids, status, of.exam_id)


def locks(progress: CourseProgress) -> list[bool]:
    return [state.is_locked for state in progress.steps]


def test_the_first_step_is_open_and_the_others_wait():
    outline = course(step(mandatory=1), step(mandatory=1), step(mandatory=1))
    progress = progress_of(outline, {})
    assert locks(progress) == [False, True, True]
    assert progress.current is progress.steps[0]
    assert (progress.completed_steps, progress.percentage) == (0, 0)


def test_without_an_exam_the_mandatory_materials_open_the_next_step():
    first, second = step(mandatory=2, optional=1), step(mandatory=1)
    half = StepFacts(True, frozenset([*first.mandatory_ids][:1]))
    assert locks(progress_of(course(first, second), {first.id: half})) == [False, True]
    progress = progress_of(course(first, second), {first.id: studied(first)})
    assert locks(progress) == [False, False]
    assert progress.current is progress.steps[1]
    assert (progress.completed_steps, progress.percentage) == (1, 50)


def test_with_an_exam_only_its_approval_opens_the_next_step():
    first, second = step(exam=True, mandatory=1), step()
    outline = course(first, second)
    assert locks(progress_of(outline, {first.id: studied(first)})) == [False, True]
    for status in AttemptStatus:
        facts = {first.id: attempted(first, status)}
        is_approved = status is AttemptStatus.APPROVED
        assert locks(progress_of(outline, facts)) == [False, not is_approved]


def test_an_exam_that_does_not_gate_leaves_it_to_the_materials():
    first, second = step(exam=True, gates=False, mandatory=1), step()
    progress = progress_of(course(first, second), {first.id: studied(first)})
    assert locks(progress) == [False, False]
    assert progress.steps[0].exam_status is ExamStatus.NOT_STARTED


def test_nothing_is_locked_for_managers():
    outline = course(step(mandatory=1), step(mandatory=1), step(mandatory=1))
    assert locks(progress_of(outline, {}, unlocks_all=True)) == [False, False, False]


def test_an_empty_step_is_passed_through_but_not_before_it_is_reached():
    first, empty, last = step(mandatory=1), step(), step(mandatory=1)
    outline = course(first, empty, last)
    assert [state.is_completed for state in progress_of(outline, {}).steps] == [False] * 3
    reached = progress_of(outline, {first.id: studied(first)})
    assert [state.is_completed for state in reached.steps] == [True, True, False]
    assert locks(reached) == [False, False, False]


def test_a_course_is_complete_with_its_last_step():
    first, second = step(mandatory=1), step(exam=True)
    facts = {first.id: studied(first)}
    assert not progress_of(course(first, second), facts).is_completed
    done = progress_of(
        course(first, second),
        {**facts, second.id: attempted(second, AttemptStatus.APPROVED)},
    )
    assert done.is_completed
    assert (done.completed_steps, done.percentage) == (2, 100)
    assert done.current is done.steps[1]


def test_a_course_that_is_still_empty_is_not_complete():
    assert not progress_of(course(), {}).is_completed
    assert not progress_of(course(step()), {}).is_completed
    assert progress_of(course(), {}).current is None


def test_the_named_step_is_where_newcomers_begin():
    first, second = step(mandatory=1), step(mandatory=1)
    outline = course(first, second, default=second)
    assert progress_of(outline, {}).current == progress_of(outline, {}).steps[1]
    begun = progress_of(outline, {first.id: StepFacts(is_started=True)})
    assert begun.current is begun.steps[0]


def test_an_exam_in_the_place_of_another_begins_anew_save_for_who_passed():
    one = step(exam=True, mandatory=1)
    other = ObjectId()
    for status, shown in [
        (AttemptStatus.REJECTED, ExamStatus.NOT_STARTED),
        (AttemptStatus.SUBMITTED, ExamStatus.NOT_STARTED),
        (AttemptStatus.APPROVED, ExamStatus.APPROVED),
    ]:
        facts = {one.id: StepFacts(True, one.mandatory_ids, status, other)}
        assert progress_of(course(one), facts).steps[0].exam_status is shown


def test_materials_that_are_gone_do_not_count():
    one = step(mandatory=1, optional=1)
    facts = StepFacts(True, one.mandatory_ids | {ObjectId()})
    state = progress_of(course(one), {one.id: facts}).steps[0]
    assert state.completed_ids == one.mandatory_ids


def test_facts_are_read_from_what_is_kept():
    step_id, material_id, form_id = ObjectId(), ObjectId(), ObjectId()
    kept = {
        "step_id": step_id,
        "started_at": None,
        "completed_material_ids": [material_id],
        "exam": {"attempt_id": ObjectId(), "form_id": form_id, "status": "UnderReview"},
    }
    assert facts_by_step([kept]) == {
        step_id: StepFacts(False, frozenset([material_id]), AttemptStatus.UNDER_REVIEW, form_id)
    }


_steps = st.builds(
    step,
    exam=st.booleans(),
    gates=st.booleans(),
    mandatory=st.integers(0, 3),
    optional=st.integers(0, 2),
)


@st.composite
def _courses(draw: st.DrawFn) -> tuple[CourseOutline, Mapping[ObjectId, StepFacts]]:
    steps = draw(st.lists(_steps, max_size=6))
    facts = {}
    for each in steps:
        if draw(st.booleans()):
            done = draw(st.sets(st.sampled_from(sorted(each.material_ids) or [ObjectId()])))
            status = draw(st.none() | st.sampled_from(AttemptStatus))
            facts[each.id] = StepFacts(True, frozenset(done), status, each.exam_id)
    return course(*steps), facts


@given(_courses())
def test_a_step_is_open_exactly_when_the_one_before_is_complete(made):
    progress = progress_of(*made)
    before = True
    for state in progress.steps:
        assert state.is_locked is not before
        before = state.is_completed


@given(_courses(), st.data())
def test_doing_more_never_closes_what_was_open(made, data):
    outline, facts = made
    if not outline.steps:
        return
    chosen = data.draw(st.sampled_from(outline.steps))
    before = facts.get(chosen.id, StepFacts())
    more = StepFacts(True, chosen.material_ids, before.attempt, before.form_id)
    was, now = progress_of(outline, facts), progress_of(outline, {**facts, chosen.id: more})
    for old, new in zip(was.steps, now.steps, strict=True):
        assert new.is_completed >= old.is_completed
        assert new.is_locked <= old.is_locked
