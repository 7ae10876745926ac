"""What lists show of a participant's progress in a course, kept in the enrollment.

A summary is

    outline_version      int, that of the outline it was made by; of another version it is stale
    is_completed         bool
    current_step         {"step_id": ObjectId, "name": str, "order_index": int} or None
    completed_steps, total_steps, percentage    int
    is_started, materials_completed, exam_status    of the current step; exam_status a str
    requirements         {"completed": int, "approved": int, "total": int}, rows of all
                         requirement tables of the course
"""

from dataclasses import asdict

from repositories.types import Document
from services.lms.progress_rules import CourseProgress, StepState
from services.lms.statuses import ExamStatus


def summary_of(progress: CourseProgress, outline_version: int) -> Document:
    """The summary of a participant's own progress, with locks as they are for everybody."""
    current = progress.current
    return {
        "outline_version": outline_version,
        "is_completed": progress.is_completed,
        "current_step": None if current is None else _current_step(progress, current),
        "completed_steps": progress.completed_steps,
        "total_steps": len(progress.steps),
        "percentage": progress.percentage,
        "is_started": current is not None and current.is_started,
        "materials_completed": current is not None and current.materials_completed,
        "exam_status": (ExamStatus.NOT_STARTED if current is None else current.exam_status).value,
        "requirements": asdict(progress.requirements),
    }


def _current_step(progress: CourseProgress, current: StepState) -> Document:
    return {
        "step_id": current.step.id,
        "name": current.step.name,
        "order_index": next(i for i, state in enumerate(progress.steps) if state is current),
    }
