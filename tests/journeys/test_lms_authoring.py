"""LMS: a manager builds a course and a participant studies it, by the document's examples."""

from typing import Any

from tests.factories import stored
from tests.harness import Api
from tests.lms.support import QUESTIONS
from tests.shop.people import join_as


async def test_a_manager_builds_a_course_and_a_participant_studies_it(api: Api):
    author, learner = await join_as(api, "manager"), await join_as(api, "user")

    async def manage(method: str, path: str, body: Any = b"") -> Any:
        reply = await api.call(method, path, body, token=author.token)
        assert reply.status in (200, 201), reply
        return reply.body

    course = await manage(
        "POST",
        "/courses",
        {
            "name": "Bhakti Shastri Course",
            "description": "In-depth study of Bhagavad-gita",
            "image_url": "https://example.com/image.jpg",
            "is_default": False,
            "previous_course_id": None,
            "order_index": 0,
        },
    )
    assert (await manage("PUT", f"/courses/{course['id']}/set-default"))["is_default"] is True
    introduction = await manage(
        "POST",
        "/steps",
        {"course_id": course["id"], "name": "Step 1: Introduction", "description": "Basics"},
    )
    advanced = await manage(
        "POST",
        "/steps",
        {
            "course_id": course["id"],
            "name": "Step 2: Advanced Concepts",
            "description": "Deeper understanding",
            "order_index": 1,
            "previous_step_id": introduction["id"],
            "unlock_on_exam_pass": True,
        },
    )
    video = await manage(
        "POST",
        f"/steps/{introduction['id']}/materials",
        {
            "material_type": "Video",
            "title": "Introduction Video",
            "description": "Watch this video first",
            "content": {"url": "https://youtube.com/watch?v=example"},
            "order_index": 0,
            "is_mandatory": True,
        },
    )
    book = {"url": "https://example.com/gita", "title": "Book Name"}
    await manage(
        "POST",
        f"/steps/{advanced['id']}/materials",
        {"material_type": "BookLink", "title": "Bhagavad-gita", "content": book},
    )
    form = await manage(
        "POST",
        "/forms",
        {
            "name": "Step 1 Exam",
            "description": "Test your knowledge",
            "step_id": introduction["id"],
            "duration_minutes": 30,
            "passing_marks": 30,
            "total_marks": 50,
            "max_attempts": 3,
            "passing_percentage": 60.0,
            "questions": QUESTIONS,
        },
    )
    await manage(
        "POST",
        f"/courses/{course['id']}/steps/reorder",
        {
            "step_orders": [
                {"step_id": introduction["id"], "order_index": 1},
                {"step_id": advanced["id"], "order_index": 2},
            ]
        },
    )

    token = learner.token
    seen = (await api.get(f"/courses/{course['id']}", token=token)).body
    assert [(each["id"], each["is_locked"]) for each in seen["steps"]] == [
        (introduction["id"], False),
        (advanced["id"], True),
    ]
    locked = (await api.get(f"/steps/{advanced['id']}", token=token)).body
    assert [each["content"] for each in locked["materials"]] == [None]
    assert await stored(api, "enrollments") == []

    path = f"/courses/enroll-default?participant_id={learner.id}"
    assert (await api.post(path, token=token)).body == {
        "message": "Enrolled in default course",
        "course_id": course["id"],
        "course_name": "Bhakti Shastri Course",
        "current_step_id": introduction["id"],
    }
    path = f"/materials/{video['id']}/complete?participant_id={learner.id}"
    assert (await api.post(path, token=token)).body == {
        "message": "Material marked as complete",
        "material_id": video["id"],
    }
    path = f"/steps/{introduction['id']}/materials-complete?participant_id={learner.id}"
    assert (await api.post(path, token=token)).body == {
        "message": "All materials marked as complete",
        "can_take_exam": True,
        "exam_id": form["id"],
    }
    path = f"/steps/{introduction['id']}?participant_id={learner.id}"
    seen = (await api.get(path, token=token)).body
    assert seen["progress"] == {
        "is_started": True,
        "materials_completed": True,
        "completed_materials_count": 1,
        "total_materials": 1,
        "exam_status": "NotStarted",
    }
    # Only the exam opens the next step; without gating, the materials do.
    path = f"/steps/{advanced['id']}"
    assert (await api.get(path, token=token)).body["is_locked"] is True
    await manage("PUT", f"/steps/{introduction['id']}", {"unlock_on_exam_pass": False})
    opened = (await api.get(path, token=token)).body
    assert (opened["is_locked"], opened["materials"][0]["content"]) == (False, book)
