"""The routes of courses."""

from handlers.access import MANAGERS
from handlers.lms.course_views import CourseDetailsView, CourseView, Done, EnrolledView
from handlers.lms.courses import (
    CourseChanges,
    CourseHandler,
    CoursesHandler,
    DefaultCourseHandler,
    EnrollDefaultHandler,
    EnrollHandler,
    NewCourse,
    ReorderHandler,
    StepOrders,
)
from handlers.lms.queries import CoursesQuery, ParticipantQuery
from handlers.routing import SIGNED_IN, Route
from services.lms.errors import AnotherParticipant, CourseNotFound

_COURSES = "/courses"
_COURSE = f"{_COURSES}/{{course_id}}"

ROUTES = (
    Route("GET", _COURSES, CoursesHandler, SIGNED_IN, answer=list[CourseView], query=CoursesQuery),
    Route("POST", _COURSES, CoursesHandler, MANAGERS, NewCourse, CourseView, status=201),
    Route(
        "GET", _COURSE, CourseHandler, SIGNED_IN, answer=CourseDetailsView, errors=(CourseNotFound,)
    ),
    Route(
        "PUT", _COURSE, CourseHandler, MANAGERS, CourseChanges, CourseView, errors=(CourseNotFound,)
    ),
    Route("DELETE", _COURSE, CourseHandler, MANAGERS, status=204, errors=(CourseNotFound,)),
    Route(
        "PUT",
        f"{_COURSE}/set-default",
        DefaultCourseHandler,
        MANAGERS,
        answer=CourseView,
        errors=(CourseNotFound,),
    ),
    Route(
        "POST",
        f"{_COURSES}/enroll-default",
        EnrollDefaultHandler,
        SIGNED_IN,
        answer=EnrolledView,
        query=ParticipantQuery,
        errors=(AnotherParticipant,),
    ),
    Route(
        "POST",
        f"{_COURSE}/steps/reorder",
        ReorderHandler,
        MANAGERS,
        StepOrders,
        Done,
        errors=(CourseNotFound,),
    ),
    Route(
        "POST",
        f"{_COURSE}/enroll",
        EnrollHandler,
        SIGNED_IN,
        answer=EnrolledView,
        query=ParticipantQuery,
        errors=(AnotherParticipant, CourseNotFound),
    ),
)
